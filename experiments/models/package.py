"""What is added to a release when it is published: the files that describe it, and the zip file of all."""

from django.db import models

from experiments.models.kept_file import KeptFile
from experiments.models.release import Release


class PackageFile(KeptFile):
    """One file of a release's package, written by code alone from the files that were cleared."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="package_files")

    class Meta(KeptFile.Meta):
        constraints = (
            models.UniqueConstraint(fields=("release", "name"), name="experiments_package_file_once"),
        )
