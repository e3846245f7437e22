"""The registry: its list, a new trial, the record of one."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from centre.errors import Refusal
from centre.middleware import record_refusal
from centre.paging import Pages
from centre.permissions import Permission, has_permission, require
from centre.snippets import snippets
from centre.views.acts import as_refusal, note
from centre.views.posts import signed_in
from experiments.actions import trials
from experiments.forms import document
from experiments.forms.acts import COPY, TrialStartForm
from experiments.forms.search import NEWEST, TrialSearchForm
from experiments.forms.sources import sources_for
from experiments.models import Trial
from experiments.protocol import OutcomeRole
from experiments.views import record, results
from experiments.views.history import history
from experiments.views.packages import newest_of
from experiments.views.pages import TrialPage
from experiments.views.words import standings

PAGE_SIZE = 20


class TrialList(View):
    """Every registered trial that the person may see."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show those that fit the search."""
        form = TrialSearchForm(request.GET, user=request.user)
        found = Trial.objects.none()
        if form.is_valid():
            visible = Trial.objects.visible_to(request.user).registered().searched(**form.narrowing)
            found = visible.sorted_by(form.cleaned_data["sort"] or NEWEST).for_registry()
        query = request.GET.copy()
        query.pop("page", None)
        context = {
            "form": form,
            "page": Pages(found, PAGE_SIZE).get_page(request.GET.get("page")),
            "query": query.urlencode(),
            "is_filtered": bool(form.errors or form.narrowing),
            "may_draft": has_permission(request.user, Permission.TRIAL_DRAFT),
            "snippets": snippets(
                request.build_absolute_uri(reverse("api-trial-list")), form.as_api, "trials"
            ),
        }
        return render(request, "trials/list.html", context, status=200 if form.is_valid() else 422)


class TrialNew(LoginRequiredMixin, View):
    """Begin a draft."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for title and tactic."""
        require(request.user, Permission.TRIAL_DRAFT)
        copy_of = request.GET.get("copy", "")
        initial = {
            "tactic": request.GET.get("tactic"),
            "start_from": COPY if copy_of else request.GET.get("template", ""),
            "copy_of": copy_of,
        }
        return self._page(request, TrialStartForm(user=signed_in(request), initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the draft."""
        require(request.user, Permission.TRIAL_DRAFT)
        form = TrialStartForm(request.POST, user=signed_in(request))
        if not form.is_valid():
            return self._refused(request, form, as_refusal(form))
        try:
            trial = trials.start(by=signed_in(request), **form.cleaned_data)
        except Refusal as refusal:
            note(form, refusal)
            return self._refused(request, form, refusal)
        return redirect("trial-protocol", trial.ref)

    def _refused(self, request: HttpRequest, form: TrialStartForm, refusal: Refusal) -> HttpResponse:
        record_refusal(request, refusal)
        return self._page(request, form, status=refusal.page_status)

    def _page(self, request: HttpRequest, form: TrialStartForm, status: int = 200) -> HttpResponse:
        return render(request, "trials/new.html", {"form": form}, status=status)


class TrialDetail(TrialPage):
    """The record: what is tested, how far it is, what came out."""

    template = "trials/detail.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the record."""
        trial, registration = self.trial, self.trial.registration
        read = registration.frozen_protocol if registration else trial.draft
        return self.page(
            protocol=read,
            registration=registration,
            standings=standings(trial),
            primary=record.outcomes(read, OutcomeRole.PRIMARY),
            others=record.other_outcomes(read),
            about=record.about(trial, read),
            dates=record.dates(read),
            line=record.line(trial, request.user),
            allocation=trial.allocation,
            published=results.published(trial),
            package=newest_of(trial),
            may_ask_for_data=self.may_ask_for_data(),
            reviews=trial.reviews.select_related("reviewer"),
            happened=history(trial),
            progress=trial.progress_notes.first(),
        )


class TrialDocument(TrialPage):
    """The working protocol, or the registered one, as a document to read or print."""

    template = "trials/document.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show every answer under its question."""
        registration = self.trial.registration
        read = registration.frozen_protocol if registration else self.trial.draft
        shown = document.chapters(read, sources_for(self.trial, request.user), is_draft=registration is None)
        return self.page(
            chapters=shown,
            registration=registration,
            may_copy=has_permission(request.user, Permission.TRIAL_DRAFT),
        )


def record_url(trial: Trial, name: str = "trial-detail", **kwargs: Any) -> str:
    """Return the address of one of the trial's pages."""
    return reverse(name, kwargs={"ref": trial.ref, **kwargs})
