from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def decide_by_file(apps: Any, schema_editor: Any) -> None:
    """Say of each file what its checker said of the whole release, which was one decision until now."""
    checks = apps.get_model("experiments", "ReleaseCheck").objects
    decisions = apps.get_model("experiments", "FileDecision").objects
    for check in checks.order_by("pk"):
        reason = (check.comment or "The release as a whole.") if check.decision == "refuse" else ""
        for file in check.release.files.order_by("name"):
            decisions.create(release_check=check, file=file, decision=check.decision, reason=reason)


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0028_fill_released_estimates"),
    ]

    operations = [
        migrations.CreateModel(
            name="FileDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(choices=[("clear", "Clear"), ("refuse", "Refuse")], max_length=8),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="experiments.releasefile",
                    ),
                ),
                (
                    "release_check",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="file_decisions",
                        to="experiments.releasecheck",
                    ),
                ),
            ],
            options={
                "ordering": ("release_check", "file__name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("release_check", "file"), name="experiments_file_decision_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "refuse"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="experiments_file_refused_with_reason",
                    ),
                ],
            },
        ),
        migrations.RunPython(decide_by_file, migrations.RunPython.noop),
    ]
