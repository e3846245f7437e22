"""NIST StRD linear regression and analysis of variance: correct digits (log relative error) of our least squares.

Data: Norris and the analysis-of-variance sets come with SciPy's wheel, Longley with statsmodels; Wampler and NoInt are
given by formula; Pontius and Filip lie in `nist/`. Certified values: NIST StRD; for polynomials recomputed here in
exact arithmetic.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from statsmodels.datasets import longley

from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.linear import LinearFit, least_squares

DATA = Path(scipy.stats.__file__).parent / "tests" / "data"
BUMPS = [
    759,
    -2048,
    2048,
    -2048,
    2523,
    -2048,
    2048,
    -2048,
    1838,
    -2048,
    2048,
    -2048,
    1838,
    -2048,
    2048,
    -2048,
]
BUMPS += [2523, -2048, 2048, -2048, 759]


def digits(found: np.ndarray, certified: np.ndarray) -> float:
    """Correct digits of the worst parameter, at most 15."""
    error = np.abs(np.asarray(found, dtype=float) / np.asarray(certified, dtype=float) - 1)
    return float(
        -np.log10(np.maximum(error, 1e-15)).min(initial=15.0, where=np.ones_like(error, dtype=bool)).min()
    )


def std_errors(fit: LinearFit) -> np.ndarray:
    return np.sqrt(np.diag(covariance(fit, "classical").matrix))


def test_norris() -> None:
    rows = np.loadtxt(DATA / "nist_linregress" / "Norris.dat", skiprows=60)
    fit = least_squares(rows[:, 1:], rows[:, 0], ["x"])
    assert digits(fit.coefficients, np.array([-0.262323073774029, 1.00211681802045])) >= 12
    assert digits(std_errors(fit), np.array([0.232818234301152, 0.429796848199937e-3])) >= 12


def test_longley() -> None:
    data = longley.load_pandas()
    fit = least_squares(data.exog.to_numpy(), data.endog.to_numpy(), list(data.exog))
    certified = [
        -3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683,
        -1.03322686717359, -0.0511041056535807, 1829.15146461355,
    ]  # fmt: skip
    errors = [
        890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699,
        0.214274163161675, 0.226073200069370, 455.478499142212,
    ]  # fmt: skip
    assert digits(fit.coefficients, np.array(certified)) >= 11
    assert digits(std_errors(fit), np.array(errors)) >= 11


def test_regression_through_the_origin() -> None:
    x = np.arange(60.0, 71)
    fit = least_squares(x[:, None], np.arange(130.0, 141), ["x"], intercept=False)
    assert digits(fit.coefficients, np.array([2.07438016528926])) >= 14
    assert digits(std_errors(fit), np.array([0.0165289256198347])) >= 13
    second = least_squares(np.array([[4.0], [5.0], [6.0]]), np.array([3.0, 4.0, 4.0]), ["x"], intercept=False)
    assert digits(second.coefficients, np.array([0.727272727272727])) >= 14
    assert digits(std_errors(second), np.array([0.0420827318078432])) >= 13


def exact_fit(x: list[Fraction], y: list[Fraction], degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors of a polynomial, in rational arithmetic."""
    width = degree + 1
    design = [[value**power for power in range(width)] for value in x]
    cross = [
        [sum((row[i] * row[j] for row in design), Fraction(0)) for j in range(width)] for i in range(width)
    ]
    table = [[*row, *(Fraction(int(i == j)) for j in range(width))] for i, row in enumerate(cross)]
    for i in range(width):
        pivot = table[i][i]
        table[i] = [value / pivot for value in table[i]]
        for j in range(width):
            if j != i:
                factor = table[j][i]
                table[j] = [a - factor * b for a, b in zip(table[j], table[i], strict=True)]
    inverse = [row[width:] for row in table]
    right = [
        sum((row[i] * value for row, value in zip(design, y, strict=True)), Fraction(0)) for i in range(width)
    ]
    beta = [sum((a * b for a, b in zip(row, right, strict=True)), Fraction(0)) for row in inverse]
    left = [
        value - sum((a * b for a, b in zip(row, beta, strict=True)), Fraction(0))
        for row, value in zip(design, y, strict=True)
    ]
    s2 = sum((value**2 for value in left), Fraction(0)) / (len(y) - width)
    errors = [float(s2 * inverse[i][i]) ** 0.5 for i in range(width)]
    return np.array([float(value) for value in beta]), np.array(errors)


