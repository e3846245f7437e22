"""What others found is cited beside a tactic, and studies that were not taken in are on a list."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_PERSON = {
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


class Migration(migrations.Migration):
    dependencies = [
        ("tactics", "0003_index_and_fill_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CitedEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("review", "External review"), ("study", "Located study")], max_length=6
                    ),
                ),
                ("outcome", models.CharField(max_length=120)),
                ("says", models.CharField(max_length=600)),
                ("citation", models.CharField(max_length=300)),
                ("doi", models.CharField(blank=True, max_length=80)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "outcome_domain",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tactics.outcomedomain",
                    ),
                ),
                ("recorded_by", models.ForeignKey(**_PERSON)),
                (
                    "tactic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cited_evidence",
                        to="tactics.tactic",
                    ),
                ),
                ("withdrawn_by", models.ForeignKey(null=True, **_PERSON)),
            ],
            options={
                "verbose_name_plural": "cited evidence",
                "ordering": ("kind", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at", None),
                            ("withdrawn_by", None),
                        )
                        | models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                        name="tactics_cited_withdrawn_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedStudy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("study", models.CharField(max_length=200)),
                ("citation", models.CharField(max_length=300)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("no_comparison", "Nothing to compare with"),
                            ("one_unit", "One treated unit, or one to compare with"),
                            ("no_outcome", "No outcome was measured that the library holds"),
                            ("no_estimate", "No effect with its uncertainty can be drawn from it"),
                            ("not_reported", "The report does not say enough to judge it"),
                            ("same_data", "The same data as a study that was taken in"),
                            ("other_tactic", "Another tactic than the one it is named for"),
                            ("other", "Another reason"),
                        ],
                        max_length=16,
                    ),
                ),
                ("explanation", models.CharField(max_length=600)),
                ("is_simulated", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=600)),
                ("decided_by", models.ForeignKey(**_PERSON)),
                (
                    "tactic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rejected_studies",
                        to="tactics.tactic",
                    ),
                ),
                ("withdrawn_by", models.ForeignKey(null=True, **_PERSON)),
            ],
            options={
                "verbose_name_plural": "rejected studies",
                "ordering": ("-decided_at", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at", None), ("withdrawn_because", ""), ("withdrawn_by", None)
                        )
                        | models.Q(
                            ("withdrawn_at__isnull", False),
                            ("withdrawn_by__isnull", False),
                            models.Q(("withdrawn_because", ""), _negated=True),
                        ),
                        name="tactics_rejected_withdrawn_whole",
                    )
                ],
            },
        ),
    ]
