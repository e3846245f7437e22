"""Treatment delivered: how much of the plan, week by week, where it fell short, and what that means for the trial."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from centre.permissions import Permission
from experiments.analysis.delivery import dose_ledger
from experiments.views.numbers import number, percent
from experiments.views.pages import TrialPage
from experiments.views.verdicts import MARKS

SHOWN = 20  # units that got least


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
        if ledger.known is None:
            return self.page(not_yet=True, **shared)
        names = self._names()
        return self.page(
            **shared,
            told=[(one.check.capitalize(), MARKS[one.status], one.said) for one in ledger.verdicts()],
            drawing=mark_safe(ledger.drawing()),  # noqa: S308  drawn by our own engine: numbers only
            weeks=[_week(spell) for spell in ledger.weeks][::-1],
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
