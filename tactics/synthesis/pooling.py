"""Random-effects pooling: REML with Hartung-Knapp by default, and every variant of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from centre.distributions import chi_square_p, interval, p_value
from tactics.synthesis.errors import BadEffects, NotEstimable
from tactics.synthesis.heterogeneity import Method, inconsistency, q_profile, residual_q, tau_squared

Floats = NDArray[np.float64]
Test = Literal["knha", "z"]
Prediction = Literal["hts", "metafor"]
TESTS: tuple[Test, ...] = get_args(Test)
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)


@dataclass(frozen=True, slots=True)
class Options:
    """How to pool. ``floor`` never lets Hartung-Knapp be narrower than the ordinary interval."""

    method: Method = "REML"
    test: Test = "knha"
    level: float = 0.95
    floor: bool = False
    prediction: Prediction = "hts"

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1:
            raise BadEffects("The level must be at least 0.5 and less than 1")


DEFAULTS = Options()


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One term of the (meta-)regression."""

    term: str
    estimate: float
    std_error: float
    df: float | None
    statistic: float | None
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """Everything one fit gives. I squared is in per cent; ``df`` and ``prediction_df`` None mean normal."""

    k: int
    options: Options
    coefficients: tuple[Coefficient, ...]
    tau2: float
    tau2_conf_low: float
    tau2_conf_high: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_p_value: float
    weights: tuple[float, ...]
    hk_factor: float | None
    prediction_low: float | None
    prediction_high: float | None
    prediction_df: float | None
    warnings: tuple[str, ...] = field(default=())

    @property
    def pooled(self) -> Coefficient:
        """The pooled effect: the constant."""
        return self.coefficients[0]


def pool(
    yi: Sequence[float] | Floats,
    vi: Sequence[float] | Floats,
    *,
    options: Options = DEFAULTS,
    moderators: dict[str, Sequence[float]] | None = None,
    weights: Sequence[float] | None = None,
) -> Pooled:
    """Pool effects with a random-effects model.

    Parameters
    ----------
    yi, vi : (k,) effects on one additive scale (log ratio, SMD, ...) and their sampling variances.
    options : method, test, level, Hartung-Knapp floor and prediction convention.
    moderators : name to (k,) values; with moderators the first coefficient is the constant.
    weights : (k,) own weights in place of ``1 / (v + tau2)``; the variance is then the sandwich.

    Notes
    -----
    ``mu = sum(w y) / sum(w)``, ``w = 1 / (v + tau2)``. Hartung-Knapp multiplies the variance by
    ``q = sum(w (y - mu)^2) / (k - p)`` and uses t with k - p degrees of freedom. Prediction interval
    ``mu +/- t sqrt(tau2 + SE^2)``, with k - 2 degrees of freedom (Higgins, Thompson and Spiegelhalter
    2009) or metafor's convention.

    Raises
    ------
    BadEffects : a value is not finite, a variance not positive, lengths differ.
    NotEstimable : too few studies for the number of terms, collinear moderators, no convergence.

    References
    ----------
    Viechtbauer (2005); Hartung and Knapp (2001), Stat Med 20:3875; Sidik and Jonkman (2002).
    """
    y, v = _checked(yi, vi)
    design, terms = _design(len(y), moderators or {})
    k, p = design.shape
    if k - p < 1:
        raise NotEstimable(
            f"{k} {'study' if k == 1 else 'studies'} cannot be pooled with {p} term{'s' * (p > 1)}"
        )
    tau2 = tau_squared(y, v, design, options.method)
    w = 1 / (v + tau2)
    beta, covariance, shares = _fit(y, v + tau2, design, w, weights)
    factor, df, warnings = _small_sample(y, design, w, beta, options)
    covariance = covariance * factor
    coefficients = tuple(
        _coefficient(term, float(beta[j]), float(covariance[j, j]) ** 0.5, df, options.level)
        for j, term in enumerate(terms)
    )
    q = residual_q(0.0, y, v, design)
    i2, h2 = inconsistency(tau2, q, v, design, options.method)
    low, high = q_profile(y, v, design, level=options.level)
    prediction = _prediction(coefficients[0], tau2, k, p, options)
    return Pooled(
        k, options, coefficients, tau2, low, high, i2, h2, q, k - p, chi_square_p(q, k - p),
        tuple(float(share) for share in shares), factor if options.test == "knha" else None, *prediction,
        warnings=warnings,
    )  # fmt: skip


