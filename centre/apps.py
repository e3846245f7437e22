"""The Centre's app: makes Celery's app known, and keeps reference data and triggers in step."""

import csv
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate

_FIGURES = [f"{name}{part}" for name in ("officers", "population", "recorded_crime") for part in ("", "_on")]


class CentreConfig(AppConfig):
    """Named here and not in `__init__`, which stays empty for the pure modules."""

    name = "centre"

    def ready(self) -> None:
        """Bind shared tasks to our Celery app; after every migrate, put reference rows and triggers in place."""
        import centre.celery
        import centre.checks  # noqa: F401

        pre_migrate.connect(drop_rules, sender=self)
        post_migrate.connect(load_forces, sender=self)
        post_migrate.connect(load_measures, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        post_migrate.connect(take_imprints, sender=self)
        watch_accounts()


def watch_accounts() -> None:
    """Begin a session's clock at each sign-in; put second factors that come and go on record with what they did."""
    from allauth.mfa.models import Authenticator

    from centre.accounts import factors, sessions

    user_logged_in.connect(sessions.begin, dispatch_uid="centre.sessions")
    post_save.connect(factors.note_new, sender=Authenticator, dispatch_uid="centre.factors")
    post_delete.connect(factors.note_gone, sender=Authenticator, dispatch_uid="centre.factors")


def load_forces(using: str = "default", **_: Any) -> None:
    """Bring the forces in step with the reference file."""
    from centre.models import Force

    file = Path(__file__).parent / "reference" / "forces.csv"
    with open(file, encoding="utf-8", newline="") as source:
        rows = [Force(**_known(row)) for row in csv.DictReader(source)]
    Force.objects.using(using).bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "ons_code", "region", "nation", "kind", *_FIGURES, "figures_note"],
    )


def _known(row: dict[str, str]) -> dict[str, str | None]:
    """Return a row in which a blank figure is not known: it is no nought."""
    return {name: (value or None) if name in _FIGURES else value for name, value in row.items()}


def load_measures(using: str = "default", **_: Any) -> None:
    """Give the dictionary the measures that it does not know yet; those it knows are the Centre's to change."""
    from django.db import connections

    from centre.hub import reference_tables
    from centre.models import Measure

    if using != "default" or Measure._meta.db_table not in connections[using].introspection.table_names():
        return
    known = set(Measure.objects.values_list("key", flat=True))
    shipped = reference_tables.rows("measures.csv")
    Measure.objects.bulk_create([Measure(version=1, **row) for row in shipped if row["key"] not in known])


def drop_rules(using: str = "default", **_: Any) -> None:
    """Take the hub's rules away: SQLite rebuilds a table only while no trigger speaks of it."""
    from centre import triggers
    from centre.models import rules

    triggers.drop(rules.RULES, using)


def install_triggers(using: str = "default", **_: Any) -> None:
    """Put the frozen tables' triggers and the hub's rules in place; every app's tables exist when the signal comes."""
    from centre import frozen, triggers
    from centre.models import rules

    frozen.install(using)
    triggers.install(rules.RULES, using)


def take_imprints(using: str = "default", **_: Any) -> None:
    """Take the imprints of rows that were frozen before there were any, and put on record that it was done now."""
    from centre import audit, imprints

    if using == "default":
        for table, rows in imprints.take_of_tables_without().items():
            audit.record("rows.imprinted", subject=("table", table), by=audit.SYSTEM, detail={"rows": rows})
