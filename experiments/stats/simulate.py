"""Simulated panels whose true effects are known; every one says what is true in its docstring.

Draws come from :mod:`experiments.stats.draws`, so a seed gives the same panel on every version
of NumPy.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from experiments.stats.draws import standard_normals, stream, uniforms

FloatArray = NDArray[np.float64]


def staggered_panel(
    n_units: int = 1_000,
    n_periods: int = 60,
    *,
    n_cohorts: int = 5,
    never_share: float = 0.4,
    effect: float = 0.5,
    growth: float = 0.02,
    units_per_cluster: int = 1,
    seed: int = 1,
) -> pd.DataFrame:
    """Simulate staggered adoption with effects that grow with time since adoption.

    ``y = α_i + λ_t + effect·(1 + growth·(t − g))·1{t ≥ g} + 0.2·x_i·t/T + u_c,t + AR(1) errors (0.5)``.

    The true ATT(g, t) is ``effect·(1 + growth·(t − g))``, so at event time e ≥ 0 it is
    ``effect·(1 + growth·e)``, and 0 before. Adoption does not depend on x: parallel trends hold.

    Parameters
    ----------
    n_units, n_periods : size of the balanced panel; periods are 1, 2, ….
    n_cohorts : adoption dates, evenly spaced from a fifth of the periods on.
    never_share : share of units never treated (``first_treated`` 0).
    effect, growth : the truth above.
    units_per_cluster : units of one cluster share shocks of their own in each period, and their
        adoption date, when above 1.
    seed : seed of the draws.

    Returns
    -------
    DataFrame
        Columns ``unit``, ``cluster``, ``period``, ``first_treated``, ``x``, ``y``.
    """
    periods = np.arange(1, n_periods + 1, dtype=np.float64)
    cluster = np.arange(n_units) // units_per_cluster
    n_clusters = int(cluster[-1]) + 1
    dates = np.round(np.linspace(0.2, 0.8, n_cohorts) * n_periods) + 1
    first = _adoption(_uniform(seed, "adoption", n_clusters), dates, never_share)[cluster]
    unit_effect = _normal(seed, "unit", n_units, 1)
    period_effect = _normal(seed, "period", 1, n_periods) * 0.3
    x = _normal(seed, "x", n_units, 1)
    errors = _autoregressive(_normal(seed, "error", n_units, n_periods), 0.5)
    since = periods - first[:, None]
    true = np.where(since >= 0, effect * (1 + growth * np.where(since >= 0, since, 0.0)), 0.0)
    y = unit_effect + period_effect + true + 0.2 * x * periods / n_periods + errors
    if units_per_cluster > 1:
        y += 0.5 * _normal(seed, "cluster", n_clusters, n_periods)[cluster]
    return _long(periods, cluster, first, {"x": np.repeat(x, n_periods, axis=1), "y": y})


def confounded_panel(
    n_units: int = 1_000, n_periods: int = 8, *, effect: float = 0.5, seed: int = 1
) -> pd.DataFrame:
    """Simulate adoption that depends on a covariate which also moves the trend.

    ``y = α_i + λ_t + 0.5·x_i·t + effect·1{t ≥ g} + e``, and units of high x adopt more often
    (in period 4 or 6). The true ATT(g, t) is ``effect`` for t ≥ g. Without x every comparison is
    biased upwards; regression, weighting and doubly robust estimates given x are not.

    Returns
    -------
    DataFrame
        Columns ``unit``, ``cluster``, ``period``, ``first_treated``, ``x``, ``y``.
    """
    periods = np.arange(1, n_periods + 1, dtype=np.float64)
    x = _normal(seed, "x", n_units, 1)
    chance = special.expit(0.8 * x[:, 0])
    adopts = _uniform(seed, "adoption", n_units) < chance * 0.7
    early = _uniform(seed, "date", n_units) < 0.5
    first = np.where(adopts, np.where(early, 4.0, 6.0), np.inf)
    y = _normal(seed, "unit", n_units, 1) + 0.5 * x * periods + effect * (periods >= first[:, None])
    y += _normal(seed, "period", 1, n_periods) + _normal(seed, "error", n_units, n_periods)
    columns = {"x": np.repeat(x, n_periods, axis=1), "y": y}
    return _long(periods, np.arange(n_units), first, columns)


def rollout_panel(
    n_units: int = 7_785, n_periods: int = 72, *, n_cohorts: int = 48, log_ratio: float = -0.1, seed: int = 1
) -> pd.DataFrame:
    """Simulate a training roll-out that reaches everybody: monthly counts for officers.

    Counts are Poisson with mean ``rate_i·season_t·exp(log_ratio·1{t ≥ g})``: the true ratio of
    rates is ``exp(log_ratio)``, and the true effect in counts is that unit's untreated mean
    times ``exp(log_ratio) − 1``. The order of training is random, and nobody is never trained,
    as in the published panel of procedural-justice training whose shape this copies.

    Returns
    -------
    DataFrame
        Columns ``uid``, ``period``, ``first_trained``, ``complaints``, ``force``.
    """
    periods = np.arange(1, n_periods + 1, dtype=np.float64)
    dates = np.unique(np.round(np.linspace(n_periods / 6 + 1, n_periods, n_cohorts)))
    first = _adoption(_uniform(seed, "adoption", n_units), dates, 0.0)
    season = 1 + 0.2 * np.sin(2 * np.pi * periods / 12)
    ratio = np.where(periods >= first[:, None], np.exp(log_ratio), 1.0)
    columns = {}
    for name, level in (("complaints", 0.04), ("force", 0.04)):
        rate = level * np.exp(0.8 * _normal(seed, f"{name} rate", n_units, 1) - 0.32)
        chance = _uniform(seed, name, n_units * n_periods).reshape(n_units, n_periods)
        columns[name] = _poisson(chance, rate * season * ratio)
    panel = _long(periods, np.arange(n_units), first, columns)
    panel = panel.rename(columns={"unit": "uid", "first_treated": "first_trained"})
    return panel[["uid", "period", "first_trained", "complaints", "force"]]


def _adoption(chance: FloatArray, dates: FloatArray, never_share: float) -> FloatArray:
    """Adoption dates from uniform draws: never for the lowest share, else a date each as likely."""
    place = np.floor((chance - never_share) / (1 - never_share) * len(dates)).astype(np.intp)
    return np.where(chance < never_share, np.inf, dates[np.clip(place, 0, len(dates) - 1)])


def _poisson(chance: FloatArray, mean: FloatArray) -> FloatArray:
    """Poisson counts by inversion of one uniform draw each."""
    counts = np.zeros(mean.shape)
    probability = np.exp(-mean)
    below = probability.copy()
    for k in range(1, 200):
        waiting = chance > below
        if not waiting.any():
            break
        counts += waiting
        probability = probability * mean / k
        below = below + probability
    return counts


def _autoregressive(shocks: FloatArray, rho: float) -> FloatArray:
    errors = shocks.copy()
    scale = np.sqrt(1 - rho**2)
    for t in range(1, shocks.shape[1]):
        errors[:, t] = rho * errors[:, t - 1] + scale * shocks[:, t]
    return errors


def _long(
    periods: FloatArray, cluster: NDArray[np.intp], first: FloatArray, columns: dict[str, FloatArray]
) -> pd.DataFrame:
    n_units, n_periods = len(first), len(periods)
    adopted = np.where(np.isfinite(first), first, 0.0)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, n_units + 1), n_periods),
            "cluster": np.repeat(cluster + 1, n_periods),
            "period": np.tile(periods.astype(np.int64), n_units),
            "first_treated": np.repeat(adopted.astype(np.int64), n_periods),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def _normal(seed: int, purpose: str, rows: int, columns: int) -> FloatArray:
    return standard_normals(stream(seed, "simulate", purpose), (rows, columns))


def _uniform(seed: int, purpose: str, size: int) -> FloatArray:
    return uniforms(stream(seed, "simulate", purpose), (size,))
