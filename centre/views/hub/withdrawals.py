"""Proposing that a standard is withdrawn, and deciding what another proposed."""

from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.shortcuts import get_list_or_404
from django.urls import reverse

from centre.forms import PlainTextField
from centre.hub.actions import withdrawals
from centre.models import Standard, StandardWithdrawal
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage


class WithdrawalForm(forms.Form):
    """Why a standard should end."""

    reason = PlainTextField(
        name="Reason",
        label="Why it should hold no longer",
        help_text="Everybody in the hub can read it once it is withdrawn.",
        max_length=600,
        rows=3,
    )


class DecisionForm(forms.Form):
    """What the second person says."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=(
            (StandardWithdrawal.Decision.WITHDRAWN, "Withdraw it"),
            (StandardWithdrawal.Decision.KEPT, "Keep it"),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is withdrawn or kept"},
    )


class StandardWithdraw(FormPage, HubPage):
    """Propose that a standard is withdrawn."""

    template = "hub/standard_withdraw.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> WithdrawalForm:
        """Return the form, of a standard that somebody adopted."""
        rows = Standard.objects.adopted().filter(key=self.kwargs["standard"]).order_by("-version")
        self.standard = get_list_or_404(rows)[0]
        return WithdrawalForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what would end."""
        return {"standard": self.standard}

    def act(self, form: Any) -> str:
        """Propose it."""
        made = withdrawals.propose(standard=self.standard, reason=form.cleaned_data["reason"], by=self.by)
        return reverse("hub-standard", args=[made.standard.key])


class StandardWithdrawalDecide(FormPage, HubPage):
    """Decide what another proposed."""

    template = "hub/standard_withdrawal.html"
    needs: ClassVar[Permission] = Permission.STANDARD_ADOPT

    def form(self, *sent: Any) -> DecisionForm:
        """Return the form, of the standard's newest proposal to withdraw it."""
        rows = StandardWithdrawal.objects.filter(standard__key=self.kwargs["standard"])
        found = rows.select_related("standard", "proposed_by", "decided_by").first()
        if found is None:
            raise Http404
        self.withdrawal: StandardWithdrawal = found
        return DecisionForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what was proposed."""
        return {
            "withdrawal": self.withdrawal,
            "standard": self.withdrawal.standard,
            "is_own": self.withdrawal.proposed_by_id == self.by.pk,
        }

    def act(self, form: Any) -> str:
        """Withdraw it, or keep it."""
        withdrawals.decide(withdrawal=self.withdrawal, decision=form.cleaned_data["decision"], by=self.by)
        return reverse("hub-standard", args=[self.withdrawal.standard.key])
