"""Celery entries of the Centre."""

from celery import shared_task

from centre import heads, runs


@shared_task(name="centre.sweep_runs")
def sweep_runs() -> None:
    """Look once for forgotten and abandoned runs."""
    runs.sweep()


@shared_task(name="centre.publish_head")
def publish_head() -> None:
    """Publish the head of the day, where it is not yet."""
    heads.publish()
