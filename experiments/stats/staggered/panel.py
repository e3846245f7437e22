"""From a sample to a balanced panel: one row per unit, one column per period, losses counted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.results import Dropped
from experiments.stats.sample import Sample
from experiments.stats.timing import is_numeric

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

NO_PERIOD_BEFORE = (
    "every treated unit is treated from its first period on, so there is no period before treatment"
)
ALWAYS_TREATED = "the unit is treated from the first period on, so it has no period before treatment"
INCOMPLETE = "the unit is not seen in every period"
NOT_SEEN_BEFORE = "the unit is not seen before it is treated"


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel, balanced unless it says that gaps are kept.

    ``outcome`` (n, T), NaN in a gap; ``first_treated``,
    ``cluster`` and ``weight`` (n,); ``covariates`` (n, T, p); ``units`` (n,) are the
    unit codes of the sample that are left; ``dropped`` says which rows are not.
    """

    outcome: FloatArray
    first_treated: FloatArray
    cluster: IntArray
    weight: FloatArray | None
    covariates: FloatArray
    periods: FloatArray
    units: IntArray
    dropped: tuple[Dropped, ...]

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return int(np.isfinite(self.outcome).sum())


def balanced_panel(sample: Sample) -> Panel:
    """Reshape a sample to a balanced panel, leaving out always-treated and incomplete units.

    Raises
    ------
    NotEstimable : fewer than two periods, or no unit is left.
    """
    if sample.n_periods < 2:
        raise NotEstimable("the data have one period only, so there is no change over time to compare")
    first = sample.unit_first_treated
    rows = np.bincount(sample.unit, minlength=sample.n_units)
    always = first <= sample.period_values[0]
    incomplete = ~always & (rows < sample.n_periods)
    left = ~always & ~incomplete
    losses = ((ALWAYS_TREATED, always), (INCOMPLETE, incomplete))
    if not left.any():
        raise NotEstimable(_nobody_left(losses))
    if always.any() and not np.isfinite(first[~always]).any():
        raise NotEstimable(NO_PERIOD_BEFORE)
    dropped = [Dropped(reason, int(rows[lost].sum())) for reason, lost in losses if lost.any()]
    used = slice(None) if left.all() else left[sample.unit]
    shape = (int(left.sum()), sample.n_periods)
    weight = None if sample.weight is None else sample.weight[used].reshape(shape)[:, 0]
    return Panel(
        outcome=sample.outcome[used].reshape(shape),
        first_treated=first[left],
        cluster=np.asarray(sample.unit_cluster[left], dtype=np.intp),
        weight=weight,
        covariates=sample.covariates[used].reshape(*shape, -1)
        if sample.covariate_names
        else np.empty((*shape, 0)),
        periods=sample.period_values,
        units=np.flatnonzero(left),
        dropped=tuple(dropped),
    )


def wide_panel(sample: Sample) -> Panel:
    """Reshape a sample to a panel with its gaps, leaving out units not seen before they are treated.

    Covariates are not carried.

    Raises
    ------
    NotEstimable : fewer than two periods, or no unit is left.
    """
    if sample.n_obs == sample.n_units * sample.n_periods:
        return balanced_panel(sample)
    first = sample.unit_first_treated
    seen_first = sample.period_values[sample.period[sample.unit_starts]]
    always = first <= sample.period_values[0]
    late = ~always & (first <= seen_first)
    left = ~always & ~late
    losses = ((ALWAYS_TREATED, always), (NOT_SEEN_BEFORE, late))
    if not left.any():
        raise NotEstimable(_nobody_left(losses))
    rows = np.bincount(sample.unit, minlength=sample.n_units)
    outcome = np.full((sample.n_units, sample.n_periods), np.nan)
    outcome[sample.unit, sample.period] = sample.outcome
    by_unit = np.searchsorted(sample.unit, np.flatnonzero(left))
    return Panel(
        outcome=outcome[left],
        first_treated=first[left],
        cluster=np.unique(sample.unit_cluster[left], return_inverse=True)[1],
        weight=None if sample.weight is None else sample.weight[by_unit],
        covariates=np.empty((int(left.sum()), sample.n_periods, 0)),
        periods=sample.period_values,
        units=np.flatnonzero(left),
        dropped=tuple(Dropped(reason, int(rows[lost].sum())) for reason, lost in losses if lost.any()),
    )


def _nobody_left(losses: Sequence[tuple[str, NDArray[np.bool_]]]) -> str:
    parts = [f"{int(lost.sum())} units: {reason}" for reason, lost in losses if lost.any()]
    return "no unit is left (" + "; ".join(parts) + ")"


def time_label(value: float, sample: Sample) -> str:
    """Write a period or adoption date as it is written in the data."""
    if not is_numeric(sample.period_names):
        place = np.searchsorted(sample.period_values, value)
        return sample.period_names[int(place)]
    return number_label(value)


def number_label(value: float) -> str:
    """Write a whole number without its point."""
    return str(int(value)) if value == int(value) else repr(float(value))
