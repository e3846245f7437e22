"""Intervals where the slope of the departure from parallel trends changes by at most m a period."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from centre.distributions import quantile
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]

RANK_TOLERANCE = 1e-12
STEPS_PER_LEAD = 50


@dataclass(frozen=True, slots=True)
class Smoothness:
    """The fixed-length interval of the best affine estimator ``v′β̂``, v = (v_pre, l).

    Attributes
    ----------
    estimate, covariance, std_error, alpha : of the effects; of the usual estimate of the effect.
    loadings : (P, n) v where the price of bias changes course, from least bias to least variance.
    bias : (P,) worst bias of each for m = 1.
    prices : (P,) variance (in squared ``std_error``) that a unit of bias is worth there, falling to 0.

    Notes
    -----
    Linear trends cancel (``Σ_s s·v_s = 0``). With ``w_j = Σ_{s<j}(j − s)v_s`` the worst bias is
    ``m·(Σ_{j<0}|w_j| + Σ_{j≥0}|Σ_{s>j}(s − j)l_s|)``; w_0 and the second sum are given by l, and v_pre
    are the second differences of w. So least variance for a given bias is a lasso in w, whose path is piecewise
    linear and the same for every m: it is followed exactly. On it ``h·cv_α(bias/h)`` is convex, cv
    being the 1 − α quantile of |N(bias/h, 1)| with derivative ``tanh(cv·bias/h)``, and the minimum
    is the root of its derivative.
    """

    estimate: FloatArray
    covariance: FloatArray
    std_error: float
    alpha: float
    loadings: FloatArray
    bias: FloatArray
    prices: FloatArray

    @classmethod
    def prepared(
        cls, estimate: FloatArray, covariance: FloatArray, n_pre: int, target: FloatArray, alpha: float
    ) -> "Smoothness":
        """Follow the path of best estimators, which serves every m.

        Raises
        ------
        NotEstimable : the path has no end within its limit, or ends in an estimator without sampling error.
        """
        std_error = math.sqrt(target @ covariance @ target)
        scaled = covariance / std_error**2
        after = np.cumsum(np.cumsum(target[n_pre:][::-1]))
        seconds = np.eye(n_pre) - 2 * np.eye(n_pre, k=-1) + np.eye(n_pre, k=-2)
        moves = np.vstack([seconds[:, :-1], np.zeros((len(estimate) - n_pre, n_pre - 1))])
        start = target.copy()
        start[:n_pre] = seconds[:, -1] * after[-1]
        knots, prices = _path(moves.T @ scaled @ moves, moves.T @ scaled @ start)
        loadings = start + knots @ moves.T
        if not float(loadings[-1] @ scaled @ loadings[-1]) > RANK_TOLERANCE:
            raise NotEstimable("the effects before adoption leave no sampling error in the one after")
        bias = np.abs(knots).sum(axis=1) + np.abs(after).sum()
        return cls(estimate, covariance, std_error, alpha, loadings, bias, prices)

    def interval(self, m: float) -> tuple[float, float]:
        """Return the shortest interval of fixed length that covers whatever the departure."""
        centre, half = self._best(m)
        return centre - half, centre + half

    def has_zero(self, m: float) -> bool:
        """Return whether the interval contains 0."""
        centre, half = self._best(m)
        return abs(centre) <= half

    def _best(self, m: float) -> tuple[float, float]:
        """Return centre and half-length of the shortest interval."""
        # The excess is never below 0 at the last knot, whose price is 0.
        knot = next(
            (p for p in range(len(self.bias) - 1) if self._excess(m, float(p)) >= 0), len(self.bias) - 1
        )
        place = float(knot)
        if knot and m > 0:
            place = float(optimize.brentq(lambda at: self._excess(m, at), knot - 1.0, knot, xtol=1e-14))
        loadings, bias, _ = self._at(place)
        spread = math.sqrt(loadings @ self.covariance @ loadings)
        return float(loadings @ self.estimate), spread * _critical(m * bias / spread, self.alpha)

    def _excess(self, m: float, place: float) -> float:
        """Sign of the half-length's change where more bias is taken on for less variance."""
        loadings, bias, price = self._at(place)
        spread = math.sqrt(loadings @ self.covariance @ loadings) / self.std_error
        ratio = m / self.std_error * bias / spread
        critical = _critical(ratio, self.alpha)
        slope = math.tanh(ratio * critical)
        return m / self.std_error * slope - (critical - ratio * slope) * price / spread

    def _at(self, place: float) -> tuple[FloatArray, float, float]:
        """Return loadings, bias and price at a place on the path, knots being whole numbers."""
        low = min(int(place), len(self.bias) - 1)
        high, part = min(low + 1, len(self.bias) - 1), place - low
        return (
            self.loadings[low] + part * (self.loadings[high] - self.loadings[low]),
            float(self.bias[low] + part * (self.bias[high] - self.bias[low])),
            float(self.prices[low] + part * (self.prices[high] - self.prices[low])),
        )


