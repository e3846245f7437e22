"""What is new in the registry, as Atom: trials registered, versions changed, results published. Public rows alone."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.views import View

from centre.api.conditional import tag
from experiments.models import Registration, Release, Trial

LONGEST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is new."""

    at: dt.datetime
    key: str  # tells entries at one address apart, for ever
    title: str
    url: str
    words: str


class RegistryFeed(View):
    """Everything that is new in public trials, whoever asks."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the newest entries."""
        return _answer(request, "Trial registry", reverse("trial-list"), entries(None))


class TrialFeed(View):
    """What is new in one public trial. One that is not public has no feed, for nobody."""

    def get(self, request: HttpRequest, ref: str) -> HttpResponseBase:
        """Answer the newest entries."""
        trial = get_object_or_404(Trial.objects.public().by_ref(ref))
        title = f"{_simulated(trial)}{trial.title}"
        return _answer(request, title, reverse("trial-detail", args=[trial.ref]), entries(trial))


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
    found = [_registered(one) for one in trials.defer("protocol")[:LONGEST]]
    found += [
        _amended(one)
        for one in versions.select_related("trial", "amendment").defer(
            "protocol", "trial__protocol", "amendment__protocol"
        )[:LONGEST]
        if trial is not None or one.registered_at >= _public_from(one.trial)
    ]
    found += [
        _published(one)
        for one in results.select_related("trial", "analysis").defer("document", "trial__protocol")[:LONGEST]
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[:LONGEST]


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


def _answer(request: HttpRequest, title: str, path: str, found: list[Entry]) -> HttpResponseBase:
    """Return the feed, or 304 where the reader has it.

    The tag alone decides: an entry that has left (a release taken back) makes the newest no newer.
    """
    place = request.build_absolute_uri
    feed = Atom1Feed(
        title=f"{title} – Tactic Registry",
        link=place(path),
        description=None,
        language="en-GB",
        feed_url=place(request.path),
    )
    for entry in found:
        feed.add_item(
            title=entry.title,
            link=place(entry.url),
            description=entry.words,
            unique_id=f"{place(entry.url)}#{entry.key}",
            updateddate=entry.at,
            pubdate=entry.at,
        )
    feed.latest_post_date = lambda: found[0].at if found else dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # type: ignore[method-assign]
    response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    response["Cache-Control"] = "no-cache"
    response["ETag"] = tag(response.content)
    if found:
        response["Last-Modified"] = http_date(found[0].at.timestamp())
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