@pytest.mark.parametrize(("number", "size"), [(1, 0), (3, 1), (4, 100), (5, 10_000)])
def test_wampler(number: int, size: int) -> None:
    y = [Fraction(sum(x**power for power in range(6)) + size * BUMPS[x]) for x in range(21)]
    x = np.arange(21.0)
    fit = least_squares(
        x[:, None] ** np.arange(1, 6), np.array([float(v) for v in y]), [f"x{p}" for p in range(1, 6)]
    )
    beta, errors = exact_fit([Fraction(value) for value in range(21)], y, 5)
    assert np.allclose(beta, 1.0)
    assert digits(fit.coefficients, beta) >= (9 if size < 100 else 5.5)
    if size:
        assert digits(std_errors(fit), errors) >= 10


def polynomial(name: str) -> tuple[list[Fraction], list[Fraction]]:
    lines = (Path(__file__).parent / "nist" / f"{name}.csv").read_text().split()[1:]
    pairs = [line.split(",") for line in lines]
    return [Fraction(x) for _, x in pairs], [Fraction(y) for y, _ in pairs]


def test_pontius() -> None:
    """Certified: 0.673565789473684e-3, 0.732059160401003e-6, -0.316081871345029e-14."""
    x, y = polynomial("pontius")
    beta, errors = exact_fit(x, y, 2)
    assert digits(beta, np.array([0.673565789473684e-3, 0.732059160401003e-6, -0.316081871345029e-14])) >= 13
    values = np.array([float(value) for value in x])
    fit = least_squares(np.column_stack([values, values**2]), np.array([float(v) for v in y]), ["x", "x2"])
    assert digits(fit.coefficients, beta) >= 9
    assert digits(std_errors(fit), errors) >= 9


def test_filip() -> None:
    """A tenth-degree polynomial whose columns double precision hardly tells apart; R's lm drops one without a word."""
    x, y = polynomial("filip")
    beta, errors = exact_fit(x, y, 10)
    assert digits(beta[:1], np.array([-1467.48961422980])) >= 12
    values = np.array([float(value) for value in x])
    names = [f"x{power}" for power in range(1, 11)]
    fit = least_squares(values[:, None] ** np.arange(1, 11), np.array([float(v) for v in y]), names)
    assert digits(fit.coefficients, beta) >= 7
    assert digits(std_errors(fit), errors) >= 7


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("SiRstv", 12), ("AtmWtAg", 10), ("SmLs01", 13), ("SmLs02", 13), ("SmLs03", 13),
        ("SmLs04", 10), ("SmLs05", 10), ("SmLs06", 10), ("SmLs07", 4), ("SmLs08", 4), ("SmLs09", 4),
    ],
)  # fmt: skip
def test_analysis_of_variance(name: str, least: float) -> None:
    lines = (DATA / "nist_anova" / f"{name}.dat").read_text().splitlines()
    certified = float(next(line for line in lines[40:] if line.startswith("Between")).split()[-1])
    rows = np.array([line.split() for line in lines[60:] if line.strip()], dtype=float)
    groups = np.unique(rows[:, 0])
    design = (rows[:, :1] == groups[1:]).astype(float)
    fit = least_squares(design, rows[:, 1], [f"g{g:.0f}" for g in groups[1:]])
    explained = rows[:, 1] - rows[:, 1].mean() - fit.residuals
    between = float(explained @ explained) / (len(groups) - 1)
    within = float(fit.residuals @ fit.residuals) / (len(rows) - len(groups))
    assert digits(np.array([between / within]), np.array([certified])) >= least
