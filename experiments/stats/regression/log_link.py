"""Regression of counts on the log scale: weighted least squares again and again, Poisson or negative binomial."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray
from experiments.stats.regression.linear import LinearFit, least_squares

TOLERANCE = 1e-10
MAX_STEPS = 100
FARTHEST = 700.0  # log rates beyond which a mean overflows
LEAST_SPREAD, MOST_SPREAD = 1e-8, 1e3  # α below is Poisson's; above, the counts are no negative binomial
NEAR = 0.1  # how far log α is looked for from the last one, before everywhere
ROOT = 1e-13  # of log α
MOST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class CountModel:
    """Counts and what they are regressed on.

    ``design`` (N, k) without the constant; ``names`` (k,); ``offset`` (N,) log exposure; ``weight`` (N,).
    """

    outcome: FloatArray
    design: FloatArray
    names: Sequence[str]
    offset: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True)
class CountFit:
    """The last weighted least squares, whose scores and leverages are the model's; ``means`` (N,); the variance's α."""

    fit: LinearFit
    means: FloatArray
    spread: float = 0.0


def fit_counts(model: CountModel, spread: float = 0.0, start: FloatArray | None = None) -> CountFit:
    """Solve ``Σ x (y − μ)/(1 + αμ) = 0`` with ``log μ = offset + x′b``; α = 0 is Poisson's quasi-likelihood.

    Parameters
    ----------
    model : counts (or, with α = 0, any outcome that is not negative) and regressors.
    spread : α of the variance ``μ + αμ²``.
    start : (N,) means to start from.

    Raises
    ------
    NotEstimable : no convergence in 100 steps.
    """
    predictor = _first_guess(model) if start is None else np.log(start)
    previous, moved = np.full(model.design.shape[1] + 1, np.inf), np.inf
    for _ in range(MAX_STEPS):
        fit, predictor = _step(model, spread, predictor)
        moved = float(np.abs(fit.coefficients - previous).max())
        previous = fit.coefficients
        if not np.abs(predictor - model.offset).max() <= FARTHEST:
            break
        if moved <= TOLERANCE * max(1.0, float(np.abs(previous).max())):
            return CountFit(fit, np.exp(predictor), spread)
    raise NotEstimable(
        f"the rates did not converge in {MAX_STEPS} steps: the last moved {moved:.2g}, the tolerance is "
        f"{TOLERANCE:g}"
    )


def fit_spread_counts(model: CountModel) -> CountFit:
    """Fit coefficients and α of ``Var = μ + αμ²`` (NB2) by maximum likelihood, each in turn given the other.

    Returns
    -------
    CountFit : with α = 0, Poisson's fit, where the counts vary no more than Poisson's.

    Raises
    ------
    NotEstimable : counts that are not whole numbers, α above 1,000, or no convergence.

    References
    ----------
    Lawless (1987), *Canadian J Stat*.
    """
    _check_counts(model.outcome)
    beyond = _weight_beyond(model)
    plain = fit_counts(model)
    means, spread, moved = plain.means, 0.0, np.inf
    for _ in range(MAX_STEPS):
        before, spread = spread, _spread(model, means, beyond, spread)
        if spread == 0.0:
            return plain
        moved = abs(spread - before) / spread
        if moved <= TOLERANCE:
            return fit_counts(model, spread, means)
        # One step of the rates is enough before the spread has moved again.
        predictor = _step(model, spread, np.log(means))[1]
        if not np.abs(predictor - model.offset).max() <= FARTHEST:
            break
        means = np.exp(predictor)
    raise NotEstimable(
        f"the spread of the counts did not converge in {MAX_STEPS} steps: the last moved by {moved:.2g} of itself, the "
        f"tolerance is {TOLERANCE:g}"
    )


def _step(model: CountModel, spread: float, predictor: FloatArray) -> tuple[LinearFit, FloatArray]:
    """One weighted least squares from the (N,) log means, and the log means that it gives."""
    means = np.exp(predictor)
    working = predictor - model.offset + (model.outcome - means) / means
    weights = model.weight * means / (1 + spread * means)
    fit = least_squares(model.design, working, model.names, weights=weights)
    return fit, model.offset + fit.coefficients[0] + model.design @ fit.coefficients[1:]


def _first_guess(model: CountModel) -> FloatArray:
    if (model.outcome > 0).all():
        return np.asarray(np.log(model.outcome), dtype=np.float64)
    rate = (model.weight @ model.outcome) / (model.weight @ np.exp(model.offset))
    return np.asarray(np.log(rate) + model.offset, dtype=np.float64)


def _check_counts(outcome: FloatArray) -> None:
    if (outcome != np.floor(outcome)).any():
        raise NotEstimable(
            "the outcome is not a whole number in every row, so it is no count; poisson takes any outcome that is not "
            "negative"
        )
    if outcome.max() > MOST_COUNT:
        raise NotEstimable(f"a count is above {MOST_COUNT:,}; use poisson")


def _weight_beyond(model: CountModel) -> FloatArray:
    """The weight of the rows whose count is above 0, 1, 2, …: the likelihood needs no more of the counts."""
    at = np.bincount(model.outcome.astype(np.intp), weights=model.weight)
    return np.asarray(at[::-1].cumsum()[::-1][1:], dtype=np.float64)


def _spread(model: CountModel, means: FloatArray, beyond: FloatArray, near: float) -> float:
    """The α at which the likelihood given the means is highest, first looked for near another; 0 where it falls."""

    def slope(log_spread: float) -> float:
        return _slope(model, means, beyond, float(np.exp(log_spread)))

    if near > 0:
        low, high = np.log(near) - NEAR, np.log(near) + NEAR
        if slope(low) > 0 > slope(high):
            return float(np.exp(optimize.brentq(slope, low, high, xtol=ROOT, rtol=ROOT)))
    low, high = np.log(LEAST_SPREAD), np.log(MOST_SPREAD)
    if slope(low) <= 0:
        return 0.0
    if slope(high) >= 0:
        raise NotEstimable(
            f"the counts vary so much that no negative binomial fits them (its spread is above {MOST_SPREAD:,.0f}); "
            "poisson does not model the spread, and cluster_means compares rates of clusters"
        )
    return float(np.exp(optimize.brentq(slope, low, high, xtol=ROOT, rtol=ROOT)))


def _slope(model: CountModel, means: FloatArray, beyond: FloatArray, spread: float) -> float:
    """Derivative of ``Σ w [Σ_{j<y} log(1 + αj) − (y + 1/α) log(1 + αμ)]`` by α."""
    below = np.arange(len(beyond))
    grown = spread * means
    # (log(1 + x) − x/(1 + x))/α², whose two parts cancel where x is small
    curved = np.where(
        grown < 1e-3,
        means**2 * (1 / 2 - grown * (2 / 3 - grown * (3 / 4 - grown * (4 / 5)))),
        (np.log1p(grown) - grown / (1 + grown)) / spread**2,
    )
    rows = curved - model.outcome * means / (1 + grown)
    return float(beyond @ (below / (1 + spread * below)) + model.weight @ rows)
