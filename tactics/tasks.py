"""Celery entries of the library: a few lines each."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="tactics.rerate")
def rerate(slug: str) -> None:
    """Pool and rate one tactic again, and tell who follows it; rung when a result, a correction or a rating stands.

    What is public then has its passport.
    """
    call_command("keep_ratings", slug)
    call_command("issue_passports", slug)


@shared_task(name="tactics.keep_ratings")
def keep_ratings(_since: str = "") -> None:
    """Pool and rate every tactic that has evidence: time passes without anybody's act, or the rules are new."""
    call_command("keep_ratings")
