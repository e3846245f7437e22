"""The package of a published release, as pages show it: its files, how to cite it, and its description in the head."""

import json
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from centre import vault
from experiments.models import PackageFile, Release, Trial
from experiments.packages.building import ZIP

# A browser must not find the end of the element inside a text.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@dataclass(frozen=True, slots=True)
class Packaged:
    """A package: the one file with all, the files in it that the checkers did not clear, and what describes it."""

    whole: PackageFile
    files: list[PackageFile]
    citation: str
    linked: SafeString


def packaged(release: Release | None) -> Packaged | None:
    """Return the package of a release; None before it is published."""
    if release is None or not release.is_published:
        return None
    files = {file.name: file for file in release.package_files.all()}
    if ZIP not in files:
        return None
    text = vault.read(files["dataset.jsonld"].sha256).decode()
    linked = json.dumps(said := json.loads(text), ensure_ascii=False).translate(_ESCAPES)
    return Packaged(
        whole=files.pop(ZIP),
        files=list(files.values()),
        citation=said["citation"],
        linked=mark_safe(linked),  # noqa: S308  our own JSON, with <, > and & escaped
    )


def newest_of(trial: Trial) -> Packaged | None:
    """Return the package of the trial's newest published release."""
    return packaged(trial.releases.published().order_by("-published_at").first())
