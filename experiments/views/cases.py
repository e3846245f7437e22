"""Cases that come one by one: the custodian opens the sequence; a force enrols its cases and sees no others."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre import audit
from centre.permissions import Permission
from experiments.actions import enrolments, sequences
from experiments.forms.acts import ConfirmForm
from experiments.forms.cases import CaseForm, OverrideForm
from experiments.models import Allocation, Enrolment
from experiments.protocol import scheme_of
from experiments.protocol.schema import Protocol
from experiments.views.allocations import attachment
from experiments.views.pages import TrialAct, TrialPage

SHOWN = 50
OPEN_STATES = ("allocated", "delivering")


class SequenceOpen(TrialAct):
    """Open the sequence: from here every arm follows from the seed and from what is enrolled."""

    template = "allocations/open.html"
    needs = (Permission.ALLOCATION_DRAW,)

    def form(self, *sent: Any) -> ConfirmForm:
        """Return the confirmation."""
        return ConfirmForm(*sent[:1], word="open")

    def context(self) -> dict[str, Any]:
        """Return the registered scheme."""
        read = registered(self)
        method = read.allocation.method
        scheme = scheme_of(read) if method and method.one_by_one else None
        return {"allocation": self.trial.allocation, "plan": read.allocation, "scheme": scheme}

    def act(self, form: ConfirmForm) -> str:
        """Open it."""
        sequences.start(trial=self.trial, by=self.person)
        messages.success(self.request, "The sequence is open. Cases can be enrolled.")
        return reverse("trial-allocation", args=[self.trial.ref])


class SequenceLog(TrialPage):
    """The log of every case, for a replay: only once the seed is out, and only for those who work on the trial."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the records; who the cases are is in none of them."""
        allocation = self.trial.allocation
        if allocation is None or not allocation.is_one_by_one or not allocation.is_revealed:
            raise Http404
        audit.record("allocation.log_taken", subject=self.trial, by=request.user)
        rows = allocation.assignments.order_by("pk").values("record", "previous_hash", "hash")
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        content = "".join(f"{line}\n" for line in lines).encode()
        return attachment(content, "application/jsonl", f"{self.trial.ref}-log.jsonl")


def registered(page: TrialPage) -> Protocol:
    """Return the registered protocol, or the draft of a trial that has none yet."""
    registration = page.trial.registration
    return registration.frozen_protocol if registration else page.trial.draft


class _CasePage(TrialPage):
    """A page of cases: for people of the trial's forces who do not analyse it; of a trial that enrols one by one."""

    needs = (Permission.CASE_ENROL,)
    allocation: Allocation

    def setup_cases(self) -> None:
        """Let nobody in who may not enrol; a trial with a list has no such pages."""
        enrolments.may_enrol(self.trial, self.person)
        allocation = self.trial.allocation
        if allocation is None or not allocation.is_one_by_one:
            raise Http404
        self.allocation = allocation

    @property
    def cases(self) -> Any:
        """Return the cases of the person's forces, newest first."""
        own = Enrolment.objects.visible_to(self.person).filter(allocation=self.allocation)
        return own.for_list().prefetch_related("assignment__overrides")

    @property
    def arms(self) -> dict[str, str]:
        """Return the arms by code, as people call them."""
        return {arm.id: arm.label or arm.id for arm in registered(self).arms}

    def named(self, case: Enrolment) -> dict[str, Any]:
        """Return a case with its arm in words, and what was delivered instead."""
        arms = self.arms
        arm = case.assignment.arm
        overrides = [
            (row, arms.get(row.delivered, "Nothing"))
            for row in case.assignment.overrides.order_by("at", "pk")
        ]
        return {"case": case, "arm": arms.get(arm, arm), "overrides": overrides}


class CaseList(_CasePage):
    """The person's own cases."""

    template = "cases/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the newest."""
        self.setup_cases()
        arms, cases = self.arms, self.cases
        rows = [(case, arms.get(case.assignment.arm, case.assignment.arm)) for case in cases[:SHOWN]]
        is_open = self.trial.conduct_state in OPEN_STATES
        return self.page(rows=rows, total=cases.count(), shown=SHOWN, is_open=is_open)


class CaseNew(_CasePage, TrialAct):
    """Enrol a case: the conditions, the confirmation, then the arm."""

    template = "cases/new.html"

    def form(self, *sent: Any) -> CaseForm:
        """Return the registered conditions and factors as questions."""
        self.setup_cases()
        forces = self.person.forces.filter(pk__in=self.trial.force_ids)
        return CaseForm(
            *sent[:1],
            eligibility=registered(self).eligibility,
            factors=self.allocation.trickle_scheme.factors,
            forces=list(forces),
        )

    def context(self) -> dict[str, Any]:
        """Return whether cases can be enrolled now."""
        return {"is_open": self.trial.conduct_state in OPEN_STATES}

    def act(self, form: CaseForm) -> str:
        """Enrol it."""
        asked = form.asked(self.request.META.get("REMOTE_ADDR") or None)
        made = enrolments.enrol(trial=self.trial, asked=asked, by=self.person)
        return reverse("trial-case", args=[self.trial.ref, made.enrolment.public_id])


class CaseDetail(_CasePage):
    """One case with its arm."""

    template = "cases/detail.html"

    def get(self, request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
        """Show it."""
        self.setup_cases()
        case = get_object_or_404(self.cases, public_id=enrolment_id)
        return self.page(**self.named(case))


class CaseOverride(_CasePage, TrialAct):
    """Record what was delivered instead of the arm."""

    template = "cases/override.html"

    def form(self, *sent: Any) -> OverrideForm:
        """Return the arms and the reasons."""
        self.setup_cases()
        self.case: Enrolment = get_object_or_404(self.cases, public_id=self.kwargs["enrolment_id"])
        return OverrideForm(*sent[:1], arms=list(self.arms.items()))

    def context(self) -> dict[str, Any]:
        """Return the case."""
        return self.named(self.case)

    def act(self, form: OverrideForm) -> str:
        """Record it."""
        enrolments.override(enrolment=self.case, by=self.person, **form.cleaned_data)
        messages.success(self.request, "It is on record. The case counts in the arm that it was assigned.")
        return reverse("trial-case", args=[self.trial.ref, self.case.public_id])
