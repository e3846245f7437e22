"""Treatment delivered: how much of the plan, week by week, where it fell short, and what that means for the trial."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from centre.permissions import Permission
from experiments import health
from experiments.analysis.delivery import dose_ledger
from experiments.views.numbers import number, percent
from experiments.views.pages import TrialPage

SHOWN = 20  # units that got least
WORDS = {
    health.Status.GREEN: ("On course", "green"),
    health.Status.AMBER: ("Look", "yellow"),
    health.Status.RED: ("Act", "red"),
    health.Status.UNKNOWN: ("Not known", "grey"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict as a page shows it."""

    label: str
    tag: str
    colour: str
    said: str

    @classmethod
    def of(cls, verdict: health.Verdict) -> Self:
        """Return the verdict in words and a colour."""
        tag, colour = WORDS[verdict.status]
        return cls(verdict.check.capitalize(), tag, colour, verdict.said)


class TrialDelivery(TrialPage):
    """The dose ledger of a trial, for those who work on it. Units by name only to those who may know their arms."""

    template = "delivery/detail.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the ledger."""
        ledger = dose_ledger(self.trial)
        shared: dict[str, Any] = {
            "ledger": ledger,
            "may_upload": self.may(Permission.DATASET_UPLOAD),
            "can_begin": self.trial.allocation is not None and self.trial.conduct_state != "baseline",
        }
        if ledger is None:
            return self.page(**shared)
        if ledger.known() is None:
            return self.page(not_yet=True, **shared)
        names = self._names()
        return self.page(
            **shared,
            told=[Told.of(one) for one in ledger.verdicts()],
            drawing=mark_safe(ledger.drawing()),  # noqa: S308  drawn by our own engine: numbers only
            weeks=[_week(spell) for spell in ledger.weeks()][::-1],
            short=ledger.lowest(names, SHOWN) if ledger.min_acceptable is not None else [],
            names_some=bool(names),
            smallest=number(ledger.min_acceptable),
            shown=SHOWN,
        )

    def _names(self) -> frozenset[str]:
        """Return the units whose arm the person may know: all, or those of their own force."""
        allocation = self.trial.allocation
        if allocation is None:
            return frozenset()
        by_case = allocation.is_one_by_one
        units, name = (allocation.assignments, "unit") if by_case else (allocation.units, "code")
        if not allocation.needs_draw or allocation.is_open_to(self.request.user):
            return frozenset(units.values_list(name, flat=True))
        return frozenset(units.filter(force__in=self.person.force_ids).values_list(name, flat=True))


def _week(spell: Any) -> tuple[dt.date, str, str, str]:
    share = "" if spell.integrity is None else percent(100 * spell.integrity)
    return dt.date.fromordinal(spell.start), share, number(spell.treated_mean), number(spell.control_mean)
