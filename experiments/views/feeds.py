"""What is new in the registry, as Atom: trials registered, versions changed, results published. Public rows alone."""

import datetime as dt

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View

from centre import feeds
from centre.feeds import Entry
from experiments.models import Registration, Release, Trial


class RegistryFeed(View):
    """Everything that is new in public trials, whoever asks."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the newest entries."""
        return feeds.answer(request, "Trial registry", reverse("trial-list"), entries(None))


class TrialFeed(View):
    """What is new in one public trial. One that is not public has no feed, for nobody."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponseBase:
        """Answer the newest entries."""
        trial = get_object_or_404(Trial.objects.public().by_ref(ref))
        title = f"{_simulated(trial)}{trial.title}"
        return feeds.answer(request, title, reverse("trial-detail", args=[trial.ref]), entries(trial))


def entries(trial: Trial | None) -> list[Entry]:
    """Return what is new, newest first.

    A trial is new when the public may see it: when it was registered or when its embargo ended. What happened under
    the embargo is dated by its end, and stands in the trial's own feed alone.
    """
    public = Trial.objects.public()
    trials = public.order_by("-public_from", "-pk")
    versions = Registration.objects.filter(trial__in=public, previous__isnull=False).order_by(
        "-registered_at"
    )
    results = Release.objects.published().filter(trial__in=public).order_by("-published_at")
    if trial is not None:
        trials, versions, results = (
            trials.filter(pk=trial.pk),
            versions.filter(trial=trial),
            results.filter(trial=trial),
        )
    found = [_registered(one) for one in trials.defer("protocol")[: feeds.LONGEST]]
    found += [
        _amended(one)
        for one in versions.select_related("trial", "amendment").defer(
            "protocol", "trial__protocol", "amendment__protocol"
        )[: feeds.LONGEST]
        if trial is not None or one.registered_at >= _public_from(one.trial)
    ]
    found += [
        _published(one)
        for one in results.select_related("trial", "analysis").defer("document", "trial__protocol")[
            : feeds.LONGEST
        ]
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[: feeds.LONGEST]


def _registered(trial: Trial) -> Entry:
    return Entry(
        _public_from(trial),
        "registered",
        f"{_simulated(trial)}Registered: {trial.title}",
        reverse("trial-detail", args=[trial.ref]),
        f"Trial {trial.number} is in the registry.",
    )


def _amended(version: Registration) -> Entry:
    trial, amendment = version.trial, getattr(version, "amendment", None)
    reason = f" Reason: {amendment.get_reason_code_display().lower()}." if amendment else ""
    return Entry(
        max(version.registered_at, _public_from(trial)),
        f"version-{version.version}",
        f"{_simulated(trial)}Amended, version {version.version}: {trial.title}",
        reverse("trial-version", args=[trial.ref, version.version]),
        f"The protocol of trial {trial.number} has changed.{reason}",
    )


def _published(release: Release) -> Entry:
    trial = release.trial
    assert release.published_at is not None  # noqa: S101  says to the type checker what the query has made sure of
    return Entry(
        max(release.published_at, _public_from(trial)),
        "results",
        f"{_simulated(trial)}Results published: {trial.title}",
        reverse("release-detail", args=[trial.ref, release.public_id]),
        f"Results of trial {trial.number} are out.",
    )


def _public_from(trial: Trial) -> dt.datetime:
    return trial.public_from or trial.registered_at or trial.created_at


def _simulated(trial: Trial) -> str:
    return "Simulated. " if trial.is_simulated else ""
