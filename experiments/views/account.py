"""What happened in a trial, as its team tells it: every entry, and the forms that add, correct and take back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.errors import NotFound
from centre.permissions import Permission
from experiments.account import (
    HarmTold,
    LossCheck,
    LossTold,
    deviations_of,
    explanations_of,
    harms_of,
    implementations_of,
    is_open_to,
    loss_checks,
    losses_of,
    remarks_of,
)
from experiments.actions import accounts, deviations, explanations, harms, implementations, losses, remarks
from experiments.forms.account import (
    HARMFUL,
    DeviationForm,
    EntryForm,
    ExplanationForm,
    HarmForm,
    ImplementationForm,
    LossForm,
    RemarkForm,
    TakeBackForm,
)
from experiments.forms.questions import words_for
from experiments.lifecycle import ONCE_OUT
from experiments.models import Deviation, Explanation, Harm, Implementation, Loss, Remark, Trial
from experiments.models.account import AccountEntry
from experiments.views.pages import TrialAct, TrialPage


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: its words, its rows, its form and the action that keeps it."""

    noun: str
    question: str
    model: type[AccountEntry]
    form: type[EntryForm]
    record: Callable[..., AccountEntry]


KINDS: dict[str, Kind] = {
    "deviations": Kind(
        "deviation",
        "What was not done as the protocol says?",
        Deviation,
        DeviationForm,
        deviations.record,
    ),
    "harms": Kind("harm", "What harm was found, or looked for and not found?", Harm, HarmForm, harms.record),
    "losses": Kind("loss", "Which units were lost, and why?", Loss, LossForm, losses.record),
    "implementation": Kind(
        "account of delivery and cost",
        "What was delivered, and what did it take?",
        Implementation,
        ImplementationForm,
        implementations.record,
    ),
    "remarks": Kind(
        "remark", "What limits the results, and what do they mean?", Remark, RemarkForm, remarks.record
    ),
    "explanations": Kind(
        "explanation",
        "Why was it stopped, or is it not published?",
        Explanation,
        ExplanationForm,
        explanations.record,
    ),
}


@dataclass(frozen=True, slots=True)
class Departure:
    """One deviation as a page shows it."""

    told: Any
    field: str


def departures(trial: Trial, viewer: Any) -> list[Departure]:
    """Return the deviations that the viewer may read, with the names of their fields."""
    return [Departure(one, words_for(one.entry.pointer)) for one in deviations_of(trial, viewer)]


@dataclass(frozen=True, slots=True)
class Harms:
    """The harms as a page shows them, and the registered ones that nothing is on record about."""

    rows: list[HarmTold]
    silent: list[str]
    exact: bool


def harms_shown(trial: Trial, viewer: Any, *, exact: bool) -> Harms:
    """Return the harms that the viewer may read."""
    rows = harms_of(trial, viewer, exact=exact)
    told = {one.told.entry.outcome for one in rows if not one.told.entry.takes_back}
    registration = trial.registration
    asked = registration.frozen_protocol.outcomes if registration else ()
    silent = [one.name for one in asked if one.role in HARMFUL and one.id not in told]
    return Harms(rows, silent, exact)


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses as a page shows them, and whether they account for what the data miss."""

    rows: list[LossTold]
    checks: list[LossCheck]
    exact: bool


def losses_shown(trial: Trial, viewer: Any, *, exact: bool) -> Losses:
    """Return the losses that the viewer may read."""
    return Losses(losses_of(trial, viewer, exact=exact), loss_checks(trial, viewer, exact=exact), exact)


class TrialAccount(TrialPage):
    """Everything that was recorded. The public reads it with the results."""

    template = "account/detail.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        is_open = is_open_to(self.trial, request.user)
        may_record = request.user.is_authenticated and accounts.may_record(self.trial, self.person)
        return self.page(
            is_open=is_open,
            is_public=self.trial.results_state in ONCE_OUT,
            departures=departures(self.trial, request.user),
            harms=harms_shown(self.trial, request.user, exact=self.works_on_it),
            implementations=implementations_of(self.trial, request.user),
            losses=losses_shown(self.trial, request.user, exact=self.works_on_it),
            remarks=remarks_of(self.trial, request.user),
            explanations=explanations_of(self.trial, request.user),
            may_record=may_record,
            may_tell_delivery=may_record and not implementations.is_told(self.trial),
        )


class EntryNew(TrialAct):
    """Record one thing."""

    template = "account/new.html"
    acts_with = (Permission.TRIAL_CONDUCT,)
    corrects: AccountEntry | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what the address names."""
        self.slug, self.entry_id = kwargs.pop("account_kind"), kwargs.pop("entry_id", None)
        return super().dispatch(request, *args, **kwargs)

    @property
    def kind(self) -> Kind:
        """Return the kind of entry that the address names."""
        if self.slug not in KINDS:
            raise NotFound("There is no such kind of entry.")
        return KINDS[self.slug]

    @property
    def entry(self) -> AccountEntry | None:
        """Return the entry that the address names, if it names one."""
        if self.entry_id is None:
            return None
        rows = self.kind.model.objects.filter(trial=self.trial)
        found: AccountEntry = get_object_or_404(rows, public_id=self.entry_id)
        return found

    def form(self, *sent: Any) -> Any:
        """Return the form of the kind."""
        return self.kind.form(*sent[:1], trial=self.trial, corrects=self.entry)

    def context(self) -> dict[str, Any]:
        """Return what the page is about."""
        return {
            "kind": self.kind,
            "corrects": self.entry,
            "may_record": accounts.may_record(self.trial, self.person),
        }

    def act(self, form: Any) -> str:
        """Keep it."""
        entry = self.entry
        replaced = {"corrects": entry} if entry else {}
        self.kind.record(trial=self.trial, by=self.person, **replaced, **form.cleaned_data)
        return self.done("The earlier entry stays beside the new one." if entry else "On record.")

    def done(self, said: str) -> str:
        """Say so, and return where the entries are."""
        messages.success(self.request, said)
        return reverse("trial-account", args=[self.trial.ref])


class EntryCorrect(EntryNew):
    """Say something else in the place of an entry."""


class EntryTakeBack(EntryNew):
    """Take an entry back."""

    template = "account/take_back.html"

    def form(self, *sent: Any) -> TakeBackForm:
        """Return the form for the reason."""
        return TakeBackForm(*sent[:1])

    def act(self, form: TakeBackForm) -> str:
        """Take it back."""
        entry = self.entry
        if entry is None:
            raise NotFound("There is no such entry in this trial.")
        accounts.take_back(entry=entry, by=self.person, **form.cleaned_data)
        return self.done("Taken back. What it said can still be read.")
