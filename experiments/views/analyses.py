"""Running the registered plan, running another that says post hoc for ever, and reading what came out."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre import vault
from centre.permissions import Permission
from experiments.actions import analyses
from experiments.forms.plan import PostHocForm, as_text
from experiments.models import Analysis
from experiments.views import results
from experiments.views.delivered import delivered
from experiments.views.pages import TrialAct, TrialPage


class TrialAnalyses(TrialAct):
    """The analyses of a trial, and the button that runs the registered plan."""

    template = "analyses/list.html"

    def form(self, *sent: Any) -> Any:
        """Return nothing to fill in: the plan is registered."""
        return forms.Form(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return what has run."""
        return {
            "analyses": self.trial.analyses.select_related("run", "dataset", "requested_by", "registration"),
            "may_run": self.may(Permission.ANALYSIS_RUN),
            "may_see": self.may(Permission.RESULT_SEE),
            "has_registered": self.trial.analyses.filter(is_registered=True).exists(),
        }

    def act(self, form: Any) -> str:
        """Run the registered plan on the newest data."""
        made = analyses.request(trial=self.trial, by=self.person)
        messages.success(self.request, "The registered plan is running.")
        return reverse("analysis-detail", args=[self.trial.ref, made.public_id])


class AnalysisPostHoc(TrialAct):
    """Run a plan that was not registered."""

    template = "analyses/post_hoc.html"
    needs = (Permission.ANALYSIS_RUN,)

    def form(self, *sent: Any) -> PostHocForm:
        """Return the form, started from the registered plan."""
        registration = self.trial.registration
        plan = registration.protocol.get("analysis_plan") if registration else {}
        return PostHocForm(sent[0] if sent else None, initial={"plan_json": as_text(plan or {})})

    def act(self, form: PostHocForm) -> str:
        """Run it."""
        made = analyses.request(trial=self.trial, by=self.person, plan=form.plan())
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
