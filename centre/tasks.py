"""Celery entries of the Centre."""

from celery import shared_task

from centre import runs


@shared_task(name="centre.sweep_runs")
def sweep_runs() -> None:
    """Look once for forgotten and abandoned runs."""
    runs.sweep()
