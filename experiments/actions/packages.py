"""A published release has its package: what describes it, and one file with all."""

from django.db import transaction

from centre import audit, vault
from experiments import analysis as bridge
from experiments.models import PackageFile, Release
from experiments.packages.building import ZIP


def keep(release: Release) -> str:
    """The package is in the vault; return the hash of the whole. Called inside the act that publishes the release."""
    made = bridge.package(release)
    rows = [
        PackageFile(
            release=release,
            name=file.name,
            sha256=vault.put_bytes(file.content).sha256,
            size=len(file.content),
            media_type=file.media_type,
        )
        for file in made
    ]
    PackageFile.objects.bulk_create(rows)
    return next(row.sha256 for row in rows if row.name == ZIP)


def make_missing() -> int:
    """Releases that were published before there were packages have theirs; return how many."""
    without = Release.objects.published().filter(package_files=None).values_list("pk", flat=True)
    return sum(_make(pk) for pk in list(without))


@transaction.atomic
def _make(pk: int) -> bool:
    release = Release.objects.select_for_update(of=("self",)).for_verification().get(pk=pk)
    if not release.is_published or release.package_files.exists():
        return False
    detail = {"release": str(release.public_id), "package": keep(release)}
    audit.record("release.packaged", subject=release.trial, by=None, detail=detail)
    return True
