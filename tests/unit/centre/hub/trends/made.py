"""Series of counts from a fixed seed, for these tests."""

import datetime as dt

import numpy as np

from centre.hub.trends.series import Floats, Series, evenly


def months(
    counts: Floats, *, name: str = "a force", first: int = 2015, population: Floats | None = None
) -> Series:
    """Return a monthly series that begins in January."""
    dates = [dt.date(first + at // 12, at % 12 + 1, 1) for at in range(len(counts))]
    return evenly(name, dates, list(counts), None if population is None else list(population))


def days(counts: list[float] | Floats, *, name: str = "") -> Series:
    """Return a daily series."""
    dates = [dt.date(2024, 1, 1) + dt.timedelta(days=at) for at in range(len(counts))]
    return evenly(name, dates, list(counts))


def noise(seed: int, *, years: int = 7, mean: float = 20.0, dispersion: float = 1.0) -> Floats:
    """Return monthly counts with a season and no outbreak: Poisson, or negative binomial with the dispersion."""
    drawn = np.random.default_rng(seed)
    at = np.arange(12 * years)
    expected = mean * np.exp(0.3 * np.sin(2 * np.pi * at / 12))
    if dispersion > 1:
        counts = drawn.negative_binomial(expected / (dispersion - 1), 1 / dispersion)
    else:
        counts = drawn.poisson(expected)
    return counts.astype(float)
