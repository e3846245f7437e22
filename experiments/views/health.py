"""Health checks: of one trial over time, of all trials at once, and the notices that came of them."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from centre.views.posts import signed_in
from experiments.actions import health_checks
from experiments.health import CHECKS, Status, urgency
from experiments.models import HealthCheck, Notice, Trial
from experiments.views.pages import TrialAct
from experiments.views.verdicts import MARKS, Mark

SHOWN = 30  # of the past, each a row
# What a check is worked on in.
ROOMS = {
    "integrity": "trial-delivery",
    "contamination": "trial-delivery",
    "sample_ratio": "trial-allocation",
    "balance": "trial-allocation",
    "pre_trends": "trial-data",
    "recruitment": "trial-flow",
    "feed": "trial-data",
    "guardrail": "trial-conduct",
    "drift": "trial-versions",
    "collisions": "trial-collisions",
    "overdue": "trial-conduct",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict as a page shows it."""

    name: str
    status: Status
    mark: Mark
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class Watched:
    """One trial and what its newest checks say needs attention."""

    trial: Trial
    newest: HealthCheck | None
    worst: Mark
    urgent: list[Told]


class TrialHealth(TrialAct):
    """The newest checks of a trial, those before, and a button that checks it now."""

    template = "health/detail.html"

    def form(self, *sent: Any) -> Any:
        """Return nothing to fill in."""
        return forms.Form(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return what was found, now and before."""
        past = list(self.trial.health_checks.select_related("by")[:SHOWN])
        names = [name for name in CHECKS if any(name in one.statuses for one in past)]
        return {
            "newest": past[0] if past else None,
            "told": told(past[0]) if past else [],
            "columns": [CHECKS[name] for name in names],
            "past": [(one, [mark(one.statuses.get(name)) for name in names]) for one in past],
        }

    def act(self, form: Any) -> str:
        """Check it now."""
        health_checks.check(trial=self.trial, by=self.person)
        messages.success(self.request, "The trial has been checked.")
        return reverse("trial-health", args=[self.trial.ref])


class TrialsToWatch(LoginRequiredMixin, View):
    """Every live trial that the person works on, the most urgent first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what needs attention, across all trials."""
        user = signed_in(request)
        wanted = request.GET.get("check", "")
        newest = HealthCheck.objects.filter(trial=OuterRef("pk")).order_by("-at", "-pk").values("pk")[:1]
        trials = (
            Trial.objects.worked_on_by(user)
            .to_watch()
            .for_list()
            .annotate(newest_check=Subquery(newest))
            .prefetch_related("sites")
        )
        checks = HealthCheck.objects.in_bulk([one.newest_check for one in trials if one.newest_check])
        rows = [watched(trial, checks.get(trial.newest_check)) for trial in trials]
        if wanted in CHECKS:
            rows = [one for one in rows if any(CHECKS[wanted] == each.name for each in one.urgent)]
        rows.sort(key=lambda one: -urgency(Status(one.newest.worst)) if one.newest else 1)
        notices = Notice.objects.filter(user=user, seen_at=None).select_related("trial")
        context = {
            "rows": rows,
            "n_urgent": sum(bool(one.urgent) for one in rows),
            "notices": notices[:SHOWN],
            "checks": CHECKS,
            "wanted": wanted if wanted in CHECKS else "",
        }
        return render(request, "health/watch.html", context)


class NoticeSeen(LoginRequiredMixin, View):
    """A notice is read: it goes, and leads to the trial."""

    def post(self, request: HttpRequest, notice_id: str) -> HttpResponse:
        """Mark it and go there."""
        user = signed_in(request)
        notice = get_object_or_404(Notice.objects.filter(user=user), public_id=notice_id)
        health_checks.see(notice=notice, by=user)
        return redirect("trial-health", notice.trial.ref)


def told(made: HealthCheck) -> list[Told]:
    """Return the verdicts in words, the most urgent first."""
    ref = made.trial.ref
    found = [
        Told(
            CHECKS.get(one["check"], one["check"]),
            Status(one["status"]),
            MARKS[Status(one["status"])],
            one["said"],
            reverse(ROOMS.get(one["check"], "trial-detail"), args=[ref]),
        )
        for one in made.verdicts
    ]
    return sorted(found, key=lambda one: -urgency(one.status))


def mark(status: str | None) -> Mark | None:
    """Return a status as a word and its colour; nothing where the check did not apply."""
    return MARKS[Status(status)] if status else None


def watched(trial: Trial, newest: HealthCheck | None) -> Watched:
    """Return a trial with what needs attention."""
    if newest is None:
        return Watched(trial, None, Mark("Not checked yet", "grey"), [])
    newest.trial = trial
    urgent = [one for one in told(newest) if one.status in (Status.RED, Status.AMBER)]
    return Watched(trial, newest, MARKS[Status(newest.worst)], urgent)
