"""Who of the service's parts was heard from, and when: written by each part itself."""

from django.db import models

from centre.clock import database_now
from centre.models import Heartbeat


def heard(name: str) -> None:
    """The part is alive now, by the database's clock."""
    Heartbeat.objects.update_or_create(name=name[:120], defaults={"at": database_now()})


def gone(name: str) -> None:
    """The part ended in good order: nobody waits to hear from it."""
    Heartbeat.objects.filter(name=name[:120]).delete()


def ages() -> dict[str, float]:
    """Return how many seconds ago each part was heard from."""
    now = database_now()
    rows: models.QuerySet[Heartbeat] = Heartbeat.objects.all()
    return {row.name: (now - row.at).total_seconds() for row in rows}
