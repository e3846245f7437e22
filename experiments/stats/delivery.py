"""What was delivered against what was planned, unit by unit and day by day: integrity, contamination, and a forecast.

A trial whose treatment is not delivered tests something else, so this is looked at while it runs; no outcome is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

RECENT_DAYS = 28  # the days whose integrity is carried forward in a forecast


@dataclass(frozen=True, slots=True)
class Ledger:
    """One row for each unit and day (or the first day of a longer period) that was reported.

    Attributes
    ----------
    unit : (n,) code of the unit.
    day : (n,) day as a proleptic ordinal number.
    treated : (n,) whether the unit was to get the treatment on that day.
    planned : (n,) dose that it was to get, 0 in the comparison.
    delivered : (n,) dose that it got; NaN where the report is blank.
    block : (n,) code of the block of the draw; all 0 without blocks.
    """

    unit: IntArray
    day: IntArray
    treated: BoolArray
    planned: FloatArray
    delivered: FloatArray
    block: IntArray

    @property
    def known(self) -> BoolArray:
        """Return the rows whose dose was reported."""
        return np.isfinite(self.delivered)

    def rows(self, kept: BoolArray) -> "Ledger":
        """Return some of the rows."""
        return Ledger(*(getattr(self, name)[kept] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the rows say in all.

    Attributes
    ----------
    integrity : treatment as delivered, 0 to 1: what treated units got, up to their plan, over their plan.
    delivered_share : what treated units got, over their plan; above 1 where more was done.
    treated_mean, control_mean : mean dose of a reported row; None without rows of that side.
    crossed : share of the comparison's units with any dose while it was to get none; None without such units.
    reversed_blocks : codes of the blocks in which the comparison got as much as the treated, or more.
    reported : share of the expected rows (each unit on each day on which any unit was reported) with a dose.
    """

    integrity: float
    delivered_share: float
    treated_mean: float
    control_mean: float | None
    crossed: float | None
    reversed_blocks: tuple[int, ...]
    reported: float

    @property
    def contamination(self) -> float | None:
        """Return the dose of the comparison as a share of that of the treated; None where neither is known."""
        if self.control_mean is None or self.treated_mean == 0:
            return None
        return self.control_mean / self.treated_mean


@dataclass(frozen=True, slots=True)
class Forecast:
    """The integrity that the whole trial will have had: as it goes now, and if all the rest is delivered."""

    projected: float
    best: float


@dataclass(frozen=True, slots=True)
class Spell:
    """One week: its first day as an ordinal, its integrity (None where nothing was planned), and the mean doses."""

    start: int
    integrity: float | None
    treated_mean: float | None
    control_mean: float | None


def delivery(ledger: Ledger, n_units: int) -> Delivery:
    """Hold what was delivered against the plan, and the treated against the comparison.

    Parameters
    ----------
    ledger : what was reported.
    n_units : how many units the trial has; each is expected on every day on which any was reported.

    Returns
    -------
    Delivery : shares from 0 to 1 and means in the units of the dose.

    Notes
    -----
    ``integrity = sum(min(delivered, planned)) / sum(planned)`` over treated rows, so that what is done twice in one
    place does not make up for what is not done in another. Blank reports count as nothing known, not as nothing done.

    Raises
    ------
    NotEstimable : a dose below 0, no reported treated row, or no dose planned for any of them.

    References
    ----------
    Neyroud (2017), on the share of police experiments above a 60 % threshold of treatment integrity.
    """
    known = ledger.rows(ledger.known)
    if (known.delivered < 0).any() or (ledger.planned < 0).any():
        raise NotEstimable("a dose is below 0")
    treated, control = known.rows(known.treated), known.rows(~known.treated)
    if not len(treated.unit):
        raise NotEstimable("no dose of a treated unit has been reported")
    expected = n_units * len(np.unique(ledger.day))
    return Delivery(
        integrity=_integrity(treated),
        delivered_share=_sum(treated.delivered) / _planned(treated),
        treated_mean=_mean(treated.delivered),
        control_mean=_mean(control.delivered) if len(control.unit) else None,
        crossed=_crossed(control),
        reversed_blocks=_reversed(known),
        reported=min(len(known.unit) / expected, 1.0),
    )


def weeks(ledger: Ledger) -> tuple[Spell, ...]:
    """Return the same by week (Monday to Sunday), in order; a week without a report is left out.

    Parameters
    ----------
    ledger : what was reported.
    """
    known = ledger.rows(ledger.known)
    monday = known.day - (known.day - 1) % 7  # the ordinal 1 is a Monday
    return tuple(_spell(int(start), known.rows(monday == start)) for start in np.unique(monday))


def forecast(ledger: Ledger, *, first: int, last: int) -> Forecast:
    """Say what the integrity of the whole trial will have been.

    Parameters
    ----------
    ledger : what was reported.
    first, last : first and last day of the intervention, as ordinals.

    Returns
    -------
    Forecast : ``projected`` carries the integrity of the last four weeks forward over the days that are left;
        ``best`` has everything delivered on them.

    Raises
    ------
    NotEstimable : as for :func:`delivery`, or a last day before the first.
    """
    if last < first:
        raise NotEstimable("the intervention ends before it starts")
    known = ledger.rows(ledger.known & ledger.treated)
    if not len(known.unit):
        raise NotEstimable("no dose of a treated unit has been reported")
    newest = int(known.day.max())
    so_far = _integrity(known)
    recent = known.rows(known.day > newest - RECENT_DAYS)
    lately = _integrity(recent) if _sum(recent.planned) > 0 else so_far
    gone = min(max((newest - first + 1) / (last - first + 1), 0.0), 1.0)
    return Forecast(projected=gone * so_far + (1 - gone) * lately, best=gone * so_far + (1 - gone))


def _spell(start: int, rows: Ledger) -> Spell:
    treated, control = rows.rows(rows.treated), rows.rows(~rows.treated)
    return Spell(
        start=start,
        integrity=_integrity(treated) if _sum(treated.planned) > 0 else None,
        treated_mean=_mean(treated.delivered) if len(treated.unit) else None,
        control_mean=_mean(control.delivered) if len(control.unit) else None,
    )


def _integrity(treated: Ledger) -> float:
    return _sum(np.minimum(treated.delivered, treated.planned)) / _planned(treated)


def _planned(treated: Ledger) -> float:
    total = _sum(treated.planned)
    if total == 0:
        raise NotEstimable("no dose is planned for any treated unit")
    return total


def _crossed(control: Ledger) -> float | None:
    if not len(control.unit):
        return None
    given = np.unique(control.unit[control.delivered > control.planned])
    return len(given) / len(np.unique(control.unit))


def _reversed(known: Ledger) -> tuple[int, ...]:
    found = []
    for code in np.unique(known.block):
        sides = [known.delivered[(known.block == code) & (known.treated == side)] for side in (True, False)]
        if min(map(len, sides)) and _mean(sides[0]) <= _mean(sides[1]):
            found.append(int(code))
    return tuple(found)


def _sum(values: FloatArray) -> float:
    return float(np.sort(values).sum())  # sorted, so that the order of rows changes no digit


def _mean(values: FloatArray) -> float:
    return _sum(values) / len(values)
