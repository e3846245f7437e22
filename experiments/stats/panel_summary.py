"""What a panel of counts is like: its mean, how much more it varies than chance, and how well the past foretells it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.icc import icc_interval

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
TOP = 0.05


@dataclass(frozen=True, slots=True)
class PanelSummary:
    """Counts of units over periods.

    `mean` is of a unit and period; `phi` the dispersion about unit and period effects, `icc` that of the raw counts;
    `correlation` is of units' totals in the first half of the periods and in the second, None where one of the halves
    does not vary; `top_share` is what the top twentieth of the units hold of all counts.
    """

    n_units: int
    n_periods: int
    mean: float
    variance_ratio: float
    phi: float
    icc: float
    correlation: float | None
    top_share: float


def summarise(counts: IntArray) -> PanelSummary:
    """Describe a panel before a trial is planned on it.

    Parameters
    ----------
    counts : (n, T) counts of n units in T consecutive periods, none missing.

    Returns
    -------
    PanelSummary

    Notes
    -----
    ``phi = Σ (y − e)²/e / ((n − 1)(T − 1))`` with ``e`` row total × column total / total, over cells with e above 0.
    The ICC is ANOVA's, ICC(1), with the unit as the group. Of an odd number of periods the halves leave the last out.

    Raises
    ------
    NotEstimable : fewer than two units, fewer than four periods, or no count at all.
    """
    n, periods = counts.shape
    if n < 2:
        raise NotEstimable("fewer than two units")
    if periods < 4:
        raise NotEstimable("fewer than four periods")
    total = int(counts.sum())
    if total == 0:
        raise NotEstimable("no unit has a count above 0 in any period")
    half = periods // 2
    return PanelSummary(
        n_units=n,
        n_periods=periods,
        mean=total / counts.size,
        variance_ratio=float(counts.var(ddof=1)) / (total / counts.size),
        phi=_phi(counts.astype(np.float64)),
        icc=icc_interval(counts.ravel().astype(np.float64), np.repeat(np.arange(n), periods)).estimate,
        correlation=foretold(counts[:, :half], counts[:, half : 2 * half]),
        top_share=_top_share(counts.sum(axis=1)),
    )


def _phi(counts: FloatArray) -> float:
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    held = expected > 0
    squares = (counts[held] - expected[held]) ** 2 / expected[held]
    return float(squares.sum() / ((counts.shape[0] - 1) * (counts.shape[1] - 1)))


def foretold(first: IntArray, second: IntArray) -> float | None:
    """Return the correlation of units' totals in (n, S) earlier and (n, T) later counts; None where one is constant."""
    before, after = first.sum(axis=1), second.sum(axis=1)
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        return None
    return float(np.corrcoef(before, after)[0, 1])


def _top_share(totals: IntArray) -> float:
    most = max(1, round(TOP * len(totals) + 0.5 - 1e-9))
    return float(np.sort(totals)[::-1][:most].sum() / totals.sum())
