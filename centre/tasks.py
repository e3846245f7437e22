"""Celery entries of the Centre."""

from celery import shared_task

from centre import heads, heartbeats, invitations, retention, runs
from centre.accounts import locks
from centre.hub import panelling, placing, receiving, scanning
from centre.hub.actions import panels, place_scans, submissions, trend_scans
from centre.webhooks import outbox


@shared_task(name="centre.sweep_runs")
def sweep_runs() -> None:
    """Look once for forgotten and abandoned runs."""
    runs.sweep()
    heartbeats.heard("sweep")


@shared_task(name="centre.publish_head")
def publish_head() -> None:
    """Publish the head of the day, where it is not yet."""
    heads.publish()


@shared_task(
    name="centre.mail_invitation", autoretry_for=(OSError,), retry_backoff=30, retry_kwargs={"max_retries": 5}
)
def mail_invitation(order: str) -> None:
    """Mail a link; a mail server that does not answer is asked again, for some minutes."""
    public_id, locked = order.split(" ")
    invitations.mail(public_id, locks.unlock(locked))


@shared_task(name=outbox.DOORBELL)
def send_webhooks(_: str = "") -> None:
    """Send the messages whose time has come."""
    outbox.send_due()


@shared_task(name="centre.keep_retention")
def keep_retention() -> None:
    """Take away what has been kept for its time."""
    retention.keep()


@shared_task(name=submissions.TASK)
def receive_submission(run_id: str) -> None:
    """Examine a staged archive of monthly files."""
    runs.execute(run_id, receiving.receive, on_failed=receiving.discard_staged)


@shared_task(name=trend_scans.TASK)
def scan_trends(run_id: str) -> None:
    """Judge every series of the hub."""
    runs.execute(run_id, scanning.scan)


@shared_task(name=place_scans.TASK)
def scan_places(run_id: str) -> None:
    """Find where within a force something rises."""
    runs.execute(run_id, placing.find)


@shared_task(name="centre.request_trend_scan")
def request_trend_scan() -> None:
    """Ask for the scan of the month, where there is none yet."""
    trend_scans.request_due()


@shared_task(name=panels.TASK)
def receive_panel(run_id: str) -> None:
    """Read a staged panel."""
    runs.execute(run_id, panelling.receive, on_failed=panelling.discard_staged)
