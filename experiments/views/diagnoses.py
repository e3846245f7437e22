"""Asking for a design diagnosis, watching it, and reading what it says."""

from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from centre.errors import Conflict
from centre.models import Run
from centre.permissions import Permission
from experiments import protocol
from experiments.actions import diagnoses
from experiments.analysis.diagnosing import stated
from experiments.forms.diagnosis import DiagnosisForm
from experiments.models import Diagnosis
from experiments.views.diagnosis_words import diagnosed
from experiments.views.pages import TrialAct, TrialPage


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a diagnosis is, from the runs of its parts."""

    state: str
    percent: int
    error: str = ""

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> Self:
        """Return where it stands."""
        runs = [part.run for part in diagnosis.parts.all()]
        percent = round(100 * sum(run.progress for run in runs) / len(runs)) if runs else 0
        for state in (Run.State.FAILED, Run.State.CANCELLED):
            stopped = [run for run in runs if run.state == state]
            if stopped and not diagnosis.is_finished:
                return cls(state.value, percent, stopped[0].error)
        if diagnosis.is_finished:
            return cls(Run.State.DONE.value, 100)
        waits = all(run.state == Run.State.QUEUED for run in runs)
        return cls((Run.State.QUEUED if waits else Run.State.RUNNING).value, percent)

    @property
    def label(self) -> str:
        return str(Run.State(self.state).label)

    @property
    def colour(self) -> str:
        return {"failed": "red", "done": "green", "cancelled": "grey"}.get(self.state, "blue")

    @property
    def is_open(self) -> bool:
        return self.state in ("queued", "running")


class TrialDiagnoses(TrialAct):
    """The diagnoses of a trial, and the form that asks for one."""

    template = "diagnoses/list.html"

    def form(self, *sent: Any) -> Any:
        """Return the questions that this plan makes matter; none without a plan."""
        read = self.trial.draft
        known = stated(read)
        return None if known is None else DiagnosisForm(*sent[:1], known=known, read=read, auto_id="%s")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for it; without a plan there is nothing to fill in."""
        if self.form() is None or not self.context()["may_request"]:
            diagnoses.request(trial=self.trial, answers={}, by=self.person)
        return super().post(request, **kwargs)

    def context(self) -> dict[str, Any]:
        """Return the diagnoses, newest first, and whether the newest is of this very protocol."""
        found = list(self.trial.diagnoses.select_related("requested_by").prefetch_related("parts__run"))
        digest = protocol.digest(self.trial.draft)
        rows = [(one, Standing.of(one), one.protocol_sha256 == digest) for one in found]
        finished = next((one for one in found if one.is_finished and one.protocol_sha256 == digest), None)
        return {
            "rows": rows,
            "newest": finished,
            "estimates": diagnosed(finished, self.trial.draft) if finished else [],
            "may_request": diagnoses.may_request(self.trial, self.person),
        }

    def act(self, form: DiagnosisForm) -> str:
        """Ask for it."""
        made = diagnoses.request(trial=self.trial, answers=form.cleaned_data, by=self.person)
        messages.success(self.request, "The simulated trials are waiting for workers.")
        return reverse("diagnosis-detail", args=[self.trial.ref, made.public_id])


class DiagnosisPage(TrialPage):
    """A page of one diagnosis."""

    @property
    def diagnosis(self) -> Diagnosis:
        """Return the diagnosis, if it is of this trial."""
        own = Diagnosis.objects.inside_for(self.person).filter(trial=self.trial)
        found: Diagnosis = get_object_or_404(
            own.select_related("requested_by", "registration").prefetch_related("parts__run"),
            public_id=self.kwargs["diagnosis_id"],
        )
        return found


class DiagnosisDetail(DiagnosisPage):
    """One diagnosis: how far it is, then what it says and what it was made from."""

    template = "diagnoses/detail.html"

    def get(self, request: HttpRequest, diagnosis_id: str) -> HttpResponse:
        """Show the diagnosis."""
        found = self.diagnosis
        standing = Standing.of(found)
        is_own = found.requested_by_id == self.person.pk
        return self.page(
            diagnosis=found,
            standing=standing,
            estimates=diagnosed(found, self.trial.draft),
            is_current=found.protocol_sha256 == protocol.digest(self.trial.draft),
            stated=_stated(found),
            may_cancel=standing.is_open and (is_own or self.may(Permission.RUN_CANCEL)),
        )


class DiagnosisCancel(DiagnosisPage):
    """Cancel, and go back to the page."""

    template = "diagnoses/detail.html"

    def post(self, request: HttpRequest, diagnosis_id: str) -> HttpResponse:
        """Cancel it."""
        found = self.diagnosis
        try:
            diagnoses.cancel(diagnosis=found, by=self.person)
        except Conflict as refusal:
            messages.error(request, refusal.message)
        return redirect("diagnosis-detail", self.trial.ref, found.public_id)


_STATED = {
    "n_units": "Units",
    "n_clusters": "Clusters",
    "cluster_cv": "Variation of cluster sizes",
    "icc": "Intracluster correlation",
    "n_strata": "Strata",
    "n_periods": "Periods",
    "starts": "Treatment starts in",
    "never_share": "Share never treated",
    "autocorrelation": "Correlation over time",
    "uptake": "Share who receive the treatment",
    "r_squared": "What the baseline variables explain",
    "attrition": "Share lost",
}


def _stated(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return the stated design as rows of words."""
    design = diagnosis.parameters["design"]
    rows = [
        (label, _value(design[name])) for name, label in _STATED.items() if design[name] not in (None, [])
    ]
    if days := design.get("days"):
        said = f"In blocks of {days['block_days']}, at most {days['longest_run']} on end in one arm"
        rows.append(("Days", f"{said}, {days['washout']} of washout"))
    for column, shape in design["outcomes"].items():
        spread = "" if shape["kind"] == "binary" else f", spread {shape['spread']:g}"
        rows.append(
            (
                column,
                f"{shape['kind'].capitalize()}: mean {shape['mean']:g}{spread}, effect {shape['effect']:g}",
            )
        )
    return [*rows, ("Seed", str(diagnosis.parameters["seed"]))]


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value:g}"
