"""Least squares refuses a short rank by name."""

import numpy as np
import pytest

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.linear import least_squares

RNG = np.random.default_rng(5)
X = RNG.normal(size=(40, 2))
Y = X @ [1.0, -2.0] + RNG.normal(size=40)


def test_agrees_with_the_normal_equations_weights_included() -> None:
    weights = RNG.uniform(0.5, 2, 40)
    fit = least_squares(X, Y, ["a", "b"], weights=weights)
    full = np.column_stack([np.ones(40), X])
    expected = np.linalg.solve(full.T * weights @ full, full.T * weights @ Y)
    assert np.allclose(fit.coefficients, expected, rtol=1e-12)


def test_shifting_and_scaling_a_column_changes_its_own_coefficient_only() -> None:
    first = least_squares(X, Y, ["a", "b"]).coefficients
    moved = least_squares(X * [1, 1e6] + [0, 1e9], Y, ["a", "b"]).coefficients
    assert moved[1] == pytest.approx(first[1], rel=1e-8)
    assert moved[2] == pytest.approx(first[2] / 1e6, rel=1e-8)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([X[:, 0], 3 * X[:, 0]], "x2 equals 3 × x1$"),
        ([X[:, 0], X[:, 0]], "x2 equals x1$"),
        ([X[:, 0], 3 * X[:, 0] + 1], "x2 equals 3 × x1 plus a constant"),
        ([np.full(40, 7.0), X[:, 0]], "'x1' is constant"),
        ([X[:, 0], X[:, 1], X[:, 0] - 2 * X[:, 1]], "is a combination of"),
    ],
)
def test_a_column_that_adds_nothing_is_refused_by_name(columns: list[np.ndarray], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        least_squares(np.column_stack(columns), Y, [f"x{place + 1}" for place in range(len(columns))])


def test_more_parameters_than_rows_are_refused() -> None:
    with pytest.raises(NotEstimable, match="3 units cannot support 3 parameters"):
        least_squares(X[:3], Y[:3], ["a", "b"])
