"""Synthetic difference in differences: controls and periods weighted to resemble the treated before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import keys, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.options import SyntheticInference
from experiments.stats.regression.simplex import simplex_weights

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

DEFAULT_REPS = 499
LEAST_CONTROLS = 2


@dataclass(frozen=True, slots=True)
class SyntheticDid:
    """One estimate, in the outcome's units.

    ``unit_weights`` (N0,) of the controls and ``time_weights`` (T0,) of the periods before, each summing to one;
    ``penalty`` ζ of the unit weights; ``gaps`` (T,) treated less weighted controls, the weighted gap before taken off;
    ``replicates`` the estimates behind the standard error.
    """

    estimate: float
    std_error: float
    unit_weights: FloatArray
    time_weights: FloatArray
    penalty: float
    gaps: FloatArray
    replicates: FloatArray


@dataclass(frozen=True, slots=True)
class _Weights:
    unit: FloatArray
    time: FloatArray
    estimate: float


def synthetic_did(
    outcome: FloatArray,
    treated: BoolArray,
    post: BoolArray,
    *,
    inference: SyntheticInference = "placebo",
    reps: int = DEFAULT_REPS,
    seed: int = 0,
    estimate_id: str = "",
) -> SyntheticDid:
    """Difference in differences with weights on controls and on periods before.

    Parameters
    ----------
    outcome : (n, T) of a balanced panel, in the outcome's units.
    treated : (n,) whether the unit is treated in every period of `post`; nobody is before.
    post : (T,) periods after adoption, the last ones.
    inference : ``placebo`` treats controls at random, as many as were treated; ``jackknife`` leaves one unit out with
        the weights kept; ``bootstrap`` redraws units.
    reps : placebo or bootstrap draws.
    seed, estimate_id : of the draws.

    Returns
    -------
    SyntheticDid : the effect, its standard error and the weights.

    Notes
    -----
    ``σ̂`` the standard deviation of controls' changes before, ``ζ = (N1·T1)^¼ σ̂``. Unit weights:
    ``min ‖ω_0 + Y_0,pre′ω − Ȳ_1,pre‖² + ζ²T0‖ω‖²``; time weights: ``min ‖λ_0 + Y_0,pre λ − Ȳ_0,post‖² +
    (10⁻⁶σ̂)²N0‖λ‖²``, both on the simplex, at the exact optimum (the authors' code stops earlier). ``τ = (Ȳ1_post −
    λ′Ȳ1_pre) − ω′(Ȳ0_post − Y0_pre λ)``. Weights are estimated anew in every placebo and bootstrap draw, ζ kept.

    Raises
    ------
    NotEstimable : fewer than two controls or periods before, no period after, no treated unit; a placebo that needs
        more controls than treated units; a jackknife or bootstrap of one treated unit.

    References
    ----------
    Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), *AER*. Same numbers as diff-diff ``SyntheticDiD``.
    """
    before, after = outcome[:, ~post], outcome[:, post]
    controls = int((~treated).sum())
    _refuse(treated, post, controls, inference)
    spread = float(np.diff(before[~treated], axis=1).std(ddof=1))
    if not spread > 0:
        raise NotEstimable("the controls' outcome does not change before adoption, so nothing can be weighed")
    penalty = float((int(treated.sum()) * after.shape[1]) ** 0.25 * spread)
    middle = outcome.mean()
    rows = np.concatenate([before, after.mean(axis=1, keepdims=True)], axis=1) - middle
    fitted = _fit(rows[~treated], rows[treated].mean(axis=0), penalty, spread)
    replicates = _replicates(rows, treated, penalty, spread, fitted, inference, reps, seed, estimate_id)
    if inference == "jackknife":
        size = len(replicates)
        error = float(np.sqrt((size - 1) / size * ((replicates - replicates.mean()) ** 2).sum()))
    else:
        error = float(replicates.std())
    gap = outcome[treated].mean(axis=0) - fitted.unit @ outcome[~treated]
    return SyntheticDid(
        fitted.estimate,
        error,
        fitted.unit,
        fitted.time,
        penalty,
        gap - fitted.time @ gap[~post],
        replicates,
    )


def _refuse(treated: BoolArray, post: BoolArray, controls: int, inference: str) -> None:
    n_treated = int(treated.sum())
    if not n_treated:
        raise NotEstimable("no unit is treated within the periods of the data")
    if not post.any() or int((~post).sum()) < 2:
        raise NotEstimable("at least two periods before adoption, and one after, are needed to weigh periods")
    if controls < LEAST_CONTROLS:
        raise NotEstimable(f"{controls} units are never treated: at least two are needed to weigh them")
    if inference == "placebo" and controls <= n_treated:
        raise NotEstimable(
            f"the placebo error needs more controls than treated units, and there are {controls} and {n_treated}; use "
            "the covariance 'jackknife' or 'bootstrap'"
        )
    if inference != "placebo" and n_treated < 2:
        raise NotEstimable(
            f"the {inference} cannot leave out the only treated unit: use the covariance 'placebo'"
        )


def _fit(
    controls: FloatArray,
    treated: FloatArray,
    penalty: float,
    spread: float,
    start: _Weights | None = None,
) -> _Weights:
    """Weights and effect; the last column is the mean after adoption."""
    early, late = controls[:, :-1], controls[:, -1]
    count, periods = early.shape
    by_time = early - early.mean(axis=1, keepdims=True)
    level = treated[:-1] - treated[:-1].mean()
    unit = simplex_weights(
        by_time @ by_time.T,
        by_time @ level,
        ridge=penalty**2 * periods,
        start=None if start is None else start.unit,
    )
    by_unit = early - early.mean(axis=0)
    time = simplex_weights(
        by_unit.T @ by_unit,
        by_unit.T @ (late - late.mean()),
        ridge=(1e-6 * spread) ** 2 * count,
        start=None if start is None else start.time,
    )
    effect = (treated[-1] - time @ treated[:-1]) - unit @ (late - early @ time)
    return _Weights(unit, time, float(effect))


def _replicates(
    rows: FloatArray,
    treated: BoolArray,
    penalty: float,
    spread: float,
    fitted: _Weights,
    inference: str,
    reps: int,
    seed: int,
    estimate_id: str,
) -> FloatArray:
    inside, outside = np.flatnonzero(treated), np.flatnonzero(~treated)
    if inference == "jackknife":
        return _left_out(rows, inside, outside, fitted)
    found = np.empty(reps)
    for r in range(reps):
        bits = stream(seed, estimate_id, f"synthetic did {inference}", r)
        if inference == "placebo":
            order = outside[np.argsort(keys(bits, (len(outside),)), kind="stable")]
            pseudo, rest = order[: len(inside)], np.sort(order[len(inside) :])
        else:
            pseudo, rest = _redrawn(bits, treated)
        start = _Weights(_renormalised(fitted.unit[np.searchsorted(outside, rest)]), fitted.time, 0.0)
        found[r] = _fit(rows[rest], rows[pseudo].mean(axis=0), penalty, spread, start).estimate
    return found


def _redrawn(bits: np.random.PCG64, treated: BoolArray) -> tuple[IntArray, IntArray]:
    """Units drawn with replacement, until both arms are there."""
    count = len(treated)
    while True:
        drawn = np.sort((keys(bits, (count,)) % np.uint64(count)).astype(np.intp))
        pseudo, rest = drawn[treated[drawn]], drawn[~treated[drawn]]
        if len(pseudo) and len(np.unique(rest)) >= LEAST_CONTROLS:
            return pseudo, rest


def _left_out(rows: FloatArray, inside: IntArray, outside: IntArray, fitted: _Weights) -> FloatArray:
    """The effect without each unit, the weights kept and brought back to sum to one."""
    used = fitted.unit > 0
    if used.sum() < 2:
        raise NotEstimable(
            "all weight is on one control, so the jackknife cannot leave it out: use 'placebo'"
        )
    gains = rows[:, -1] - rows[:, :-1] @ fitted.time
    own, others = gains[inside], gains[outside]
    control = float(fitted.unit @ others)
    without_treated = (own.sum() - own) / (len(own) - 1) - control
    without_control = own.mean() - (control - fitted.unit * others) / (1 - fitted.unit)
    return np.concatenate([without_treated, without_control])


def _renormalised(weights: FloatArray) -> FloatArray:
    total = float(weights.sum())
    return weights / total if total > 0 else np.full(len(weights), 1.0 / len(weights))
