"""What somebody must look at: a part that was not heard from, work that nobody takes, a backup or head that is old."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.conf import settings

from centre import heartbeats
from centre.clock import database_now
from centre.models import AuditEvent, AuditHead, Run

FORGOTTEN_SECONDS = 3600  # a lost worker is spoken of for so long; after that, those that are there count


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong: a name that `docs/operations.md` explains, and a sentence."""

    name: str
    sentence: str


def ringing() -> list[Alarm]:
    """Return what is wrong now; empty where all is well."""
    ages, now = heartbeats.ages(), database_now()
    return list(chain(_parts(ages), _workers(ages), _waiting(now), _backup(ages), _head(now)))


def fresh_workers(ages: dict[str, float]) -> list[str]:
    """Return the workers that were heard from lately."""
    return [name for name, age in ages.items() if _is_worker(name) and age <= settings.ALARM_SILENCE_SECONDS]


def oldest_queued_seconds(now: datetime) -> float:
    """Return how long the oldest waiting run has waited: a worker that says it lives may still take nothing."""
    queued = Run.objects.filter(state=Run.State.QUEUED).order_by("created_at")
    first = queued.values_list("created_at", flat=True).first()
    return (now - first).total_seconds() if first else 0.0


def _parts(ages: dict[str, float]) -> list[Alarm]:
    words = (
        ("beat", "beat-silent", "The timetable (beat) was last heard from"),
        ("sweep", "sweep-stale", "The last sweep of the runs, which a worker does as beat asks, was"),
    )
    return [
        Alarm(name, f"{start} {_ago(ages[part]) if part in ages else 'never'}.")
        for part, name, start in words
        if ages.get(part, float("inf")) > settings.ALARM_SILENCE_SECONDS
    ]


def _workers(ages: dict[str, float]) -> list[Alarm]:
    if not fresh_workers(ages):
        return [Alarm("no-worker", "No worker is there: long work waits until one is started.")]
    return [
        Alarm("worker-silent", f"The {name} was last heard from {_ago(age)}, and did not say that it ends.")
        for name, age in ages.items()
        if _is_worker(name) and settings.ALARM_SILENCE_SECONDS < age < FORGOTTEN_SECONDS
    ]


def _waiting(now: datetime) -> list[Alarm]:
    waited = oldest_queued_seconds(now)
    if waited <= settings.ALARM_WAITING_SECONDS:
        return []
    return [Alarm("run-waiting", f"A run has waited {waited:.0f} seconds for a worker.")]


def _backup(ages: dict[str, float]) -> list[Alarm]:
    longest = settings.ALARM_BACKUP_HOURS * 3600
    if not longest or ages.get("backup", float("inf")) <= longest:
        return []
    if "backup" not in ages:
        return [Alarm("backup-stale", "There has never been a whole backup.")]
    return [Alarm("backup-stale", f"The last whole backup was made {_ago(ages['backup'])}.")]


def _head(now: datetime) -> list[Alarm]:
    longest = settings.ALARM_HEAD_HOURS * 3600
    newest = AuditHead.objects.order_by("-day").values_list("at", flat=True).first()
    since = newest or AuditEvent.objects.order_by("pk").values_list("at", flat=True).first()
    if since is None or (age := (now - since).total_seconds()) <= longest:
        return []
    return [Alarm("head-stale", f"No head of the audit log was published for {age / 3600:.0f} hours.")]


def _is_worker(name: str) -> bool:
    return name.startswith("worker ")


def _ago(seconds: float) -> str:
    if seconds < 180:
        return f"{seconds:.0f} seconds ago"
    return f"{seconds / 60:.0f} minutes ago" if seconds < 10_800 else f"{seconds / 3600:.0f} hours ago"
