"""Changing a registered protocol: a working copy in the session, its difference, a reason, and a decision."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, Invalid
from centre.permissions import Permission
from experiments import protocol
from experiments.actions import amendments, objections, trials
from experiments.actions.predecessors import circle_problems
from experiments.actions.reviews import is_own
from experiments.forms.acts import AmendmentDecisionForm, AmendmentForm
from experiments.forms.life import ObjectionAnswerForm, ObjectionForm
from experiments.models import Amendment
from experiments.views.comparison import differences, kept_differences
from experiments.views.pages import TrialAct, TrialPage
from experiments.views.plan import PlanStep
from experiments.views.protocol import ProtocolStep, tasks


class _WorkingCopy(TrialPage):
    """The registered protocol with this person's changes, kept in their session until they propose it."""

    @property
    def key(self) -> str:
        """Return the name of the copy in the session."""
        return f"amendment of {self.trial.public_id}"

    @property
    def document(self) -> dict[str, Any]:
        """Return the working copy, or what is in force where there is none, or where it has been overtaken."""
        registration = self.trial.registration
        if registration is None:
            raise Conflict("Only a registered trial is amended: edit the draft instead.")
        kept = self.request.session.get(self.key)
        if kept is None or kept["base"] != registration.version:
            return dict(registration.protocol)
        return dict(kept["document"])

    def keep(self, document: Mapping[str, Any]) -> None:
        """Keep the working copy."""
        version = self.trial.registration.version if self.trial.registration else ""
        self.request.session[self.key] = {"base": version, "document": dict(document)}

    def forget(self) -> None:
        """Drop the working copy."""
        self.request.session.pop(self.key, None)


class TrialAmend(TrialAct, _WorkingCopy):
    """What will change and why; then it is proposed. While one waits, it is shown for its decision."""

    template = "trials/amend.html"
    acts_with = (Permission.TRIAL_AMEND,)

    def form(self, *sent: Any) -> AmendmentForm:
        """Return the reason's form."""
        return AmendmentForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the open amendment, or the working copy and what differs in it."""
        waiting = amendments.pending(self.trial)
        registration = self.trial.registration
        if waiting or registration is None:
            return _decision_context(waiting, self)
        read = protocol.from_json(self.document)
        changes = protocol.diff(registration.frozen_protocol, read)
        return {
            "registration": registration,
            "groups": tasks(read, lambda slug: reverse("trial-amend-step", args=[self.trial.ref, slug])),
            "problem_list": [
                *protocol.problems(read, today=timezone.localdate()),
                *circle_problems(self.trial, read),
            ],
            "changes": differences(changes),
            "is_major": protocol.is_major(changes),
            "may_amend": self.may(Permission.TRIAL_AMEND),
        }

    def act(self, form: AmendmentForm) -> str:
        """Propose it."""
        made = amendments.propose(
            trial=self.trial, document=self.document, by=self.person, **form.cleaned_data
        )
        self.forget()
        words = "It waits for a reviewer." if made.is_open else "It is the version in force."
        messages.success(self.request, f"The amendment is on record. {words}")
        return reverse("trial-versions", args=[self.trial.ref])


class AmendDiscard(_WorkingCopy):
    """Throw the working copy away."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Forget it."""
        self.forget()
        messages.success(request, "Your changes were discarded. Nothing was put on record.")
        return redirect("trial-amend", self.trial.ref)


class AmendStep(_WorkingCopy, ProtocolStep):
    """One step of the registered protocol, changed in the working copy."""

    needs = (Permission.TRIAL_AMEND,)
    list_url_name = "trial-amend"
    step_url_name = "trial-amend-step"

    @property
    def edition(self) -> int:
        """Return the edition, which stands still while the protocol is registered."""
        return self.trial.protocol_edition

    def is_open(self) -> bool:
        """Return whether an amendment may be prepared."""
        return bool(self.trial.is_registered)

    def write(self, document: Mapping[str, Any], edition: int) -> None:
        """Check and keep the working copy."""
        read = protocol.from_json(document)
        if edition != self.trial.protocol_edition:
            raise trials.StaleEdition(theirs=self.trial.protocol, yours=document)
        if found := protocol.faults(read, today=timezone.localdate()):
            raise Invalid("There is a problem", found)
        self.keep(protocol.to_json(read))

    def next_url(self) -> str:
        """Return to the list of what changes."""
        return reverse("trial-amend", args=[self.trial.ref])


