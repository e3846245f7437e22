"""Adjusted p values within one family of estimates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.stats.options import MULTIPLICITIES, WESTFALL_YOUNG
from experiments.stats.resampling import TIE

FloatArray = NDArray[np.float64]

FROM_P_VALUES = tuple(method for method in MULTIPLICITIES if method != WESTFALL_YOUNG)


def adjust(p_values: Sequence[float], method: str) -> list[float]:
    """Adjusted p values, in the order given.

    Parameters
    ----------
    p_values : raw p values of one family, each in [0, 1].
    method : ``none``, ``bonferroni``, ``holm``, ``hochberg`` or ``bh``; `westfall_young` needs more than p values.

    Notes
    -----
    With p sorted upwards and m of them: Holm ``max_{i<=j} min(1, (m-i+1) p_(i))``; Hochberg ``min_{i>=j}
    (m-i+1) p_(i)``, valid under non-negative dependence; Benjamini-Hochberg ``min_{i>=j} (m/i) p_(i)``,
    which controls the false discovery rate and not the family-wise error.

    References
    ----------
    Holm (1979); Hochberg (1988); Benjamini and Hochberg (1995). Same numbers as R ``p.adjust``.
    """
    if method not in FROM_P_VALUES:
        raise ValueError(f"unknown multiplicity method '{method}'")
    raw = np.asarray(p_values, dtype=np.float64)
    count = len(raw)
    if method == "none" or count == 0:
        return [float(value) for value in raw]
    if method == "bonferroni":
        return [float(value) for value in np.minimum(1.0, count * raw)]
    order = np.argsort(raw, kind="stable")
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(1.0, _stepwise(raw[order], method))
    return [float(value) for value in adjusted]


def _stepwise(ordered: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    count = len(ordered)
    remaining = np.arange(count, 0, -1)
    if method == "holm":
        return np.maximum.accumulate(remaining * ordered)
    factor = remaining if method == "hochberg" else count / np.arange(1, count + 1)
    return np.minimum.accumulate((factor * ordered)[::-1])[::-1]


def westfall_young(observed: FloatArray, draws: FloatArray, *, is_exact: bool = False) -> list[float]:
    """Step-down adjusted p values from statistics that were drawn together, in the order given.

    Parameters
    ----------
    observed : (m,) statistics of one family, large against the hypothesis (absolute values of a two-sided t).
    draws : (R, m) the same under the hypotheses, each row from one draw for all; the observed among them if `is_exact`.
    is_exact : whether the draws are all there are; otherwise ``(1 + #)/(R + 1)``.

    Notes
    -----
    With the observed sorted downwards, ``p_(j) = max_{i<=j} P*(max_{l>=i} T*_(l) >= T_(i))``: each against the
    largest of those not yet rejected. Keeps the family-wise error whatever the dependence, which the draws carry.

    References
    ----------
    Westfall and Young (1993); Romano and Wolf (2005), *Econometrica*; (2016), *Stat Prob Letters*.
    """
    order = np.argsort(-observed, kind="stable")
    # The largest statistic of each draw among those from here on.
    largest = np.maximum.accumulate(draws[:, order[::-1]], axis=1)[:, ::-1]
    values = observed[order]
    # Ties are decided by rounding otherwise.
    reached = np.count_nonzero(largest >= values - TIE * (1 + np.abs(values)), axis=0)
    shares = reached / len(draws) if is_exact else (1 + reached) / (1 + len(draws))
    adjusted = np.empty(len(observed))
    adjusted[order] = np.maximum.accumulate(shares)
    return [float(value) for value in adjusted]
