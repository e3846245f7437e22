"""Two protocols side by side, of one trial or of two: only what the person may read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from centre.forms import PlainCharField
from centre.middleware import record_refusal
from centre.views.acts import as_refusal
from experiments.forms.side_by_side import compared
from experiments.forms.sources import Sources, sources_for
from experiments.models import Trial
from experiments.protocol import Protocol

if TYPE_CHECKING:
    from centre.permissions import Person

TEMPLATE = "trials/compare.html"


def _number(which: str) -> PlainCharField:
    label = f"Number of the {which} trial"
    return PlainCharField(
        name=label,
        label=label,
        max_length=60,
        error_messages={"required": f"Enter the number of the {which} trial"},
    )


def _version(which: str) -> PlainCharField:
    return PlainCharField(
        name="Version",
        label=f"Version of the {which}",
        help_text="Such as 1.0. Blank for the newest.",
        max_length=11,
        required=False,
    )


class CompareForm(forms.Form):
    """Which two protocols."""

    a = _number("first")
    a_version = _version("first")
    b = _number("second")
    b_version = _version("second")
    all = forms.BooleanField(label="Show what is the same too", required=False)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two protocols."""

    trial: Trial
    version: str
    protocol: Protocol
    sources: Sources

    @property
    def name(self) -> str:
        """Return its number and version."""
        if self.version:
            return f"{self.trial.number}, version {self.version}"
        return "Draft trial"


class TrialCompare(View):
    """Field by field; only what differs, or all."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the two, or ask for them."""
        if "b" not in request.GET:
            return render(request, TEMPLATE, {"form": CompareForm(initial=request.GET.dict())})
        form = CompareForm(request.GET)
        if not form.is_valid():
            record_refusal(request, as_refusal(form))
            return render(request, TEMPLATE, {"form": form}, status=422)
        given = form.cleaned_data
        first = side(given["a"], given["a_version"], request.user)
        second = side(given["b"], given["b_version"], request.user)
        shown = compared(
            (first.protocol, first.sources), (second.protocol, second.sources), with_same=given["all"]
        )
        return render(request, TEMPLATE, {"form": form, "first": first, "second": second, "chapters": shown})


def side(ref: str, version: str, user: "Person") -> Side:
    """Return one protocol; what the person may not see is not there."""
    trial = Trial.objects.visible_to(user).by_ref(ref).first()
    if trial is None:
        raise Http404
    found = trial.version(version) if version else trial.registration
    if version and found is None:
        raise Http404
    read = found.frozen_protocol if found else trial.draft
    return Side(trial, found.version if found else "", read, sources_for(trial, user))
