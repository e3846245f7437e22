"""Releases that were published before get their rows of the tidy table. On the way back the table goes as a whole."""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the rows of every published release, withdrawn ones too: who may see which is asked at reading."""
    from experiments.analysis.tidy import rows

    Release = apps.get_model("experiments", "Release")
    ReleasedEstimate = apps.get_model("experiments", "ReleasedEstimate")
    published = Release.objects.filter(published_at__isnull=False)
    joined = ("trial", "analysis__trial", "analysis__registration", "analysis__run", "analysis__dataset")
    for release in published.select_related(*joined).iterator(chunk_size=200):
        ReleasedEstimate.objects.bulk_create(
            ReleasedEstimate(release=release, **row) for row in rows(release)
        )


class Migration(migrations.Migration):
    dependencies = [("experiments", "0027_released_estimates")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
