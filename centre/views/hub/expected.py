"""Which files are expected and which came, for every force; and what is stated to be absent at its source."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub import expecting
from centre.hub.actions import absences
from centre.hub.expected import OfKind, State
from centre.hub.expecting import Expected
from centre.hub.months import spoken
from centre.models import Force, MonthlyFile, SourceAbsence
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage

# In a table, and its colour.
STATES = {
    State.KEPT: ("Kept", "green"),
    State.NOT_RECEIVED: ("Not received", "yellow"),
    State.ABSENT: ("Absent at source", "grey"),
}
KINDS = {
    MonthlyFile.Kind.STREET: "Street-level crime",
    MonthlyFile.Kind.OUTCOMES: "Outcomes",
    MonthlyFile.Kind.STOP_AND_SEARCH: "Stop and search",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of one force in words: how many came, which did not, and which the source never had."""

    label: str
    tag: str
    colour: str
    not_received: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForceInWords:
    """One force: each kind in words, and each month by kind, the newest first."""

    expected: Expected
    kinds: tuple[Told, ...]

    @property
    def months(self) -> list[dict[str, Any]]:
        """Return each month with its state of each kind."""
        return [
            {
                "month": month,
                "states": [
                    {"words": STATES[one.states[month]][0], "colour": STATES[one.states[month]][1]}
                    for one in self.expected.kinds
                ],
            }
            for month in reversed(self.expected.months)
        ]


class StateForm(forms.Form):
    """Which file the source never had, from when to when, and where that can be read."""

    force = forms.ChoiceField(
        label="Force",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a force from the list"),
    )
    kind = forms.ChoiceField(
        label="Kind of file",
        choices=[("", "Choose a kind"), *KINDS.items()],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a kind of file from the list"),
    )
    first_month = PlainCharField(
        name="The first month",
        label="First month without a file",
        help_text="Year and month, for example 2019-07",
        max_length=7,
    )
    last_month = PlainCharField(
        name="The last month",
        label="Last month without a file",
        help_text="Leave empty if it goes on",
        max_length=7,
        required=False,
    )
    words = PlainTextField(
        name="What the source says",
        label="What does the source say?",
        help_text="In your own words, and no more than it says.",
        max_length=500,
        rows=3,
    )
    source = PlainCharField(
        name="The source",
        label="Where can it be read?",
        help_text="For example: data.police.uk, changelog, entry of 3 March 2026",
        max_length=300,
        error_messages={"required": "Say where it can be read: a fact without a source is not recorded"},
    )
    checked_on = DatePartsField(
        label="The day on which you read it there", help_text="For example, 27 3 2026"
    )

    def __init__(self, forces: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(one.slug, one.name) for one in forces]
        self.fields["force"].choices = [("", "Choose a force"), *listed]  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    """Why a statement does not hold."""

    because = PlainCharField(
        name="Why",
        label="Why does it not hold?",
        help_text="Whoever sees the statement reads this.",
        max_length=500,
        error_messages={"required": "Say why it does not hold"},
    )


class ExpectedFiles(HubPage):
    """Every force, by kind: kept, not received, absent at source."""

    template = "hub/expected_files.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        found = expecting.of_all(self.forces())
        known = [one for one in found if one.has_any]
        stated = SourceAbsence.objects.visible_to(self.by).for_list()
        return self.page(
            rows=[in_words(one) for one in known],
            span=spoken(found[0].months) if found else "",
            n_months=len(found[0].months) if found else 0,
            without=[one.force for one in found if not one.has_any and _is_official(one.force)],
            totals=[
                {"words": words, "n": sum(len(kind.months(state)) for one in known for kind in one.kinds)}
                for state, (words, _) in STATES.items()
            ],
            kinds=KINDS.values(),
            stated=stated.standing(),
            withdrawn=stated.exclude(withdrawal=None),
            may_keep=self.may(Permission.HUB_KEEP),
        )


class AbsenceState(FormPage, HubPage):
    """State that a file is absent at its source."""

    template = "hub/absence_state.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> StateForm:
        """Return the form; a link may have chosen the force."""
        return StateForm(self.forces(), *sent, initial=self.request.GET.dict())

    def act(self, form: Any) -> str:
        """State it."""
        given = form.cleaned_data
        absences.state(by=self.by, **{**given, "force": self.force(given["force"])})
        return reverse("hub-expected-files")


class AbsenceWithdraw(FormPage, HubPage):
    """Withdraw a statement."""

    template = "hub/absence_withdraw.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    @property
    def absence(self) -> SourceAbsence:
        """Return it, among those that the person may see."""
        rows = SourceAbsence.objects.visible_to(self.by).for_list()
        found: SourceAbsence = get_object_or_404(rows, pk=self.kwargs["absence_id"])
        return found

    def form(self, *sent: Any) -> WithdrawForm:
        """Return the form."""
        return WithdrawForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return the statement."""
        return {"absence": self.absence}

    def act(self, form: Any) -> str:
        """Withdraw it."""
        absences.withdraw(absence=self.absence, because=form.cleaned_data["because"], by=self.by)
        return reverse("hub-expected-files")


def in_words(one: Expected | None) -> ForceInWords | None:
    """Return what is known of a force's files in words; None where nothing is."""
    return None if one is None else ForceInWords(one, tuple(_told(kind) for kind in one.kinds))


def _told(one: OfKind) -> Told:
    n, kept, missing = len(one.states), len(one.kept), len(one.not_received)
    if kept == n:
        tag, colour = f"All {n} kept", "green"
    elif kept:
        tag, colour = f"{kept} of {n} kept", "yellow" if missing else "green"
    else:
        tag, colour = ("None received", "red") if missing else ("Absent at source", "grey")
    return Told(
        KINDS[MonthlyFile.Kind(one.kind)],
        tag,
        colour,
        tuple(spoken(stretch) for stretch in one.stretches_not_received),
        tuple(spoken(stretch) for stretch in one.stretches_absent),
    )


def _is_official(force: Force) -> bool:
    return force.kind != Force.Kind.SAMPLE
