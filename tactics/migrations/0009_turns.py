"""Each tactic has a count of its changes; triggers, which every migrate puts in place, count them."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def begin(apps: Any, schema_editor: Any) -> None:
    """Count what there is once."""
    Turn = apps.get_model("tactics", "TacticTurn")
    keys = apps.get_model("tactics", "Tactic").objects.values_list("pk", flat=True)
    Turn.objects.bulk_create([Turn(tactic_id=key) for key in keys], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("tactics", "0008_hours_account")]

    operations = [
        migrations.CreateModel(
            name="TacticTurn",
            fields=[
                (
                    "tactic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tactics.tactic",
                    ),
                ),
                ("n", models.PositiveBigIntegerField(default=1)),
            ],
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
