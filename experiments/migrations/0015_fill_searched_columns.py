"""Trials that were there before get their columns from their protocols. Nothing is lost on the way back."""

import datetime as dt
from typing import Any

from django.db import migrations
from django.utils import timezone

from experiments.protocol.deadlines import REPORT_MONTHS, months_after


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the columns of each trial."""
    problems = dict(apps.get_model("tactics", "Problem").objects.values_list("slug", "pk"))
    Trial = apps.get_model("experiments", "Trial")
    for trial in Trial.objects.iterator(chunk_size=200):
        days = trial.protocol.get("dates") or {}
        completed = _day(days, "primary_completion")
        trial.searched_design = (trial.protocol.get("design") or {}).get("design") or ""
        trial.planned_from = _day(days, "intervention_start") or _day(days, "first_unit")
        trial.planned_until = _day(days, "intervention_end") or _day(days, "follow_up_end") or completed
        trial.results_due_on = months_after(completed, REPORT_MONTHS) if completed else None
        trial.public_from = _public_from(trial)
        trial.save(
            update_fields=[
                "searched_design",
                "planned_from",
                "planned_until",
                "results_due_on",
                "public_from",
            ]
        )
        named = (trial.protocol.get("problem") or {}).get("problem_types") or []
        trial.problems.set([problems[slug] for slug in named if slug in problems])


def _day(days: dict[str, Any], name: str) -> dt.date | None:
    value = (days.get(name) or {}).get("date")
    return dt.date.fromisoformat(value) if value else None


def _public_from(trial: Any) -> dt.datetime | None:
    """Return when it was registered, or the end of the embargo that it was registered with."""
    if trial.registered_at is None:
        return None
    first = trial.registrations.order_by("major", "minor").first()
    until = ((first.protocol if first else {}).get("data") or {}).get("embargo_until")
    if not until:
        return trial.registered_at
    ended = timezone.make_aware(dt.datetime.combine(dt.date.fromisoformat(until), dt.time()))
    return max(trial.registered_at, ended)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0014_searched_columns"), ("tactics", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
