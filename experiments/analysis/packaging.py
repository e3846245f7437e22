"""From a published release to the facts that its package is made from."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse

from centre import vault
from experiments.analysis.tidy import rows
from experiments.models import Release, ReleaseCheck
from experiments.packages.building import package as built
from experiments.packages.facts import PUBLISHER, Facts, PackedFile


def package(release: Release) -> list[PackedFile]:
    """Return what is added to the files of a published release, the zip file of everything last."""
    return built(facts(release))


def facts(release: Release) -> Facts:
    """Return what a published release and the registration say."""
    trial, analysis = release.trial, release.analysis
    registration = analysis.registration
    address = settings.PUBLIC_ADDRESS.rstrip("/")
    clearances = [one.at for one in release.checks.all() if one.decision == ReleaseCheck.Decision.CLEAR]
    return Facts(
        address=address,
        release_id=str(release.public_id),
        trial_number=trial.number or "",
        title=trial.title,
        creators=_creators(release),
        tactic=address + reverse("tactic-detail", args=[trial.tactic.slug]) if trial.tactic else "",
        protocol_version=registration.version,
        registration_sha256=registration.sha256,
        registered_at=_moment(registration.registered_at),
        analysis_id=str(analysis.public_id),
        is_registered=analysis.is_registered,
        is_simulated=trial.is_simulated,
        plan=analysis.plan,
        subjects=subjects(release),
        note=release.note,
        document=release.document,
        tidy=tuple(rows(release)),
        has_draw=trial.allocation is not None and trial.allocation.is_drawn,
        data_sha256=analysis.dataset.file_sha256,
        code_version=analysis.run.code_version,
        analysis_requested_at=_moment(analysis.requested_at),
        analysis_finished_at=_moment(analysis.finished_at),
        prepared_at=_moment(release.prepared_at),
        checked_at=tuple(_moment(at) for at in sorted(clearances)),
        published_at=_moment(release.published_at),
        files=tuple(
            PackedFile(file.name, vault.read(file.sha256), file.media_type) for file in release.files.all()
        ),
    )


def subjects(release: Release) -> dict[str, str]:
    """Return what each outcome of the registered protocol is about, by its column."""
    outcomes = release.analysis.registration.frozen_protocol.outcomes
    return {outcome.column: outcome.subject.value for outcome in outcomes if outcome.subject}


def _creators(release: Release) -> tuple[str, ...]:
    """Return the organisations that answer for the trial: its sponsor and its force, or the registry itself.

    Nobody is named as the author of invented data.
    """
    if release.trial.is_simulated:
        return (PUBLISHER,)
    sponsor = release.analysis.registration.frozen_protocol.team.sponsor.strip()
    force = release.trial.lead_force
    named = (sponsor, str(force) if force else "")
    return tuple(dict.fromkeys(name for name in named if name)) or (PUBLISHER,)


def _moment(value: Any) -> str:
    if not isinstance(value, dt.datetime):
        return ""
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