def _critical(ratio: float, alpha: float) -> float:
    """The 1 − alpha quantile of |N(ratio, 1)|."""
    # Wider by more than rounding, less than it matters, so that the ends differ in sign.
    low, high = ratio + quantile(1 - alpha, None) - 1e-9, ratio + quantile(1 - alpha / 2, None) + 1e-9

    def missed(critical: float) -> float:
        return float(special.ndtr(ratio - critical) + special.ndtr(-ratio - critical)) - alpha

    return float(optimize.brentq(missed, low, high, xtol=1e-14))


def _path(gram: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Minimisers of ``½w′Gw + g′w + price·Σ|w|`` at the knots of their path, from w = 0 to price 0.

    Osborne, Presnell & Turlach (2000): between knots the entries that are not 0 move in a
    straight line; at a knot one enters, or comes back to 0 and leaves.
    """
    count = len(slope)
    price = float(np.abs(slope).max(initial=0.0))
    if price == 0:
        return np.zeros((1, count)), np.zeros(1)
    values = np.linalg.eigvalsh(gram)
    if values[0] < RANK_TOLERANCE * values[-1]:
        # Collinear leads: of the minimisers, which differ in nothing that counts, the smallest.
        gram = gram + RANK_TOLERANCE * values[-1] * np.eye(count)
    knots, prices = [np.zeros(count)], [price]
    now, signs = np.zeros(count), np.zeros(count)
    for _ in range(STEPS_PER_LEAD * count):
        gradient = slope + gram @ now
        active = np.flatnonzero(signs)
        move = np.zeros(count)
        move[active] = np.linalg.solve(gram[np.ix_(active, active)], signs[active])
        pull = gram @ move
        enters = np.full((2, count), np.inf)
        for row, sign in enumerate((1.0, -1.0)):
            # Who moves away from the price as fast as it falls never meets it; nor does who has just left.
            waits = (signs == 0) & (1 - sign * pull > RANK_TOLERANCE)
            enters[row, waits] = (price + sign * gradient[waits]) / (1 - sign * pull[waits])
        leaves = np.full(count, np.inf)
        returning = move * signs < 0
        leaves[returning] = -now[returning] / move[returning]
        step = max(0.0, min(price, float(enters.min()), float(leaves.min())))
        now, price = now + step * move, price - step
        if price > 0:
            if leaves.min() <= enters.min():
                gone = int(leaves.argmin())
                signs[gone], now[gone] = 0.0, 0.0
            else:
                row, come = divmod(int(enters.argmin()), count)
                signs[come] = 1.0 if row == 0 else -1.0
        if step > 0:
            knots.append(now)
            prices.append(price)
        if price == 0:
            return np.array(knots), np.array(prices)
    raise NotEstimable(
        f"the search for the best estimator did not end within {STEPS_PER_LEAD * count} steps; "
        f"a price of {price:.3g} was left of {prices[0]:.3g}"
    )
