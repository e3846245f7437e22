"""What is new in trials: registered, amended, results out or taken back. Public rows alone, whoever asks."""

import datetime as dt
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from centre.feeds import Entry
from experiments.models import Registration, Release, Trial


def _public_at(prefix: str = "") -> Coalesce:
    return Coalesce(f"{prefix}public_from", f"{prefix}registered_at", f"{prefix}created_at")


def registrations() -> QuerySet[Any]:
    """Return the trials, each new when the public could see it: when it was registered, or its embargo ended."""
    found: QuerySet[Any] = Trial.objects.public().annotate(new_at=_public_at()).defer("protocol")
    return found


def amendments(*, under_embargo: bool = False) -> QuerySet[Any]:
    """Return the later versions; those of the time under the embargo, dated by its end, where they are asked for."""
    later = Registration.objects.filter(trial__in=Trial.objects.public(), previous__isnull=False)
    dated = later.annotate(
        public_at=_public_at("trial__"), new_at=Greatest("registered_at", _public_at("trial__"))
    )
    found: QuerySet[Any] = dated.select_related("trial", "amendment").defer(
        "protocol", "trial__protocol", "amendment__protocol"
    )
    return found if under_embargo else found.filter(registered_at__gte=F("public_at"))


def results() -> QuerySet[Any]:
    """Return the releases that are or were out: each new when it came out, and once more when it was taken back."""
    out = Release.objects.filter(trial__in=Trial.objects.public(), published_at__isnull=False)
    found: QuerySet[Any] = out.annotate(
        new_at=Greatest(Coalesce("withdrawn_at", "published_at"), _public_at("trial__"))
    )
    return found.select_related("trial", "analysis").defer("document", "trial__protocol")


def entry(row: Any) -> Entry:
    """Return a row of one of these questions in words."""
    if isinstance(row, Trial):
        return _registered(row)
    return _amended(row) if isinstance(row, Registration) else _result(row)


def _registered(trial: Any) -> Entry:
    return Entry(
        trial.new_at,
        "registered",
        f"{simulated(trial)}Registered: {trial.title}",
        reverse("trial-detail", args=[trial.ref]),
        f"Trial {trial.number} is in the registry.",
        f"trial:{trial.number}:registered",
        _about(trial, "registered", trial.registered_at),
    )


def _amended(version: Any) -> Entry:
    trial, amendment = version.trial, getattr(version, "amendment", None)
    reason = f" Reason: {amendment.get_reason_code_display().lower()}." if amendment else ""
    return Entry(
        version.new_at,
        f"version-{version.version}",
        f"{simulated(trial)}Amended, version {version.version}: {trial.title}",
        reverse("trial-version", args=[trial.ref, version.version]),
        f"The protocol of trial {trial.number} has changed.{reason}",
        f"trial:{trial.number}:version:{version.version}",
        {**_about(trial, "amended", version.registered_at), "version": version.version},
    )


def _result(release: Any) -> Entry:
    trial = release.trial
    release_id = str(release.public_id)
    if release.withdrawn_at:
        return Entry(
            release.new_at,
            f"withdrawn-{release_id}",
            f"{simulated(trial)}Results withdrawn: {trial.title}",
            reverse("trial-detail", args=[trial.ref]),
            f"A release of trial {trial.number} is withdrawn. Reason: {release.withdrawn_reason}",
            f"release:{release_id}:withdrawn",
            {**_about(trial, "withdrawn", release.withdrawn_at), "release": release_id},
        )
    return Entry(
        release.new_at,
        "results",
        f"{simulated(trial)}Results published: {trial.title}",
        reverse("release-detail", args=[trial.ref, release.public_id]),
        f"Results of trial {trial.number} are out.",
        f"release:{release_id}:published",
        {**_about(trial, "published", release.published_at), "release": release_id},
    )


def _about(trial: Trial, kind: str, happened_at: dt.datetime | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "trial": trial.number,
        "happened_at": happened_at,
        "is_simulated": trial.is_simulated,
    }


def simulated(trial: Trial) -> str:
    """Return the word that goes before whatever is invented."""
    return "Simulated. " if trial.is_simulated else ""
