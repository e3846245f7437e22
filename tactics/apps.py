"""The tactics app: keeps the library's reference data and triggers in step."""

import csv
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

REFERENCE = Path(__file__).parent / "reference"


class TacticsConfig(AppConfig):
    """What the Centre knows: tactics, findings, ratings and the public library."""

    name = "tactics"

    def ready(self) -> None:
        """Around every migrate, take the triggers away and put them and the reference rows in place; tell the hub."""
        from centre.hub import known
        from tactics import for_measures

        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(load_reference, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        known.tells("tactics", for_measures.tell)


def drop_triggers(using: str = "default", **_: Any) -> None:
    """Take the triggers away: SQLite rebuilds tables under them, and a rule may read a table that is rebuilt."""
    from centre import triggers
    from tactics.models import separation, turns

    triggers.drop(separation.RULES, using)
    turns.drop(using)


def install_triggers(using: str = "default", **_: Any) -> None:
    """Put the triggers in place."""
    from centre import triggers
    from tactics.models import separation, turns

    triggers.install(separation.RULES, using)
    turns.install(using)


def load_reference(using: str = "default", **_: Any) -> None:
    """Bring outcome domains and problems in step with the reference files."""
    from tactics.models import OutcomeDomain, Problem

    domains = [
        OutcomeDomain(**{**row, "is_proxy_default": bool(row["is_proxy_default"])})
        for row in _rows("outcome_domains.csv")
    ]
    OutcomeDomain.objects.using(using).bulk_create(
        domains,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "counted_as", "description", "benefit", "is_proxy_default"],
    )
    Problem.objects.using(using).bulk_create(
        [Problem(**row) for row in _rows("problems.csv")],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name"],
    )


def _rows(name: str) -> list[dict[str, str]]:
    with open(REFERENCE / name, encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))
