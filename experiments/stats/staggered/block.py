"""A panel in which all treated units start in one period: what was assigned, as a matrix with names."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.results import Dropped
from experiments.stats.sample import Sample
from experiments.stats.staggered.panel import Panel, balanced_panel, time_label

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A panel of what was assigned: the units, or the means of clusters above them.

    ``outcome`` (m, T); ``first_treated`` (m,); ``names`` (m,); ``is_collapsed`` whether units were averaged.
    """

    outcome: FloatArray
    first_treated: FloatArray
    names: tuple[str, ...]
    is_collapsed: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A panel with one adoption date.

    ``outcome`` (m, T), ``treated`` (m,), ``post`` (T,), ``names`` (m,); ``event_times`` (T,) and ``labels`` (T,) of the
    periods; ``n_units`` before clusters were averaged.
    """

    outcome: FloatArray
    treated: BoolArray
    post: BoolArray
    names: tuple[str, ...]
    event_times: FloatArray
    labels: tuple[str, ...]
    n_obs: int
    n_units: int
    n_treated: int
    is_collapsed: bool
    dropped: tuple[Dropped, ...]


def assigned(panel: Panel, sample: Sample) -> Assigned:
    """Average units within clusters where the plan names clusters above them.

    Raises
    ------
    NotEstimable : weights, or a cluster whose units start at different dates.
    """
    if panel.weight is not None:
        raise NotEstimable("this estimate takes no weights: leave the weight column out")
    if len(np.unique(panel.cluster)) == len(panel.outcome):
        names = tuple(sample.unit_names[code] for code in panel.units)
        return Assigned(panel.outcome, panel.first_treated, names, False)
    found, position, codes = np.unique(panel.cluster, return_index=True, return_inverse=True)
    first = panel.first_treated[position]
    if not np.array_equal(first[codes], panel.first_treated):
        raise NotEstimable(
            "units of one cluster start at different dates, so the cluster is not what was assigned: name the column "
            "of what was assigned as 'cluster'"
        )
    sums = np.zeros((len(first), panel.outcome.shape[1]))
    np.add.at(sums, codes, panel.outcome)
    names = tuple(sample.cluster_names[code] for code in found)
    return Assigned(sums / np.bincount(codes)[:, None], first, names, True)


def block_panel(sample: Sample) -> Block:
    """A balanced panel with one adoption date.

    Raises
    ------
    NotEstimable : several dates, nobody treated or nobody to compare with, or a panel that cannot be used.
    """
    panel = balanced_panel(sample)
    made = assigned(panel, sample)
    dates = np.unique(made.first_treated[np.isfinite(made.first_treated)])
    if not len(dates):
        raise NotEstimable("no unit is treated within the periods of the data")
    if len(dates) > 1:
        raise NotEstimable(
            f"units start at {len(dates)} different dates, and this estimate has one: make one estimate for each start "
            "(leave the other treated units out), or use callaway_santanna"
        )
    if np.all(made.outcome == made.outcome[0, 0]):
        raise NotEstimable("the outcome is the same in every row")
    return Block(
        outcome=made.outcome,
        treated=np.isfinite(made.first_treated),
        post=panel.periods >= dates[0],
        names=made.names,
        event_times=panel.periods - dates[0],
        labels=tuple(time_label(float(value), sample) for value in panel.periods),
        n_obs=panel.n_obs,
        n_units=len(panel.outcome),
        n_treated=int(np.isfinite(panel.first_treated).sum()),
        is_collapsed=made.is_collapsed,
        dropped=panel.dropped,
    )
