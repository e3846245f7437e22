"""Treatment delivered: how much of the plan, week by week, where it fell short, and what that means for the trial."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from centre.permissions import Permission
from experiments import health
from experiments.analysis.delivery import DoseLedger, dose_ledger
from experiments.models import Trial
from experiments.stats.delivery import Spell, weeks
from experiments.stats.errors import NotEstimable
from experiments.stats.figures.delivery import delivery_by_week
from experiments.views.numbers import number, percent
from experiments.views.pages import TrialPage

SHOWN = 20  # units that got least
COLOURS = {"green": "green", "amber": "yellow", "red": "red", "unknown": "grey"}


@dataclass(frozen=True, slots=True)
class Told:
    """One verdict as the page shows it."""

    label: str
    tag: str
    colour: str
    said: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A treated unit that got less than the smallest acceptable dose on average."""

    unit: str
    mean: str
    days: int


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
        try:
            told = verdicts(ledger)
        except NotEstimable as reason:
            return self.page(not_yet=str(reason), **shared)
        spells = weeks(ledger.rows)
        names = self._names()
        return self.page(
            **shared,
            told=told,
            drawing=figure(ledger, spells),
            spells=[_week(spell) for spell in spells][::-1],
            short=shortfalls(ledger, names) if ledger.min_acceptable is not None else [],
            names_some=bool(names),
            smallest=number(ledger.min_acceptable),
            shown=SHOWN,
        )

    def _names(self) -> frozenset[str]:
        """Return the units whose arm the person may know: all, or those of their own force."""
        allocation = self.trial.allocation
        if allocation is None:
            return frozenset()
        units = allocation.units if not allocation.is_one_by_one else allocation.assignments
        name = "code" if not allocation.is_one_by_one else "unit"
        if not allocation.needs_draw or allocation.is_open_to(self.request.user):
            return frozenset(units.values_list(name, flat=True))
        if not has_own_units(self.trial, self.person.force_ids):
            return frozenset()
        return frozenset(units.filter(force__in=self.person.force_ids).values_list(name, flat=True))


def has_own_units(trial: Trial, force_ids: frozenset[int]) -> bool:
    """Return whether a person's force delivers in the trial."""
    return bool(force_ids & trial.force_ids)


def verdicts(ledger: DoseLedger) -> list[Told]:
    """Return integrity and contamination in words.

    Raises
    ------
    NotEstimable : nothing is known of a treated unit yet.
    """
    found = ledger.summary()
    judged = (
        ("Integrity", health.integrity(found, ledger.forecast(), ledger.floor)),
        ("Contamination", health.contamination(found)),
    )
    words = {"green": "On course", "amber": "Look", "red": "Act", "unknown": "Not known"}
    return [Told(label, words[one.status], COLOURS[one.status], one.said) for label, one in judged]


def figure(ledger: DoseLedger, spells: tuple[Spell, ...]) -> SafeString:
    """Return the drawing of the weeks: our own, numbers only."""
    return mark_safe(delivery_by_week(spells, ledger.floor))  # noqa: S308


def shortfalls(ledger: DoseLedger, names: frozenset[str]) -> list[Shortfall]:
    """Return the treated units that got least, of those whose arm the reader may know."""
    known = ledger.rows.rows(ledger.rows.known & ledger.rows.treated)
    smallest = ledger.min_acceptable or 0.0
    found = []
    for code in np.unique(known.unit):
        doses = known.delivered[known.unit == code]
        if ledger.units[code] in names and doses.mean() < smallest:
            found.append((float(doses.mean()), ledger.units[code], len(doses)))
    return [Shortfall(unit, number(mean), days) for mean, unit, days in sorted(found)[:SHOWN]]


def _week(spell: Spell) -> tuple[dt.date, str, str, str]:
    share = "" if spell.integrity is None else percent(100 * spell.integrity)
    return dt.date.fromordinal(spell.start), share, number(spell.treated_mean), number(spell.control_mean)
