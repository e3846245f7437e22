"""Adjusted p values within one family of estimates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.stats.options import MULTIPLICITIES


def adjust(p_values: Sequence[float], method: str) -> list[float]:
    """Adjusted p values, in the order given.

    Parameters
    ----------
    p_values : raw p values of one family, each in [0, 1].
    method : ``none``, ``bonferroni``, ``holm``, ``hochberg`` or ``bh``.

    Notes
    -----
    With p sorted upwards and m of them: Holm ``max_{i<=j} min(1, (m-i+1) p_(i))``; Hochberg ``min_{i>=j}
    (m-i+1) p_(i)``, valid under non-negative dependence; Benjamini-Hochberg ``min_{i>=j} (m/i) p_(i)``,
    which controls the false discovery rate and not the family-wise error.

    References
    ----------
    Holm (1979); Hochberg (1988); Benjamini and Hochberg (1995). Same numbers as R ``p.adjust``.
    """
    if method not in MULTIPLICITIES:
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