def _checked(yi: Sequence[float] | Floats, vi: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if y.ndim != 1 or y.shape != v.shape:
        raise BadEffects("Effects and variances must be two lists of the same length")
    if len(y) == 0:
        raise NotEstimable("There are no studies to pool")
    for row, (effect, variance) in enumerate(zip(y, v, strict=True)):
        if not np.isfinite(effect):
            raise BadEffects("The effect must be a finite number", row=row, column="yi")
        if not (np.isfinite(variance) and variance > 0):
            raise BadEffects("The variance must be a finite number above 0", row=row, column="vi")
    return y, v


def _design(k: int, moderators: dict[str, Sequence[float]]) -> tuple[Floats, list[str]]:
    columns = [np.ones(k)]
    for name, values in moderators.items():
        column = np.asarray(values, dtype=np.float64)
        if column.shape != (k,) or not np.isfinite(column).all():
            raise BadEffects(f"Moderator {name} must have a finite number for every study", column=name)
        columns.append(column)
    design = np.column_stack(columns)
    if len(columns) > 1 and np.linalg.matrix_rank(design / np.abs(design).max(axis=0).clip(1e-300)) < len(
        columns
    ):
        raise NotEstimable("A moderator is constant, or equals a combination of the others")
    return design, ["intercept", *moderators]


def _fit(
    y: Floats, total: Floats, design: Floats, w: Floats, own: Sequence[float] | None
) -> tuple[Floats, Floats, Floats]:
    """Coefficients, their covariance before any small-sample factor, and each study's share of weight."""
    a: Floats = w if own is None else np.asarray(own, dtype=np.float64)
    if a.shape != w.shape or not (np.isfinite(a).all() and (a >= 0).all() and a.sum() > 0):
        raise BadEffects(
            "Weights must be finite, 0 or more, one for each study, and not all 0", column="weight"
        )
    weighted = design * a[:, None]
    inverse: Floats = np.asarray(np.linalg.inv(design.T @ weighted), dtype=np.float64)
    beta = inverse @ weighted.T @ y
    if own is not None:
        return beta, inverse @ weighted.T @ np.diag(total) @ weighted @ inverse, a / a.sum()
    return beta, inverse, a / a.sum()


def _small_sample(
    y: Floats, design: Floats, w: Floats, beta: Floats, options: Options
) -> tuple[float, float | None, tuple[str, ...]]:
    if options.test == "z":
        return 1.0, None, ()
    k, p = design.shape
    residual = y - design @ beta
    q = float(np.sum(w * residual**2)) / (k - p)
    if options.floor:
        return max(1.0, q), float(k - p), ()
    if q <= np.finfo(float).eps:
        raise NotEstimable(
            "all effects are equal, so Hartung-Knapp has no spread to work with; use the floor or z"
        )
    narrow = f"Hartung-Knapp factor q = {q:.4g} is below 1: the interval is narrower than the ordinary one"
    return q, float(k - p), (narrow,) if q < 1 else ()


def _coefficient(term: str, estimate: float, se: float, df: float | None, level: float) -> Coefficient:
    low, high = interval(estimate, se, df, 1 - level)
    statistic = estimate / se
    return Coefficient(term, estimate, se, df, statistic, p_value(statistic, df), low, high)


def _prediction(
    pooled: Coefficient, tau2: float, k: int, p: int, options: Options
) -> tuple[float | None, float | None, float | None]:
    if p > 1:
        return None, None, None
    df: float | None = float(k - 2)
    if options.prediction == "metafor":
        df = float(k - 1) if options.test == "knha" else None
    elif k < 3:
        return None, None, None
    low, high = interval(pooled.estimate, (tau2 + pooled.std_error**2) ** 0.5, df, 1 - options.level)
    return low, high, df
