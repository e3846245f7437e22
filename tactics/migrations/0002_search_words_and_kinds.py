"""What a search looks into has tables of its own; a tactic says the kind of its place and of its people."""

import django.db.models.deletion
from django.db import migrations, models

from tactics.kinds import POPULATIONS, SETTINGS


class Migration(migrations.Migration):
    dependencies = [("tactics", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="tactic",
            name="setting_kind",
            field=models.CharField(blank=True, choices=list(SETTINGS.items()), default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="tactic",
            name="population_kind",
            field=models.CharField(blank=True, choices=list(POPULATIONS.items()), default="", max_length=20),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="TacticWords",
            fields=[
                (
                    "tactic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="tactics.tactic",
                    ),
                ),
                ("name", models.TextField(blank=True)),
                ("problems", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
            ],
            options={"verbose_name_plural": "words of tactics"},
        ),
        migrations.CreateModel(
            name="LibraryWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, unique=True)),
                ("stem", models.CharField(db_index=True, max_length=40)),
            ],
            options={"ordering": ("word",)},
        ),
    ]
