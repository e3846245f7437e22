"""Who works on a trial: nobody in the list may review, check or rate it."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from centre.errors import Invalid
from centre.models import User
from centre.permissions import Permission
from experiments.actions import trials
from experiments.forms.acts import TeamForm
from experiments.views.pages import TrialAct


class TrialTeam(TrialAct):
    """The team, and a form that adds to it."""

    template = "trials/team.html"
    acts_with = (Permission.TRIAL_DRAFT,)

    def form(self, *sent: Any) -> TeamForm:
        """Return the form."""
        return TeamForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the team."""
        return {
            "members": self.trial.team_members.select_related("user").order_by("pk"),
            "may_add": self.may(Permission.TRIAL_DRAFT),
        }

    def act(self, form: TeamForm) -> str:
        """Add the person."""
        user = User.objects.filter(email__iexact=form.cleaned_data["email"], is_active=True).first()
        if user is None:
            raise Invalid.field(
                "/email", "Nobody signs in with this address: ask the registrar to add them first"
            )
        trials.add_member(trial=self.trial, user=user, role=form.cleaned_data["role"], by=self.person)
        messages.success(self.request, f"{user} is in the team, and cannot review or check this trial.")
        return reverse("trial-team", args=[self.trial.ref])
