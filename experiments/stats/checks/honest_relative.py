"""Intervals where no later change of the departure exceeds m times the largest one before adoption."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.stats.draws import BLOCK, standard_normals, stream
from experiments.stats.errors import NotEstimable

FloatArray = NDArray[np.float64]

REACH = 20.0  # standard errors to either side of the estimate
POINTS = 1_000
BLOCKS = 20  # of draws for the least-favourable quantile, each draw used with both signs
HYBRID = 0.1  # share of alpha that the first, least-favourable stage spends
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The vertices of the dual programme where the largest earlier change is a given one, upwards.

    Attributes
    ----------
    change : that change, as estimated.
    slopes, shares : (V,) what a unit of the estimated effect, and of the change, adds to each vertex.
    covariance : (V, V) of the vertices.
    ceiling : the least-favourable quantile of the largest of them.
    """

    change: float
    slopes: FloatArray
    shares: FloatArray
    covariance: FloatArray
    ceiling: float


@dataclass(frozen=True, slots=True)
class RelativeMagnitude:
    """The conditional and least-favourable hybrid test of Andrews, Roth & Pakes, inverted on a grid.

    Attributes
    ----------
    estimate, covariance, n_pre, target, alpha : as in :func:`honest_did`, the target over all periods.
    std_error : of the usual estimate of the effect.
    offsets : (POINTS + 2,) effects to try, less that estimate: the grid, then the estimate itself and 0.
    normals : (draws, 2) standard normals behind every least-favourable quantile.

    Notes
    -----
    For each earlier change u and sign, δ obeys ``|δ_{t+1} − δ_t| ≤ ±m·u`` after adoption, and
    ``η = min{η: y − Xδ ≤ η·√diag Ω}`` is how far an effect θ = l′τ is from fitting. No linear programme
    has to be solved. With x_t the free changes, ``σ_t⁺`` and ``σ_t⁻`` the standard deviations of the row
    that bounds x_t from above and from below, L_t the sum of l from t on and r = l′β̂ − θ, its rows are
    ``x_t ≤ mu + ησ_t⁺`` and ``−x_t ≤ mu + ησ_t⁻``, its nuisance parameters leave ``Σ L_t x_t = r``
    alone, and the vertices of its dual are worth ``(±r − mu·Σ|L_t|)/Σ|L_t|σ_t^{±sign L_t}`` and, for each
    t, ``−2mu/(σ_t⁺ + σ_t⁻)``, of which the narrowest and the widest t hold the others between them. η is
    the largest of these four, and the set where the conditional test truncates follows from them in closed
    form, where a programme would need bisection.

    An effect is accepted where ``η ≤ 0``, or η is at most both the least-favourable 1 − α/10 quantile and
    the quantile of the normal truncated between v_lo and the smaller of v_up and the former. The grid is
    1,000 points within 20 standard errors of the estimate, with the estimate (always accepted) and 0.
    The draws depend on nothing in the data.
    """

    estimate: FloatArray
    covariance: FloatArray
    n_pre: int
    target: FloatArray
    alpha: float
    std_error: float
    offsets: FloatArray
    normals: FloatArray

    @classmethod
    def prepared(
        cls, estimate: FloatArray, covariance: FloatArray, n_pre: int, target: FloatArray, alpha: float
    ) -> "RelativeMagnitude":
        """Lay out the grid and the draws, which serve every m."""
        std_error = math.sqrt(target @ covariance @ target)
        half = 2 * REACH * std_error / (POINTS - 1) * (np.arange(POINTS // 2) + 0.5)
        offsets = np.concatenate([-half[::-1], half, [0.0, -float(target @ estimate)]])
        return cls(estimate, covariance, n_pre, target, alpha, std_error, offsets, _normals())

    def interval(self, m: float) -> tuple[float | None, float | None]:
        """Return the hull of the accepted effects; None for an end beyond the grid.

        Raises
        ------
        NotEstimable : a change between neighbouring periods has no sampling error.
        """
        first, last = self._hull(m)
        effect, edge = float(self.target @ self.estimate), float(self.offsets[POINTS - 1])
        return (effect + first if first > -edge else None, effect + last if last < edge else None)

    def has_zero(self, m: float) -> bool:
        """Return whether 0 is accepted or lies between effects that are."""
        first, last = self._hull(m)
        return first <= float(self.offsets[-1]) <= last

    def _hull(self, m: float) -> tuple[float, float]:
        """Return the least and the largest accepted effect, less the estimate."""
        accepted = np.zeros(len(self.offsets), dtype=np.bool_)
        for position in range(self.n_pre):
            bounds = self._bounds(position, m)
            accepted |= self._accepted(bounds, bounds.change, self.offsets)
            # The other sign is the same test of the estimates with their signs turned.
            accepted |= self._accepted(bounds, -bounds.change, -self.offsets)
        kept = self.offsets[accepted]
        return float(kept.min()), float(kept.max())

    def _bounds(self, position: int, m: float) -> _Bounds:
        changes = _changes(self.n_pre, len(self.estimate) - self.n_pre)
        largest, later = changes[position], changes[self.n_pre :]
        above, below = self._spread(later - m * largest), self._spread(later + m * largest)
        tails = np.cumsum(self.target[self.n_pre :][::-1])[::-1]
        size = np.abs(tails)
        if min(above.min(), below.min()) <= ROUNDING * self.std_error / size.max():
            raise NotEstimable("a change from one period to the next has no sampling error")
        up = float(size @ np.where(tails > 0, above, below))
        down = float(size @ np.where(tails > 0, below, above))
        widths = above + below
        slopes = np.array([1 / up, -1 / down, 0.0, 0.0])
        shares = -m * np.array([size.sum() / up, size.sum() / down, 2 / widths.min(), 2 / widths.max()])
        both = np.stack([self.target, largest])
        spread = both @ self.covariance @ both.T
        # A Cholesky factor by hand: the change may have no sampling error of its own.
        shared = spread[0, 1] / self.std_error
        own = math.sqrt(max(0.0, spread[1, 1] - shared**2))
        root = np.array([[self.std_error, 0.0], [shared, own]])
        vertices = np.stack([slopes, shares], axis=1)
        drawn = self.normals @ root.T @ vertices.T
        worst = np.concatenate([drawn.max(axis=1), -drawn.min(axis=1)])
        rank = math.ceil((1 - HYBRID * self.alpha) * len(worst)) - 1
        ceiling = float(np.partition(worst, rank)[rank])
        change = float(largest @ self.estimate)
        return _Bounds(change, slopes, shares, vertices @ spread @ vertices.T, ceiling)

    def _spread(self, rows: FloatArray) -> FloatArray:
        variance = ((rows @ self.covariance) * rows).sum(axis=1)
        return np.asarray(np.sqrt(np.maximum(variance, 0)), dtype=np.float64)

    def _accepted(self, bounds: _Bounds, change: float, offsets: FloatArray) -> NDArray[np.bool_]:
        """Test each effect, given the change and the effects less the estimate."""
        values = bounds.shares * change - np.outer(offsets, bounds.slopes)
        binding, distance = values.argmax(axis=1), values.max(axis=1)
        accepted: NDArray[np.bool_] = distance <= 0
        variance = np.diag(bounds.covariance)[binding]
        # Vertices are of unit scale; one that is broken without any sampling error is no accident.
        unsure = (distance > 0) & (distance <= bounds.ceiling) & (variance > ROUNDING)
        binding, eta, variance = binding[unsure], distance[unsure], variance[unsure]
        scale = np.sqrt(variance)
        follows = bounds.covariance[binding] / variance[:, None]
        rest, gap = values[unsure] - follows * eta[:, None], 1 - follows
        crossing = rest / np.where(np.abs(gap) > ROUNDING, gap, 1.0)
        low = np.where(gap > ROUNDING, crossing, -np.inf).max(axis=1)
        high = np.where(gap < -ROUNDING, crossing, np.inf).min(axis=1).clip(max=bounds.ceiling)
        level = (1 - self.alpha) / (1 - HYBRID * self.alpha)
        critical = scale * _truncated_quantile(level, low / scale, high / scale)
        accepted[unsure] = (eta < low) | (eta > high) | (eta <= critical)
        return accepted


def _changes(n_pre: int, n_post: int) -> FloatArray:
    """(n, n) the changes of neighbouring periods as weights over the estimates, the reference being 0."""
    steps = np.diff(np.eye(n_pre + n_post + 1), axis=0)
    return np.delete(steps, n_pre, axis=1)


def _truncated_quantile(probability: float, low: FloatArray, high: FloatArray) -> FloatArray:
    """Quantile of the standard normal between two bounds, by log upper tails so that far bounds keep digits."""
    upper = np.logaddexp(
        special.log_ndtr(-low) + math.log1p(-probability), special.log_ndtr(-high) + math.log(probability)
    )
    return np.asarray(-special.ndtri_exp(upper), dtype=np.float64)


@cache
def _normals() -> FloatArray:
    """(draws, 2) the same for every estimate, because nothing in the data enters."""
    blocks = [stream(0, "honest_did", "least favourable", block) for block in range(BLOCKS)]
    normals = np.concatenate([standard_normals(bits, (BLOCK, 2)) for bits in blocks])
    normals.flags.writeable = False
    return normals
