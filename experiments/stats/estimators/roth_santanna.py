"""Roth–Sant'Anna: the efficient estimate of a roll-out whose order was drawn at random."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.staggered.rollout import RolloutAggregation, Targets, targets

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

Beta = Literal["efficient", "callaway_santanna", "sun_abraham"]
PSEUDO_RANK = 1.5e-8  # square root of the machine precision: what R's ``ginv`` uses


@dataclass(frozen=True, slots=True)
class RolloutEffects:
    """Effects of a random roll-out, in the outcome's units.

    Attributes
    ----------
    overall, std_error, neyman : the overall effect, its design-based standard error, and Neyman's larger one.
    beta : how much of the difference before adoption was taken off the overall effect.
    keys, estimates, std_errors, neyman_errors, covariance : the E terms with both errors and Neyman's (E, E)
        covariance.
    is_refined : whether the refinement left a positive variance, so that ``std_error`` is the refined one.
    """

    overall: float
    std_error: float
    neyman: float
    beta: float
    keys: tuple[float, ...]
    estimates: FloatArray
    std_errors: FloatArray
    neyman_errors: FloatArray
    covariance: FloatArray
    is_refined: bool


def roth_santanna(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    *,
    aggregation: RolloutAggregation = "simple",
    beta: Beta = "efficient",
) -> RolloutEffects:
    """Effect of treatment whose starting dates were drawn at random, with the least variance.

    Parameters
    ----------
    outcome : (n, T) outcomes of a balanced panel, in the outcome's units.
    first_treated : (n,) first treated period, ``inf`` for never; nobody is treated in the first period.
    periods : (T,) the periods, increasing.
    aggregation : see :func:`experiments.stats.staggered.rollout.targets`.
    beta : ``efficient`` takes off the multiple of the difference before adoption that leaves the least
        variance; ``callaway_santanna`` takes it off whole; ``sun_abraham`` too, and compares with the last
        cohort only.

    Returns
    -------
    RolloutEffects : the terms and the overall effect, each with the design-based and Neyman's error.

    Notes
    -----
    ``θ̂ = θ̂0 − βX̂``, with ``θ̂0 = Σ A_g′Ȳ_g``, ``X̂ = Σ B_g′Ȳ_g``, ``⟨U, V⟩ = Σ U_g′S_gV_g/n_g`` and S_g the cohort's
    covariance: ``β* = ⟨A, B⟩/⟨B, B⟩``, ``V = ⟨A, A⟩ + β²⟨B, B⟩ − 2β⟨A, B⟩``. The design-based error takes off the part
    of the spread of effects that periods before the first adoption reveal.

    Raises
    ------
    NotEstimable : nobody treated while others wait, or a cohort of one unit.

    References
    ----------
    Roth & Sant'Anna (2023), *JPE Microeconomics*. Same numbers as R ``staggered``.
    """
    dates, cohort, sizes = cohorts(first_treated)
    wanted = targets(
        dates,
        sizes,
        periods,
        aggregation=aggregation,
        controls="last_treated" if beta == "sun_abraham" else "not_yet_treated",
    )
    count = len(wanted.effect)
    centred = outcome - outcome.mean()
    totals, products = np.zeros(2 * count), np.zeros((2 * count, 2 * count))
    for g in range(len(dates)):
        rows = centred[cohort == g]
        scores = rows @ np.concatenate([wanted.effect[:, g], wanted.before[:, g]]).T
        totals += scores.mean(axis=0)
        products += np.atleast_2d(np.cov(scores, rowvar=False)) / len(rows)
    share = np.ones(count) if beta != "efficient" else _efficient(products)
    mix = np.concatenate([np.eye(count), -np.diag(share)], axis=1)
    values, covariance = mix @ totals, mix @ products @ mix.T
    neyman = np.diag(covariance)
    refined = neyman - _revealed(centred, cohort, dates, periods, wanted)
    kept = np.where(refined > 0, refined, neyman)
    return RolloutEffects(
        float(values[-1]),
        float(np.sqrt(kept[-1])),
        float(np.sqrt(neyman[-1])),
        float(share[-1]),
        wanted.keys,
        values[:-1],
        np.sqrt(kept[:-1]),
        np.sqrt(neyman[:-1]),
        covariance[:-1, :-1],
        bool(np.all(refined > 0)),
    )


def cohorts(first_treated: FloatArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """The adoption dates (C,), the cohort of each unit (n,) and the cohorts' sizes (C,).

    Raises
    ------
    NotEstimable : a cohort of one unit, in which nothing can vary.
    """
    dates, cohort = np.unique(first_treated, return_inverse=True)
    sizes = np.bincount(cohort).astype(np.float64)
    alone = int((sizes < 2).sum())
    if alone:
        raise NotEstimable(
            f"{alone} {'cohort has' if alone == 1 else 'cohorts have'} one unit only, so the spread within it cannot "
            "be measured; leave such units out of the plan's data, or use callaway_santanna"
        )
    return dates, cohort, sizes


def _efficient(products: FloatArray) -> FloatArray:
    """(K,) multiples of the difference before adoption that leave the least variance."""
    count = len(products) // 2
    spread, shared = np.diag(products)[count:], np.diag(products[:count, count:])
    return np.divide(shared, spread, out=np.ones(count), where=spread > 0)


def _revealed(
    outcome: FloatArray, cohort: IntArray, dates: FloatArray, periods: FloatArray, wanted: Targets
) -> FloatArray:
    """(K,) the part of Neyman's variance that periods before the first adoption show not to be there."""
    found = np.zeros(len(wanted.effect))
    first = np.array([int(np.flatnonzero(np.any(one != 0, axis=1))[0]) for one in wanted.effect])
    for g_min in np.unique(first):
        chosen = np.flatnonzero(first == g_min)
        before = periods < dates[g_min]
        slope, spread = np.zeros((int(before.sum()), len(chosen))), np.zeros((int(before.sum()),) * 2)
        for g in range(int(g_min), len(dates)):
            rows = outcome[cohort == g]
            rows = rows - rows.mean(axis=0)
            early, scores = rows[:, before], rows @ wanted.effect[chosen, g].T
            own = early.T @ early / (len(rows) - 1)
            spread += own / (len(dates) - int(g_min))
            cross = early.T @ scores / (len(rows) - 1)
            slope += np.linalg.pinv(own, rcond=PSEUDO_RANK, hermitian=True) @ cross
        found[chosen] = np.einsum("pk,pq,qk->k", slope, spread, slope) / len(outcome)
    return found
