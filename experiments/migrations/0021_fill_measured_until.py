"""Trials that were there before get the last day that they measure from their protocols. Nothing is lost on the way back."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the column of each trial: the latest of the days at which its protocol may end."""
    Trial = apps.get_model("experiments", "Trial")
    for trial in Trial.objects.iterator(chunk_size=200):
        days = trial.protocol.get("dates") or {}
        named = [(days.get(name) or {}).get("date") for name in ("follow_up_end", "primary_completion")]
        ends = [*named, trial.planned_until.isoformat() if trial.planned_until else None]
        trial.measured_until = max((day for day in ends if day), default=None)
        trial.save(update_fields=["measured_until"])


class Migration(migrations.Migration):
    dependencies = [("experiments", "0020_trials_that_meet")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
