"""The other trials that a trial meets, and the registrar's word on how they are kept apart."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.urls import reverse

from centre.permissions import Permission
from experiments.actions import collisions as actions
from experiments.analysis.collisions import Collision, collisions
from experiments.forms.life import CollisionNoteForm
from experiments.models import CollisionNote, Trial
from experiments.views.pages import TrialAct


class TrialCollisions(TrialAct):
    """Where the trial meets others, and for the registrar a form. Trials that are hidden are the Centre's to see."""

    template = "collisions/list.html"
    acts_with = (Permission.TRIAL_REGISTER,)

    @cached_property
    def met(self) -> list[Collision]:
        """Return the trials that it meets and that the person may know of."""
        registration = self.trial.registration
        read = registration.frozen_protocol if registration else self.trial.draft
        found = collisions(self.trial, read)
        seen = Trial.objects.visible_to(self.person).filter(pk__in=[one.other.pk for one in found])
        keys = set(seen.values_list("pk", flat=True))
        return [one for one in found if one.other.pk in keys]

    def form(self, *sent: Any) -> CollisionNoteForm:
        """Return the note's form, with the trials that nobody has declared."""
        open_ones = [one for one in self.met if not one.declared]
        choices = [(one.other.ref, f"{one.other.number}, {one.other.title}") for one in open_ones]
        return CollisionNoteForm(*sent[:1], choices=choices)

    def context(self) -> dict[str, Any]:
        """Return what the page shows beside the form."""
        may_note = self.may(Permission.TRIAL_REGISTER) and self.trial.number is not None
        return {
            "collisions": self.met,
            "may_note": may_note,
            "notes": CollisionNote.objects.about(self.trial).select_related("trial", "other", "by")
            if self.person.is_centre_staff
            else [],
        }

    def act(self, form: CollisionNoteForm) -> str:
        """Keep the note."""
        other = Trial.objects.visible_to(self.person).get(number=form.cleaned_data["other"])
        actions.note(trial=self.trial, other=other, reason=form.cleaned_data["reason"], by=self.person)
        messages.success(self.request, f"Noted: how it is kept apart from {other.number}.")
        return reverse("trial-collisions", args=[self.trial.ref])
