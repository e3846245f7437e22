"""What a trial owes the public: notes on its progress; and the one time that publication is put off."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from centre.permissions import Permission
from experiments.actions import deferrals, embargoes, progress_notes
from experiments.actions.trials import may_submit
from experiments.forms.life import DeferralForm, EmbargoForm, ProgressForm
from experiments.views.pages import TrialAct


class TrialProgress(TrialAct):
    """Every note on the trial's progress, newest first; the team adds one."""

    template = "trials/progress.html"
    is_inside = False
    acts_with = (Permission.TRIAL_CONDUCT,)

    def form(self, *sent: Any) -> ProgressForm:
        """Return the note's form."""
        return ProgressForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the notes."""
        may = self.request.user.is_authenticated and self.may(Permission.TRIAL_CONDUCT)
        return {
            "notes": self.trial.progress_notes.all(),
            "may_write": may and self.trial.is_registered and may_submit(self.trial, self.person),
        }

    def act(self, form: ProgressForm) -> str:
        """Write it."""
        progress_notes.write(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, "The note is public.")
        return reverse("trial-progress", args=[self.trial.ref])


class TrialDefer(TrialAct):
    """Put publication off, once."""

    template = "trials/defer.html"
    needs = (Permission.TRIAL_REGISTER,)

    def form(self, *sent: Any) -> DeferralForm:
        """Return the form for the day and the reason."""
        return DeferralForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the deferral there is, or the last day there can be."""
        return {"deferral": getattr(self.trial, "deferral", None), "latest": deferrals.latest(self.trial)}

    def act(self, form: DeferralForm) -> str:
        """Put it off."""
        made = deferrals.put_off(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"Publication is put off until {made.until:%-d %B %Y}.")
        return reverse("trial-detail", args=[self.trial.ref])


class TrialEmbargo(TrialAct):
    """Let the record stay hidden for longer, once."""

    template = "trials/embargo.html"
    needs = (Permission.TRIAL_DIRECT,)

    def form(self, *sent: Any) -> EmbargoForm:
        """Return the form for the day and the reason."""
        return EmbargoForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the extension there is, or the last day there can be."""
        return {
            "extension": getattr(self.trial, "embargo_extension", None),
            "latest": embargoes.latest(self.trial),
        }

    def act(self, form: EmbargoForm) -> str:
        """Extend it."""
        made = embargoes.extend(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"The record becomes public on {made.until:%-d %B %Y}.")
        return reverse("trial-detail", args=[self.trial.ref])
