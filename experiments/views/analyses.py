"""Running the registered plan, running another that says post hoc for ever, and reading what came out."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre import vault
from centre.errors import Refusal
from centre.permissions import Permission
from experiments.actions import analyses
from experiments.forms.plan import PostHocForm, SeenDataForm, as_text
from experiments.models import Analysis, Dataset
from experiments.views import results
from experiments.views.delivered import delivered
from experiments.views.pages import TrialAct, TrialPage


class _OnSeenData(TrialAct):
    """A page that runs a plan on the data that it shows, and on no later version."""

    @property
    def newest(self) -> Dataset | None:
        """Return the version of the outcome data that the page shows."""
        return self.trial.newest_outcomes

    @property
    def seen(self) -> dict[str, str]:
        """Return the hash of that version, which the form sends back."""
        newest = self.newest
        return {"seen": newest.file_sha256 if newest else ""}

    def context(self) -> dict[str, Any]:
        """Return the version that will be analysed."""
        return {"newest": self.newest}

    def refused(self, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
        """Show what stands now, ready to be sent again."""
        if isinstance(refusal, analyses.DataChanged):
            form.data = form.data.copy()
            form.data["seen"] = self.seen["seen"]
        return super().refused(form, refusal, **context)


class TrialAnalyses(_OnSeenData):
    """The analyses of a trial, and the button that runs the registered plan."""

    template = "analyses/list.html"

    def form(self, *sent: Any) -> SeenDataForm:
        """Return nothing to fill in: the plan is registered."""
        return SeenDataForm(sent[0] if sent else None, initial=self.seen)

    def context(self) -> dict[str, Any]:
        """Return what has run."""
        return {
            **super().context(),
            "analyses": self.trial.analyses.select_related("run", "dataset", "requested_by", "registration"),
            "may_run": self.may(Permission.ANALYSIS_RUN),
            "may_see": self.may(Permission.RESULT_SEE),
            "has_registered": self.trial.analyses.filter(is_registered=True).exists(),
        }

    def act(self, form: SeenDataForm) -> str:
        """Run the registered plan on the newest data."""
        made = analyses.request(trial=self.trial, by=self.person, seen=form.cleaned_data["seen"])
        messages.success(self.request, "The registered plan is running.")
        return reverse("analysis-detail", args=[self.trial.ref, made.public_id])


class AnalysisPostHoc(_OnSeenData):
    """Run a plan that was not registered."""

    template = "analyses/post_hoc.html"
    needs = (Permission.ANALYSIS_RUN,)

    def form(self, *sent: Any) -> PostHocForm:
        """Return the form, started from the registered plan."""
        registration = self.trial.registration
        plan = registration.protocol.get("analysis_plan") if registration else {}
        return PostHocForm(sent[0] if sent else None, initial={**self.seen, "plan_json": as_text(plan or {})})

    def act(self, form: PostHocForm) -> str:
        """Run it."""
        made = analyses.request(
            trial=self.trial, by=self.person, plan=form.plan(), seen=form.cleaned_data["seen"]
        )
        messages.success(self.request, "The plan is running. What comes out is stamped post hoc.")
        return reverse("analysis-detail", args=[self.trial.ref, made.public_id])


class AnalysisDetail(TrialPage):
    """One analysis: its progress, then its estimates, figures, checks and where they come from."""

    template = "analyses/detail.html"
    needs = (Permission.RESULT_SEE,)

    def get(self, request: HttpRequest, analysis_id: str) -> HttpResponse:
        """Show the analysis."""
        analysis = get_object_or_404(
            Analysis.objects.inside_for(request.user).select_related("run", "dataset", "registration"),
            trial=self.trial,
            public_id=analysis_id,
        )
        document = result_document(analysis)
        read = analysis.registration.frozen_protocol
        made = results.estimates((row.document for row in analysis.results.all()), read)
        return self.page(
            analysis=analysis,
            run=analysis.run,
            estimates=made,
            cautions=results.cautions(made),
            figures=results.figures(analysis.files.all()),
            document=document,
            delivered=delivered(analysis, made),
            checks=results.checks(document),
            provenance=results.provenance(document),
            plan_text=as_text(analysis.plan),
            may_prepare=self.may(Permission.RELEASE_PREPARE),
            releases=analysis.releases.all(),
        )


def result_document(analysis: Analysis) -> dict[str, Any]:
    """Return the exact result document, which stays inside; nothing while there is none."""
    document: dict[str, Any] = json.loads(vault.read(analysis.result_sha256)) if analysis.is_finished else {}
    return document
