"""A random roll-out seen through its cohorts: which cell means are compared, for each effect.

Every estimate is ``Σ_g A_g′Ȳ_g − β Σ_g B_g′Ȳ_g``: A compares treated cohorts with cohorts not yet treated,
B makes the same comparisons in the period before adoption, where the truth is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]

RolloutAggregation = Literal["simple", "cohort", "calendar", "dynamic"]
Controls = Literal["not_yet_treated", "last_treated"]


@dataclass(frozen=True, slots=True)
class Targets:
    """The effects of one aggregation, the overall effect last.

    ``keys`` (K − 1,) the terms' cohort, period or event time; ``effect`` and ``before`` (K, C, T) the
    weights A and B over cohorts' means.
    """

    keys: tuple[float, ...]
    effect: FloatArray
    before: FloatArray


@dataclass(frozen=True, slots=True)
class _Cell:
    cohort: int
    period: int
    event_time: float
    size: float


def targets(
    dates: FloatArray,
    sizes: FloatArray,
    periods: FloatArray,
    *,
    aggregation: RolloutAggregation,
    controls: Controls = "not_yet_treated",
) -> Targets:
    """Weights over the cohorts' period means for every effect of an aggregation.

    Parameters
    ----------
    dates : (C,) distinct adoption dates, increasing, ``inf`` for never; nobody adopts in the first period.
    sizes : (C,) units of each cohort.
    periods : (T,) increasing.
    aggregation : ``simple`` weights cells by cohort size; ``cohort`` weights each cohort's mean over its
        periods by its size; ``calendar`` is the mean over periods of the mean by size, ``dynamic`` the
        mean over event times of the mean by size.
    controls : cohorts that adopt after the period, or the last cohort alone.

    Raises
    ------
    NotEstimable : no cohort adopts while another still waits.

    References
    ----------
    Roth & Sant'Anna (2023), *JPE Microeconomics*, section 2.
    """
    cells = [
        _Cell(g, t, float(periods[t] - dates[g]), float(sizes[g]))
        for g in range(len(dates) - 1)
        for t in range(len(periods))
        if dates[g] <= periods[t] < dates[-1]
    ]
    if not cells:
        raise NotEstimable("no unit is treated while another still waits, so there is nobody to compare with")
    families = _families(cells, periods, aggregation, dates)
    weights = [_shares(members) for _, members in families]
    wholes = [(members, share) for (_, members), share in zip(families, weights, strict=True)]
    wholes.append(_overall(cells, families, weights, aggregation))
    shape = (len(wholes), len(dates), len(periods))
    effect, before = np.zeros(shape), np.zeros(shape)
    for k, (members, share) in enumerate(wholes):
        for cell, weight in zip(members, share, strict=True):
            later = np.flatnonzero(dates > periods[cell.period])
            if controls == "last_treated":
                later = later[-1:]
            base = int(np.flatnonzero(periods < dates[cell.cohort])[-1])
            part = sizes[later] / sizes[later].sum()
            for table, period in ((effect, cell.period), (before, base)):
                table[k, cell.cohort, period] += weight
                table[k, later, period] -= weight * part
    keys = tuple(key for key, _ in families) if aggregation != "simple" else ()
    return Targets(keys, effect, before) if keys else Targets((), effect[-1:], before[-1:])


def _families(
    cells: Sequence[_Cell], periods: FloatArray, aggregation: RolloutAggregation, dates: FloatArray
) -> list[tuple[float, list[_Cell]]]:
    """The cells of each term, in order of its key."""
    found: dict[float, list[_Cell]] = {}
    for cell in cells:
        key = {
            "simple": 0.0,
            "cohort": float(dates[cell.cohort]),
            "calendar": float(periods[cell.period]),
            "dynamic": cell.event_time,
        }[aggregation]
        found.setdefault(key, []).append(cell)
    return sorted(found.items())


def _shares(members: Sequence[_Cell]) -> FloatArray:
    sizes = np.array([cell.size for cell in members])
    return np.asarray(sizes / sizes.sum())


def _overall(
    cells: Sequence[_Cell],
    families: Sequence[tuple[float, list[_Cell]]],
    weights: Sequence[FloatArray],
    aggregation: RolloutAggregation,
) -> tuple[list[_Cell], FloatArray]:
    """The cells of the overall effect and their weights."""
    if aggregation == "simple":
        return list(cells), _shares(cells)
    # A cohort's cells are all of one size, so its own mean is plain.
    sizes = np.array([members[0].size if aggregation == "cohort" else 1.0 for _, members in families])
    share = sizes / sizes.sum()
    members = [cell for _, part in families for cell in part]
    return members, np.concatenate([own * part for own, part in zip(weights, share, strict=True)])
