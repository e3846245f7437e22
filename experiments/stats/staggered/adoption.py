"""When each unit was first treated, and the rows of a panel that a before–after comparison can use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.results import Dropped
from experiments.stats.sample import Sample, first_rows
from experiments.stats.staggered.panel import ALWAYS_TREATED, NO_PERIOD_BEFORE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LongPanel:
    """The rows of units seen before treatment, sorted by unit and period.

    By row (N,): ``outcome``, ``status`` (0 to 1), ``unit`` codes without gaps, ``period`` codes,
    ``cluster`` codes, ``weight``, ``exposure`` and ``affected`` or None, ``covariates`` (N, p). By unit (n,):
    ``first``, the first treated period, ``inf`` for never. ``dropped`` says which rows of the sample are not here.
    """

    outcome: FloatArray
    status: FloatArray
    unit: IntArray
    period: IntArray
    cluster: IntArray
    weight: FloatArray | None
    exposure: FloatArray | None
    affected: FloatArray | None
    covariates: FloatArray
    first: FloatArray
    periods: FloatArray
    dropped: tuple[Dropped, ...]

    @property
    def n_units(self) -> int:
        return len(self.first)

    @property
    def dates(self) -> FloatArray:
        """The distinct dates of adoption, in order."""
        return np.unique(self.first[np.isfinite(self.first)])

    @property
    def is_staggered(self) -> bool:
        """Whether units adopt at more than one date."""
        return len(self.dates) > 1

    @property
    def n_treated(self) -> int:
        """Units ever treated."""
        return int(np.isfinite(self.first).sum())

    def cluster_counts(self) -> tuple[int, int]:
        """Clusters with a treated unit, and clusters with a unit that is untreated when others first are."""
        by_unit = self.cluster[first_rows(self.unit, self.n_units, len(self.periods))]
        treated = np.isfinite(self.first)
        waiting = self.first > self.dates[0] if treated.any() else ~treated
        return len(np.unique(by_unit[treated])), len(np.unique(by_unit[waiting]))


def long_panel(sample: Sample) -> LongPanel:
    """Leave out always-treated units and refuse designs without a comparison.

    Raises
    ------
    NotEstimable : one period, nobody treated, or nobody untreated once others are treated.
    """
    if sample.n_periods < 2:
        raise NotEstimable("the data have one period only, so there is no change over time to compare")
    status = sample.status
    first, always = _first_treated(sample, status)
    if not np.isfinite(first[~always]).any():
        raise NotEstimable(
            NO_PERIOD_BEFORE if always.any() else "no unit is treated within the periods of the data"
        )
    dropped: tuple[Dropped, ...] = ()
    used: slice | NDArray[np.bool_] = slice(None)
    if always.any():
        used = ~always[sample.unit]
        dropped = (Dropped(ALWAYS_TREATED, int((~used).sum())),)
    panel = LongPanel(
        outcome=sample.outcome[used],
        status=status[used],
        unit=renumbered(sample.unit[used]) if always.any() else sample.unit,
        period=sample.period[used],
        cluster=renumbered(sample.cluster[used]) if always.any() else sample.cluster,
        weight=None if sample.weight is None else sample.weight[used],
        exposure=None if sample.exposure is None else sample.exposure[used],
        affected=None if sample.affected is None else sample.affected[used],
        covariates=sample.covariates[used],
        first=first[~always],
        periods=sample.period_values,
        dropped=dropped,
    )
    if len(panel.dates) == 1 and np.isfinite(panel.first).all():
        raise NotEstimable("every unit is first treated in the same period: there is nobody to compare with")
    if np.all(panel.outcome == panel.outcome[0]):
        raise NotEstimable("the outcome is the same in every row")
    return panel


def _first_treated(sample: Sample, status: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """First treated period by unit, and which units are treated in every period."""
    if sample.treatment is None:
        first = sample.unit_first_treated
        return first, first <= sample.period_values[0]
    # The rows of a unit lie together, in the order of their periods.
    first = np.full(sample.n_units, np.inf)
    if sample.n_obs == sample.n_units * sample.n_periods:
        table = status.reshape(sample.n_units, sample.n_periods)
        on = table > 0
        ever = on.any(axis=1)
        first[ever] = sample.period_values[on[ever].argmax(axis=1)]
        return first, np.asarray(table.min(axis=1) == 1)
    treated = np.flatnonzero(status > 0)
    units = sample.unit[treated]
    heads = np.flatnonzero(np.r_[True, units[1:] != units[:-1]]) if len(treated) else treated
    first[units[heads]] = sample.period_values[sample.period[treated[heads]]]
    return first, np.minimum.reduceat(status, sample.unit_starts) == 1


def renumbered(codes: IntArray) -> IntArray:
    """The codes without gaps."""
    used = np.bincount(codes) > 0
    return codes if used.all() else (np.cumsum(used) - 1)[codes]