class AmendPlanStep(AmendStep, PlanStep):
    """The analysis plan of a registered protocol, changed in the working copy."""

    template = PlanStep.template


class AmendDecide(TrialAct):
    """A reviewer decides on a major amendment."""

    template = "trials/amend.html"
    needs = (Permission.AMENDMENT_DECIDE,)
    asks_again = True

    def form(self, *sent: Any) -> AmendmentDecisionForm:
        """Return the decision's form."""
        return AmendmentDecisionForm(*sent[:1])

    @property
    def waiting(self) -> Amendment:
        """Return the amendment that waits."""
        found: Amendment | None = self.trial.amendments.filter(decided_at=None).first()
        if found is None:
            raise Conflict("No amendment of this trial waits for a decision.")
        return found

    def context(self) -> dict[str, Any]:
        """Return the amendment and what it changes."""
        return _decision_context(self.waiting, self)

    def act(self, form: AmendmentDecisionForm) -> str:
        """Put the decision on record."""
        made = amendments.decide(amendment=self.waiting, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"Recorded: {made.get_decision_display().lower()}")
        return reverse("trial-versions", args=[self.trial.ref])


class AmendObject(TrialAct):
    """One of the team objects to an approved change."""

    template = "trials/amend.html"

    def form(self, *sent: Any) -> ObjectionForm:
        """Return the reason's form."""
        return ObjectionForm(*sent[:1])

    @property
    def waiting(self) -> Amendment:
        """Return the approved change that is not in force."""
        found = amendments.pending(self.trial)
        if found is None:
            raise Conflict("There is no change to object to.")
        return found

    def context(self) -> dict[str, Any]:
        """Return the change."""
        return _decision_context(self.waiting, self)

    def act(self, form: ObjectionForm) -> str:
        """Put the objection on record."""
        objections.record(amendment=self.waiting, by=self.person, **form.cleaned_data)
        messages.success(self.request, "Your objection is on record. A reviewer answers it.")
        return reverse("trial-versions", args=[self.trial.ref])


class AmendAnswer(AmendObject):
    """A reviewer answers an objection."""

    needs = (Permission.AMENDMENT_DECIDE,)

    def form(self, *sent: Any) -> ObjectionAnswerForm:  # type: ignore[override]  # another act, the same page
        """Return the answer's form."""
        return ObjectionAnswerForm(*sent[:1])

    def act(self, form: ObjectionAnswerForm) -> str:  # type: ignore[override]
        """Put the answer on record."""
        made = objections.answer(amendment=self.waiting, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"Recorded: {made.get_answer_display().lower()}")
        return reverse("trial-versions", args=[self.trial.ref])


def _decision_context(waiting: Amendment | None, page: TrialPage) -> dict[str, Any]:
    may_decide = page.may(Permission.AMENDMENT_DECIDE) and not is_own(page.trial, page.person)
    is_open = waiting is not None and waiting.proposed_by_id != page.person.pk
    return {
        "waiting": waiting,
        "changes": kept_differences(waiting.diff) if waiting else [],
        "may_decide": is_open and may_decide and waiting is not None and waiting.is_open,
        "decision_form": AmendmentDecisionForm(),
        "may_object": waiting is not None
        and waiting.decided_at is not None
        and waiting.objected is None
        and objections.may_object(page.trial, waiting, page.person),
        "objection_form": ObjectionForm(),
        "may_answer": is_open and may_decide and waiting is not None and waiting.waits_for_answer,
        "answer_form": ObjectionAnswerForm(),
    }
