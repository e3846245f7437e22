"""Sensitivity intervals beside slow programmes that know none of their algebra."""

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, special

from experiments.stats.checks.honest import honest_did
from experiments.stats.checks.honest_relative import RelativeMagnitude
from experiments.stats.draws import standard_normals, stream
from tests.unit.experiments.stats.checks.sensitivities import FloatArray, bounded, drawn


@pytest.mark.parametrize("seed", range(8))
def test_the_smoothness_interval_is_the_shortest(seed: int) -> None:
    """A general optimiser over w⁺ and w⁻ finds none shorter, and the same centre."""
    n_pre, n_post = 2 + seed % 5, 1 + seed % 4
    estimate, covariance = drawn(seed, n_pre + n_post)
    weights = standard_normals(stream(seed, "honest", "weights"), (n_post,))
    m = (0.0, 0.01, 0.05, 0.3)[seed % 4]
    later = sum(abs(sum((s - j) * weights[s - 1] for s in range(j + 1, n_post + 1))) for j in range(n_post))
    moment = float(np.arange(1, n_post + 1) @ weights)

    def loadings(parts: FloatArray) -> FloatArray:
        w = np.concatenate([[0, 0], parts[: n_pre - 1] - parts[n_pre - 1 :], [moment]])
        return np.concatenate([np.diff(w, 2), weights])

    def half(parts: FloatArray) -> float:
        v = loadings(parts)
        spread = math.sqrt(v @ covariance @ v)
        ratio = m * (later + parts.sum()) / spread

        def missed(c: float) -> float:
            return float(special.ndtr(ratio - c) + special.ndtr(-ratio - c)) - 0.05

        return spread * float(optimize.brentq(missed, 0, ratio + 5, xtol=1e-13))

    start = np.full(2 * n_pre - 2, 0.1)
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 10_000, "maxfun": 200_000}
    best = optimize.minimize(half, start, bounds=[(0, None)] * len(start), method="L-BFGS-B", options=options)
    row = bounded(
        honest_did(estimate, covariance, n_pre, n_post, method="smoothness", m=[m], weights=weights)
    )
    assert (row[0, 1] - row[0, 0]) / 2 <= best.fun * (1 + 1e-9)
    assert (row[0, 1] - row[0, 0]) / 2 == pytest.approx(best.fun, rel=1e-7)
    assert row.mean() == pytest.approx(loadings(best.x) @ estimate, abs=1e-4 * best.fun)


