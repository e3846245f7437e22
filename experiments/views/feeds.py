"""What is new in the registry, as Atom: trials registered, versions changed, results published. Public rows alone."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View

from centre import feeds
from centre.feeds import Entry
from experiments import news
from experiments.models import Trial


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
        title = f"{news.simulated(trial)}{trial.title}"
        return feeds.answer(request, title, reverse("trial-detail", args=[trial.ref]), entries(trial))


def entries(trial: Trial | None) -> list[Entry]:
    """Return what is new, newest first. What happened under an embargo stands in the trial's own feed alone."""
    trials, versions, results = (
        news.registrations(),
        news.amendments(under_embargo=trial is not None),
        news.results(),
    )
    if trial is not None:
        trials, versions = trials.filter(pk=trial.pk), versions.filter(trial=trial)
        results = results.filter(trial=trial)
    rows: list[Any] = []
    for asked in (trials, versions, results):
        rows += asked.order_by("-new_at", "-pk")[: feeds.LONGEST]
    found = [news.entry(row) for row in rows]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[: feeds.LONGEST]
