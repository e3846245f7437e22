"""From a sample to the rows of a staggered design, whether or not their units are seen in every period."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.results import Dropped
from experiments.stats.sample import Sample
from experiments.stats.staggered.group_time import ControlGroup
from experiments.stats.staggered.panel import ALWAYS_TREATED, NO_PERIOD_BEFORE
from experiments.stats.staggered.row_table import comparable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

ALWAYS_TREATED_ROWS = (
    "the row's cohort is treated from the first period on, so it has no period before treatment"
)
NOBODY_WAITS = "nobody is still untreated in the period, so there is nobody to compare with"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are not followed over time, or whose units have gaps.

    By row (N,): ``outcome``, ``row_first_treated``, ``period``, ``unit`` codes, ``row_cluster``, ``weight`` or None,
    ``covariates`` (N, p). By unit that can be compared (n,): ``first_treated`` and ``cluster``. ``n_obs`` rows can be
    compared; ``dropped`` says which rows of the sample are not. ``is_followed``: whether rows name their units.
    """

    outcome: FloatArray
    row_first_treated: FloatArray
    period: FloatArray
    unit: IntArray
    row_cluster: IntArray
    weight: FloatArray | None
    covariates: FloatArray
    first_treated: FloatArray
    cluster: IntArray
    n_obs: int
    dropped: tuple[Dropped, ...]
    is_followed: bool

    @property
    def kind(self) -> str:
        """What the rows are, for the record of how an estimate was made."""
        return "of units with gaps, as cross-sections" if self.is_followed else "not followed over time"

    def thin(self, least: int) -> tuple[int, int]:
        """How many treated cohorts have fewer than so many rows in some period, and how many there are."""
        adopted, cohort = np.unique(self.row_first_treated, return_inverse=True)
        periods, period = np.unique(self.period, return_inverse=True)
        count = np.bincount(cohort * len(periods) + period, minlength=len(adopted) * len(periods))
        fewest = count.reshape(len(adopted), len(periods)).min(axis=1)[np.isfinite(adopted)]
        return int((fewest < least).sum()), len(fewest)


def row_sample(
    sample: Sample, *, is_followed: bool, control_group: ControlGroup, anticipation: float
) -> Rows:
    """All rows of a sample but those of cohorts that are always treated.

    Raises
    ------
    NotEstimable : fewer than two periods, or no row is left.
    """
    if sample.n_periods < 2:
        raise NotEstimable("the data have one period only, so there is no change over time to compare")
    if sample.first_treated is None:
        raise NotEstimable("the plan names no column for the period of first treatment")
    used = sample.first_treated > sample.period_values[0]
    if not np.isfinite(sample.first_treated[used]).any():
        raise NotEstimable(
            "no row is treated within the periods of the data" if used.all() else NO_PERIOD_BEFORE
        )
    first, period = sample.first_treated[used], sample.period_values[sample.period[used]]
    unit = np.asarray(sample.unit[used], dtype=np.intp)
    cluster = np.asarray(sample.cluster[used], dtype=np.intp)
    waiting = comparable(first, period, control_group, anticipation)
    place = np.unique(unit[waiting], return_index=True)[1] if is_followed else slice(None)
    always = ALWAYS_TREATED if is_followed else ALWAYS_TREATED_ROWS
    lost = ((always, int((~used).sum())), (NOBODY_WAITS, int((~waiting).sum())))
    return Rows(
        outcome=sample.outcome[used],
        row_first_treated=first,
        period=period,
        unit=unit,
        row_cluster=cluster,
        weight=None if sample.weight is None else sample.weight[used],
        covariates=sample.covariates[used],
        first_treated=first[waiting][place],
        cluster=cluster[waiting][place],
        n_obs=int(waiting.sum()),
        dropped=tuple(Dropped(reason, count) for reason, count in lost if count),
        is_followed=is_followed,
    )