class Programme:
    """The hybrid test of one earlier change and sign, by linear programmes and bisection, as the paper has it."""

    def __init__(self, covariance: FloatArray, n_pre: int, weights: FloatArray, s: int, sign: int, m: float):
        n_post = len(weights)
        steps = np.delete(np.diff(np.eye(n_pre + n_post + 1), axis=0), n_pre, axis=1)
        later, worst = steps[n_pre:], sign * steps[s]
        self.a = np.vstack([later - m * worst, -later - m * worst])
        gamma = np.vstack([weights, np.eye(n_post)[1:]])  # θ first; needs a first weight that is not 0
        changed = self.a[:, n_pre:] @ np.linalg.inv(gamma)
        self.a1, self.x = changed[:, 0], changed[:, 1:]
        self.omega = self.a @ covariance @ self.a.T
        self.sd = np.sqrt(np.diag(self.omega))
        values, vectors = np.linalg.eigh(covariance)
        normals = standard_normals(stream(1, "honest", "oracle"), (40_000, len(values)))
        shocks = normals @ (vectors * np.sqrt(values)).T @ self.a.T
        self.ceiling = float(np.sort((shocks @ self.vertices().T).max(axis=1))[39_799])

    def vertices(self) -> FloatArray:
        """Return every basic solution of γ ≥ 0, γ′sd = 1, γ′X = 0."""
        equal, right = np.vstack([self.sd, self.x.T]), np.eye(1 + self.x.shape[1])[0]
        found = []
        for basis in itertools.combinations(range(len(self.sd)), len(right)):
            part = equal[:, basis]
            if np.linalg.matrix_rank(part) == len(right):
                gamma = np.zeros(len(self.sd))
                gamma[list(basis)] = np.linalg.solve(part, right)
                if gamma.min() > -1e-12:
                    found.append(gamma)
        return np.array(found)

    def largest(self, y: FloatArray) -> tuple[float, FloatArray]:
        """Return max γ′y and its γ."""
        equal, right = np.vstack([self.sd, self.x.T]), np.eye(1 + self.x.shape[1])[0]
        done = optimize.linprog(-y, A_eq=equal, b_eq=right, bounds=(0, None), method="highs-ds")
        assert done.status == 0
        return -done.fun, done.x

    def accepts(self, estimate: FloatArray, theta: float) -> bool:
        y = self.a @ estimate - self.a1 * theta
        eta, gamma = self.largest(y)
        if eta <= 0 or eta > self.ceiling:
            return eta <= 0
        variance = gamma @ self.omega @ gamma
        c = self.omega @ gamma / variance
        rest = y - c * (gamma @ y)
        low, high = (self.edge(rest, c, eta, eta + side * 30) for side in (-1, 1))
        high = min(high, self.ceiling)
        if not low <= eta <= high:
            return True
        below, above = special.ndtr(np.array([low, high]) / math.sqrt(variance))
        level = 1 - (0.05 - 0.005) / (1 - 0.005)
        critical = special.ndtri(below + level * (above - below))
        return bool(eta / math.sqrt(variance) <= max(0, critical))

    def edge(self, rest: FloatArray, c: FloatArray, inside: float, outside: float) -> float:
        """Bisect for the last v of the set where max γ′(s + cv) = v."""

        def holds(v: float) -> bool:
            return abs(self.largest(rest + c * v)[0] - v) < 1e-8 * max(1, abs(v))

        if holds(outside):
            return math.copysign(math.inf, outside - inside)
        for _ in range(30):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if holds(middle) else (inside, middle)
        return inside


DESIGNS = [(3, [1.0, 0, 0], 1.0), (4, [1.0, 1, 1], 0.7), (7, [1.0, -0.5, 0.2], 1.5)]


@pytest.mark.parametrize(("seed", "weights", "m"), DESIGNS)
def test_four_vertices_are_worth_what_the_programme_is(seed: int, weights: list[float], m: float) -> None:
    covariance, target = drawn(seed, 5)[1], np.array([0, 0, *weights])
    for number, (s, sign) in enumerate(itertools.product((0, 1), (1, -1))):
        test = Programme(covariance, 2, target[2:], s, sign, m)
        for estimate in 0.1 * standard_normals(stream(number, "honest", "vertices"), (10, 5)):
            found = RelativeMagnitude.prepared(estimate, covariance, 2, target, 0.05)._bounds(s, m)
            offset = 0.1 * sign * estimate[0]
            value = found.shares * sign * found.change - found.slopes * sign * offset
            y = test.a @ estimate - test.a1 * (target @ estimate + offset)
            assert value.max() == pytest.approx(test.largest(y)[0], abs=1e-9)
            assert found.ceiling == pytest.approx(test.ceiling, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "weights", "m"), DESIGNS)
def test_the_relative_interval_is_that_of_the_programme(seed: int, weights: list[float], m: float) -> None:
    """Its ends are accepted, and two steps beyond them (the other's draws differ) nothing is."""
    estimate, covariance = drawn(seed, 5)
    target = np.array(weights)
    low, high = bounded(honest_did(estimate, covariance, 2, 3, m=[m], weights=weights))[0]
    step = 40 * math.sqrt(target @ covariance[2:, 2:] @ target) / 999
    tests = [Programme(covariance, 2, target, s, sign, m) for s in (0, 1) for sign in (1, -1)]

    def accepted(theta: float) -> bool:
        return any(test.accepts(estimate, theta) for test in tests)

    assert accepted(low + step)
    assert accepted(high - step)
    assert not any(accepted(low - steps * step) for steps in (2, 5, 20))
    assert not any(accepted(high + steps * step) for steps in (2, 5, 20))
