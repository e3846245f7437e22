"""The t and normal distributions behind every p value and interval; a df of None is the normal."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

POWER = 0.8


def quantile(probability: float, df: float | None) -> float:
    """The quantile of t(df), or of the normal when `df` is None."""
    return float(special.ndtri(probability) if df is None else special.stdtrit(df, probability))


def lower_tail(value: float, df: float | None) -> float:
    """P(T <= value)."""
    return float(special.ndtr(value) if df is None else special.stdtr(df, value))


def p_value(statistic: float, df: float | None, alternative: str = "two_sided") -> float:
    """The p value of a t or z statistic; ``less`` and ``greater`` are one-sided on the estimate's sign."""
    if alternative == "less":
        return lower_tail(statistic, df)
    if alternative == "greater":
        return lower_tail(-statistic, df)
    return min(1.0, 2 * lower_tail(-abs(statistic), df))


def interval(estimate: float, std_error: float, df: float | None, alpha: float) -> tuple[float, float]:
    """The two-sided 1 - alpha interval."""
    half = quantile(1 - alpha / 2, df) * std_error
    return estimate - half, estimate + half


def minimum_detectable(std_error: float, df: float | None, alpha: float) -> float:
    """The effect found with 80 per cent power: ``(t[1 - alpha/2] + t[0.8]) * std_error``."""
    return (quantile(1 - alpha / 2, df) + quantile(POWER, df)) * std_error


def chi_square_p(statistic: float, df: float) -> float:
    """P(chi-square(df) >= statistic)."""
    return float(special.chdtrc(df, statistic))


def chi_square_quantile(probability: float, df: float) -> float:
    """The quantile of chi-square(df)."""
    return float(special.chdtri(df, 1 - probability))


def f_p(statistic: float, df1: float, df2: float) -> float:
    """P(F(df1, df2) >= statistic)."""
    return float(special.fdtrc(df1, df2, statistic))


def uniform_from_raw(raw: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Uniforms on the open interval (0, 1), from the top 53 bits of raw 64-bit draws."""
    return ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal_from_uniform(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normals by inversion, so that one raw 64-bit draw is one normal on every version of NumPy."""
    return np.asarray(special.ndtri(uniform), dtype=np.float64)
