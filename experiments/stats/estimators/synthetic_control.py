"""Synthetic control: one treated unit beside a weighted mean of others that moved alike before."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.simplex import simplex_weights
from experiments.stats.resampling import TIE

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_PERIODS = 5
LEAST_CONTROLS = 5
POOR_FIT = (
    5.0  # placebos that fit this many times worse than the treated unit are left out of the second p value
)


@dataclass(frozen=True, slots=True)
class SyntheticControl:
    """One treated unit (or mean of several) beside its synthetic control, in the outcome's units.

    Attributes
    ----------
    estimate : mean gap after adoption.
    weights : (J,) of the controls.
    treated, synthetic : (T,) the two paths.
    placebo_gaps : (J, T) each control less its own synthetic control, the treated left out.
    fit, ratio : root mean squared gap before, and that after over it; ``placebo_fits``, ``placebo_ratios`` (J,).
    p_value : rank of the ratio among placebos; None where J is too small for the level.
    p_value_good_fits : the same without placebos that fit five times worse before.
    conf_low, conf_high : constant effects that the placebo test does not reject; None where there are none.
    spread : standard deviation of the treated path before.
    """

    estimate: float
    weights: FloatArray
    treated: FloatArray
    synthetic: FloatArray
    placebo_gaps: FloatArray
    fit: float
    ratio: float
    placebo_fits: FloatArray
    placebo_ratios: FloatArray
    p_value: float | None
    p_value_good_fits: float | None
    conf_low: float | None
    conf_high: float | None
    spread: float

    @property
    def gaps(self) -> FloatArray:
        """(T,) the treated path less the synthetic one."""
        return self.treated - self.synthetic


def synthetic_control(
    outcome: FloatArray, treated: BoolArray, post: BoolArray, *, alpha: float = 0.05
) -> SyntheticControl:
    """Effect on a treated unit as its gap to a weighted mean of controls, judged by placebos.

    Parameters
    ----------
    outcome : (n, T) of a balanced panel, in the outcome's units.
    treated : (n,) treated from the first period of `post` on; several are averaged first.
    post : (T,) periods after adoption, the last ones.
    alpha : level of the interval.

    Returns
    -------
    SyntheticControl : effect, weights, paths, and the placebo test of every control.

    Notes
    -----
    ``min ‖Y1_pre − Y0_pre′w‖²``, w ≥ 0, Σw = 1: all periods before count alike (no search over predictors'
    weights, which is not convex). ``p = #{ratio_j ≥ ratio_1}/(J + 1)`` over all J placebos and the treated
    unit itself, ratio the root mean squared gap after over that before. The interval holds the constant effects
    τ for which the ratio of ``gap − τ`` would not be rejected: ``mean gap ± √(r²·fit² − variance of the gap
    after)``, r the ratio that has to be exceeded.

    Raises
    ------
    NotEstimable : fewer than five periods before or five controls, no period after, or a gap that is
        zero throughout.

    References
    ----------
    Abadie & Gardeazabal (2003), *AER*; Abadie, Diamond & Hainmueller (2010), *JASA*; Firpo & Possebom (2018), *J Causal
    Inference*, for the interval.
    """
    before, after = int((~post).sum()), int(post.sum())
    controls = outcome[~treated]
    _refuse(treated, before, after, len(controls))
    path = outcome[treated].mean(axis=0)
    level = float(outcome.mean())
    early = np.concatenate([controls, path[None]])[:, ~post] - level
    gram = early @ early.T
    weights = simplex_weights(gram[:-1, :-1].copy(), gram[:-1, -1])
    synthetic = weights @ controls
    placebo_gaps = np.empty_like(controls)
    count = len(controls)
    for j in range(count):
        others = np.delete(np.arange(count), j)
        start = np.append(weights, 0.0)[others]
        own = simplex_weights(
            gram[np.ix_(others, others)], gram[others, j], start=start if start.sum() > 0 else None
        )
        placebo_gaps[j] = controls[j] - own @ controls[others]
    gaps = path - synthetic
    floor = 1e-12 * float(np.abs(early).max())
    fits = np.maximum(_root_mean_square(np.vstack([placebo_gaps, gaps])[:, ~post]), floor)
    if not fits[-1] > 0 or not np.abs(gaps).max() > floor:
        raise NotEstimable(
            "the treated unit and its synthetic control never differ, so there is nothing to judge"
        )
    ratios = _root_mean_square(np.vstack([placebo_gaps, gaps])[:, post]) / fits
    p = _rank(ratios[:-1], float(ratios[-1]))
    good = fits[:-1] <= POOR_FIT * fits[-1]
    reachable = 1 / (count + 1) <= alpha
    low, high = _interval(gaps[post], float(fits[-1]), ratios[:-1], alpha) if reachable else (None, None)
    return SyntheticControl(
        estimate=float(gaps[post].mean()),
        weights=weights,
        treated=path,
        synthetic=synthetic,
        placebo_gaps=placebo_gaps,
        fit=float(fits[-1]),
        ratio=float(ratios[-1]),
        placebo_fits=fits[:-1],
        placebo_ratios=ratios[:-1],
        p_value=p if reachable else None,
        p_value_good_fits=_rank(ratios[:-1][good], float(ratios[-1])) if reachable and good.any() else None,
        conf_low=low,
        conf_high=high,
        spread=float(path[~post].std(ddof=1)),
    )


def _refuse(treated: BoolArray, before: int, after: int, controls: int) -> None:
    if not treated.any():
        raise NotEstimable("no unit is treated within the periods of the data")
    if not after:
        raise NotEstimable("no period after adoption is seen")
    if before < LEAST_PERIODS:
        raise NotEstimable(
            f"{before} periods before adoption are too few to weigh controls by: at least {LEAST_PERIODS} are needed"
        )
    if controls < LEAST_CONTROLS:
        raise NotEstimable(
            f"{controls} units are never treated: at least {LEAST_CONTROLS} are needed for a synthetic control"
        )


def _root_mean_square(values: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((values**2).mean(axis=1)))


def _rank(ratios: FloatArray, own: float) -> float:
    return (1 + int(np.count_nonzero(ratios >= own * (1 - TIE)))) / (len(ratios) + 1)


def _interval(
    gaps: FloatArray, fit: float, ratios: FloatArray, alpha: float
) -> tuple[float | None, float | None]:
    """The constant effects that leave the treated unit's ratio among those of the placebos."""
    needed = max(1, math.floor(alpha * (len(ratios) + 1) + TIE))
    threshold = float(np.sort(ratios)[-needed])
    room = (threshold * fit) ** 2 - float(gaps.var())
    if room < 0:
        return None, None
    middle = float(gaps.mean())
    return middle - math.sqrt(room), middle + math.sqrt(room)
