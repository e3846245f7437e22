"""Trials that were there before get their words; PostgreSQL gets an index of trigrams, where it has the extension."""

from typing import Any

from django.db import migrations

from centre.text import folded

_INDEX = "experiments_trial_words"
# A trusted extension may be made by whoever may create in the database; it needs no superuser.
_MAY_MAKE = """
    SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') OR EXISTS (
        SELECT 1 FROM pg_available_extension_versions
        WHERE name = 'pg_trgm' AND trusted AND has_database_privilege(current_database(), 'CREATE')
    )
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the column of each trial."""
    Trial = apps.get_model("experiments", "Trial")
    changed = []
    for trial in Trial.objects.only("title", "number").iterator(chunk_size=500):
        trial.searched_words = folded(f"{trial.title} {trial.number or ''}")
        changed.append(trial)
    Trial.objects.bulk_update(changed, ["searched_words"], batch_size=500)


def add_index(apps: Any, schema_editor: Any) -> None:
    """Add the index; without the extension the same rows are found by reading them all."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_MAY_MAKE)
        if not cursor.fetchone()[0]:
            return
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute(f"CREATE INDEX {_INDEX} ON experiments_trial USING gin (searched_words gin_trgm_ops)")


def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop the index, and leave the extension: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {_INDEX}")


class Migration(migrations.Migration):
    dependencies = [("experiments", "0018_searched_words")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(add_index, drop_index),
    ]
