"""The registered versions of a protocol, each as it was, and what changed between two."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from centre.errors import Invalid
from centre.middleware import record_refusal
from centre.paging import Pages
from experiments import protocol
from experiments.forms import document
from experiments.forms.sources import sources_for
from experiments.models import Registration
from experiments.views.comparison import differences, kept_differences
from experiments.views.pages import TrialPage

AMENDMENTS_PER_PAGE = 20


class TrialVersions(TrialPage):
    """Every version with who froze it, and every amendment with its reason."""

    template = "trials/versions.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the history."""
        versions = self.trial.registrations.defer("protocol").select_related("registrar", "reviewer")
        rows = self.trial.amendments.defer("protocol", "registration__protocol").select_related(
            "proposed_by", "decided_by", "registration", "objection__answered_by"
        )
        page = Pages(rows, AMENDMENTS_PER_PAGE).get_page(request.GET.get("page"))
        shown = [(one, kept_differences(one.diff)) for one in page]
        return self.page(
            versions=versions.order_by("-major", "-minor"), amendments=shown, amendment_page=page
        )


class TrialVersion(TrialPage):
    """One version, to read; or its canonical JSON, to hash again."""

    template = "trials/document.html"
    is_inside = False

    def get(self, request: HttpRequest, version: str) -> HttpResponse:
        """Show the version."""
        found = self.trial.version(version)
        if found is None:
            raise Http404
        if request.GET.get("format") == "json":
            return JsonResponse(found.protocol, json_dumps_params={"indent": 2, "ensure_ascii": False})
        shown = document.chapters(
            found.frozen_protocol, sources_for(self.trial, request.user), is_draft=False
        )
        return self.page(chapters=shown, registration=found)


class DiffForm(forms.Form):
    """Two versions to compare."""

    before = forms.ChoiceField(label="Earlier version")
    after = forms.ChoiceField(label="Later version")

    def __init__(self, data: Mapping[str, Any], versions: list[Registration]) -> None:
        super().__init__(data)
        choices = [(one.version, f"{one.version}, {one.registered_at:%-d %B %Y}") for one in versions]
        for name in ("before", "after"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = "Choose one of the versions of this trial"


class TrialDiff(TrialPage):
    """Two versions, field by field."""

    template = "trials/diff.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what differs."""
        versions = list(self.trial.registrations.defer("protocol"))
        if not versions:
            raise Http404
        asked = {"before": request.GET.get("before"), "after": request.GET.get("after")}
        newest = [one.version for one in versions][-2:]
        form = DiffForm(
            {"before": asked["before"] or newest[0], "after": asked["after"] or newest[-1]}, versions
        )
        if not form.is_valid():
            record_refusal(request, Invalid("Unknown version"))
            return self.page(form=form, versions=versions, status=422)
        before, after = (self._version(form.cleaned_data[name]) for name in ("before", "after"))
        changes = differences(protocol.diff(before.frozen_protocol, after.frozen_protocol))
        return self.page(form=form, versions=versions, before=before, after=after, changes=changes)

    def _version(self, name: str) -> Registration:
        """Return one version, whole: the others are only named."""
        found = self.trial.version(name)
        assert found is not None  # noqa: S101  says to the type checker what the form has made sure of
        return found
