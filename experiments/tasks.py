"""Celery entries of the trial registry: take the id, call the bridge, end."""

from celery import shared_task
from django.core.management import call_command

from centre import runs
from experiments import analysis


@shared_task(name="experiments.ingest")
def ingest(run_id: str) -> None:
    """Check a staged upload."""
    runs.execute(run_id, analysis.ingest, on_failed=analysis.discard_staged)


@shared_task(name="experiments.analyse")
def analyse(run_id: str) -> None:
    """Run an analysis plan."""
    runs.execute(run_id, analysis.analyse)


@shared_task(name="experiments.diagnose")
def diagnose(run_id: str) -> None:
    """Run some replicates of a design diagnosis."""
    runs.execute(run_id, analysis.diagnose)


@shared_task(name="experiments.replicate")
def replicate(run_id: str) -> None:
    """Compute published releases again."""
    runs.execute(run_id, analysis.verify)


@shared_task(name="experiments.snapshot")
def snapshot(run_id: str) -> None:
    """Make a snapshot of the public registry."""
    runs.execute(run_id, analysis.snapshot)


@shared_task(name="experiments.request_snapshot")
def request_snapshot() -> None:
    """Ask for the snapshot of the month, where there is none yet."""
    call_command("request_snapshot")


@shared_task(name="experiments.verify_releases")
def verify_releases() -> None:
    """Ask for the verifications of the night."""
    call_command("verify_releases")


@shared_task(name="experiments.check_trials")
def check_trials() -> None:
    """Run the health checks of the night."""
    call_command("check_trials")


@shared_task(name="experiments.keep_deadlines")
def keep_deadlines() -> None:
    """Let happen what happens by itself: embargoes that end, results that are overdue."""
    call_command("keep_deadlines")


@shared_task(name="experiments.advance_sample")
def advance_sample() -> None:
    """Let the sample people do what waits for them (scheduled in the embedded default only)."""
    call_command("advance_sample")
