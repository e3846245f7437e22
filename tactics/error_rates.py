"""Error rates of tools: a count over a denominator that is named, with its interval. Pure."""

from decimal import Decimal
from math import sqrt
from statistics import NormalDist

LEVEL = 0.95


def wilson(count: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Parameters
    ----------
    count : how many of the cases were errors, from 0 to `of`.
    of : how many cases there were, 1 or more.
    level : confidence level, above 0 and below 1.

    Returns
    -------
    The lower and the upper end, as shares from 0 to 1. They are those values p at which the score test
    ``|count/of - p| = z sqrt(p (1 - p) / of)`` just does not reject.

    Raises
    ------
    ValueError : a count outside 0 to `of`, no cases, or a level that is none.

    Notes
    -----
    Wilson (1927), Journal of the American Statistical Association 22:209-212. The cases are taken as independent and
    alike: faces in one crowd or pages of one file are not quite, and the true uncertainty is then larger.
    """
    if of < 1 or not 0 <= count <= of:
        raise ValueError("a rate needs a count from 0 to its denominator, and a denominator of 1 or more")
    if not 0 < level < 1:
        raise ValueError("the level must be between 0 and 1")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / of
    middle = share + z * z / (2 * of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    # Where nothing (or everything) was an error the end is exactly 0 (or 1); rounding must not leave a crumb.
    low = 0.0 if count == 0 else (middle - half) / scale
    high = 1.0 if count == of else (middle + half) / scale
    return low, high


def percent(share: float) -> str:
    """Return a share with two figures that count: "0.48%", "0.00032%", "12%"; never "0%" of what is not nought."""
    if share in (0, 1):
        return f"{100 * share:.0f}%"
    if share > 0.99:  # 99.97 is not 100
        return f"{100 - _two_figures(100 * (1 - share)):f}%"
    return f"{_two_figures(100 * share):f}%"


def _two_figures(value: float) -> Decimal:
    return Decimal(f"{value:.2g}")


def interval(count: int, of: int) -> str:
    """Return the interval in words: "0.26% to 0.88%"."""
    low, high = wilson(count, of)
    return f"{percent(low)} to {percent(high)}"


def one_in(count: int, of: int) -> str:
    """Return a small rate as people count: "1 in 208"; empty where the rate is nought or above a tenth."""
    return f"1 in {round(of / count):,}" if count and count * 10 <= of else ""
