"""Taking a registration back before anything has begun: asked for by the team, approved by two."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from centre.permissions import Permission
from experiments.actions import withdrawals
from experiments.forms.acts import WithdrawForm
from experiments.forms.life import ApprovalForm
from experiments.views.pages import TrialAct


class TrialWithdraw(TrialAct):
    """Ask for it; or, where somebody has asked, answer."""

    template = "trials/withdraw.html"
    needs = (Permission.TRIAL_SUBMIT, *withdrawals.APPROVERS)

    @property
    def answers(self) -> bool:
        """Return whether the person is asked to approve."""
        is_waiting = withdrawals.waiting(self.trial) is not None
        return is_waiting and any(self.may(one) for one in withdrawals.APPROVERS)

    def form(self, *sent: Any) -> WithdrawForm | ApprovalForm:
        """Return the reason's form, or the answer's."""
        return ApprovalForm(*sent[:1]) if self.answers else WithdrawForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return what was asked and answered before."""
        return {
            "waiting": withdrawals.waiting(self.trial),
            "answers": self.answers,
            "is_director": self.may(Permission.TRIAL_DIRECT),
            "refused": self.trial.withdrawals.exclude(refused_at=None).select_related("refused_by"),
        }

    def act(self, form: WithdrawForm | ApprovalForm) -> str:
        """Ask, approve, refuse, or withdraw at once."""
        given, trial, by = form.cleaned_data, self.trial, self.person
        if self.answers and given["decision"] == "approve":
            words = _after(withdrawals.approve(trial=trial, by=by))
        elif self.answers:
            withdrawals.refuse(trial=trial, reason=given["reason"], by=by)
            words = "Refused. The registration stands."
        elif self.may(Permission.TRIAL_DIRECT):
            words = _after(withdrawals.force(trial=trial, reason=given["reason"], by=by))
        else:
            words = _after(withdrawals.request(trial=trial, reason=given["reason"], by=by))
        messages.success(self.request, words)
        return reverse("trial-detail", args=[self.trial.ref])


def _after(asked: Any) -> str:
    if asked.is_approved:
        return "The registration is withdrawn. Its record and the reason stay public."
    if asked.manager_at or asked.director_at:
        return "Approved. It is withdrawn when the other person approves too."
    return "The registrar and the director are asked to approve."
