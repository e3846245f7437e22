"""Moving a trial through its life."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from centre.permissions import Permission, require, roles_that_hold
from experiments.actions import conduct, withdrawals
from experiments.forms.life import ConductForm
from experiments.lifecycle import Conduct, Fact, facts_for, next_states
from experiments.views.history import history
from experiments.views.pages import TrialAct
from experiments.views.words import conduct_words, standings

# What a trial should not come to stands last in the list of what can happen.
_SIDEWAYS = (Conduct.SUSPENDED, Conduct.TERMINATED, Conduct.NEVER_STARTED)


class TrialConduct(TrialAct):
    """Where the trial stands, where it can go from here, and what stands in the way."""

    template = "trials/conduct.html"
    acts_with = conduct.PERMISSIONS

    def form(self, *sent: Any) -> ConductForm:
        """Return the states that a person may choose."""
        return ConductForm(
            *sent[:1],
            choices=[
                (state.value, conduct_words(state)[0])
                for state in self.states
                if self.may(conduct.needed_for(state))
            ],
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
            whose = "" if self.may(conduct.needed_for(state)) else roles_that_hold(conduct.needed_for(state))
            choices.append((*conduct_words(state), missing, Fact.REASON in facts_for(before, state), whose))
        return {
            "standings": standings(self.trial),
            "choices": choices,
            "may_conduct": any(self.may(conduct.needed_for(state)) for state in self.states),
            "may_withdraw": any(self.may(one) for one in (Permission.TRIAL_SUBMIT, *withdrawals.APPROVERS)),
            "happened": history(self.trial),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Turn away who asks for a step that is somebody else's part; the form would only not know it."""
        asked = request.POST.get("to", "")
        if asked in self.states:
            require(request.user, conduct.needed_for(Conduct(asked)), on=self.trial)
        return super().post(request, **kwargs)

    def act(self, form: ConductForm) -> str:
        """Move it."""
        moved = conduct.advance(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"The trial is now: {conduct_words(moved.conduct_state)[0].lower()}")
        return reverse("trial-conduct", args=[self.trial.ref])
