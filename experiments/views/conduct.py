"""Moving a trial through its life."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.urls import reverse

from centre.models import AuditEvent
from centre.permissions import Permission
from experiments.actions import conduct
from experiments.forms.acts import ConductForm
from experiments.lifecycle import Conduct, Fact, facts_for, next_states
from experiments.models import Trial
from experiments.views.pages import TrialAct
from experiments.views.words import conduct_words, standings

_MOVED = {
    "trial.moved": "",
    "trial.registered": "Registered",
    "trial.withdrawn": "Withdrawn",
    "allocation.units_frozen": "Unit list frozen",
    "allocation.opened": "Sequence opened",
    "allocation.beacon_entered": "Value of the beacon entered",
    "allocation.drawn": "Drawn",
    "allocation.revealed": "Seed revealed",
}


# What a trial should not come to stands last in the list of what can happen.
_SIDEWAYS = (Conduct.SUSPENDED, Conduct.TERMINATED, Conduct.NEVER_STARTED)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened to a trial."""

    at: dt.datetime
    words: str
    actor: str
    reason: str


def moves(trial: Trial) -> list[Move]:
    """Return what happened to a trial, newest first, from the audit log."""
    events = AuditEvent.objects.filter(
        subject_type="experiments.trial", subject_id=str(trial.pk), event__in=_MOVED
    ).order_by("-pk")
    return [
        Move(
            one.at,
            conduct_words(one.detail["to"])[0] if one.event == "trial.moved" else _MOVED[one.event],
            one.actor_name,
            str(one.detail.get("reason", "")),
        )
        for one in events
    ]


class TrialConduct(TrialAct):
    """Where the trial stands, where it can go from here, and what stands in the way."""

    template = "trials/conduct.html"
    acts_with = Permission.TRIAL_CONDUCT

    def form(self, *sent: Any) -> ConductForm:
        """Return the states that a person may choose."""
        return ConductForm(
            *sent[:1], choices=[(state.value, conduct_words(state)[0]) for state in self.states]
        )

    @property
    def states(self) -> list[Conduct]:
        """Return the next states, those that only the draw reaches left out."""
        after = [
            one for one in next_states(Conduct(self.trial.conduct_state)) if one is not Conduct.ALLOCATED
        ]
        return sorted(after, key=lambda state: state in _SIDEWAYS)

    def context(self) -> dict[str, Any]:
        """Return each next state with what it means and what is missing for it."""
        known = conduct.facts(self.trial, reason="given")
        before = Conduct(self.trial.conduct_state)
        choices = []
        for state in self.states:
            missing = [fact for fact in facts_for(before, state) if not known.get(fact, False)]
            choices.append((*conduct_words(state), missing, Fact.REASON in facts_for(before, state)))
        return {
            "standings": standings(self.trial),
            "choices": choices,
            "may_conduct": self.may(Permission.TRIAL_CONDUCT),
            "moves": moves(self.trial),
        }

    def act(self, form: ConductForm) -> str:
        """Move it."""
        moved = conduct.advance(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"The trial is now: {conduct_words(moved.conduct_state)[0].lower()}")
        return reverse("trial-conduct", args=[self.trial.ref])
