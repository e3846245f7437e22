"""Rows of a staggered design that are not followed over time, or only some of the time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats.staggered.group_time import Cell, ControlGroup

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

NO_COHORT = "no row of the cohort is seen in the period"
NO_COHORT_BEFORE = "no row of the cohort is seen in the base period"
NO_CONTROL = "no row of the comparison is seen in the period"
NO_CONTROL_BEFORE = "no row of the comparison is seen in the base period"


@dataclass(frozen=True, slots=True)
class RowTable:
    """N rows, each in one cohort and one period.

    Attributes
    ----------
    outcome : (N,) outcomes, less their common level.
    cohort, period : (N,) codes of the C cohorts and T periods.
    weight : (N,) positive weights.
    carried : (N,) what each row has to say on how large its cohort is: its part of its unit's mean weight, and the
        weight itself where a row is a unit.
    n_units : the units, or rows, that effects are estimated from.
    """

    outcome: FloatArray
    cohort: IntArray
    period: IntArray
    weight: FloatArray
    carried: FloatArray
    n_units: int
    n_cohorts: int
    n_periods: int

    @property
    def place(self) -> IntArray:
        """(N,) position of each row's cohort and period in a flat C × T table."""
        return np.asarray(self.cohort * self.n_periods + self.period, dtype=np.intp)

    @property
    def share(self) -> FloatArray:
        """(C,) share of the units (or of their weight) in each cohort."""
        found = np.bincount(self.cohort, weights=self.carried, minlength=self.n_cohorts)
        return np.asarray(found / self.n_units, dtype=np.float64)

    def observed(self, table: Sequence[Cell]) -> tuple[Cell, ...]:
        """The cells, each left out with its reason where one of its four means would be of no row."""
        count = np.bincount(self.place, minlength=self.n_cohorts * self.n_periods)
        seen = count.reshape(self.n_cohorts, self.n_periods) > 0
        return tuple(replace(cell, reason=_missing(cell, seen)) if cell.estimable else cell for cell in table)


def _missing(cell: Cell, seen: NDArray[np.bool_]) -> str:
    controls = list(cell.controls)
    if not seen[cell.cohort, cell.period]:
        return NO_COHORT
    if not seen[cell.cohort, cell.base]:
        return NO_COHORT_BEFORE
    if not seen[controls, cell.period].any():
        return NO_CONTROL
    return "" if seen[controls, cell.base].any() else NO_CONTROL_BEFORE


def comparable(
    first_treated: FloatArray, period: FloatArray, control_group: ControlGroup, anticipation: float
) -> BoolArray:
    """(N,) the rows seen while somebody is still untreated: all of them where some are never treated."""
    last = float(first_treated.max())
    if control_group == "never_treated" or np.isinf(last):
        return np.ones(len(period), dtype=bool)
    return np.asarray(period + anticipation < last)
