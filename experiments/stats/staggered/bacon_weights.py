"""The two-by-two comparisons inside a two-way coefficient under staggered adoption, and the weight of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Kind = Literal["treated_v_never", "earlier_v_later", "later_v_earlier"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: who changes treatment, with whom they are compared, and its share of the coefficient.

    ``treated`` and ``control`` are adoption dates, ``inf`` for never. It uses the periods from ``start``
    (included) to ``end`` (left out); treatment starts at ``treated`` within them.
    """

    kind: Kind
    treated: float
    control: float
    weight: float
    start: float
    end: float


def comparisons(first_treated: FloatArray, periods: FloatArray) -> tuple[Comparison, ...]:
    """The comparisons of a balanced panel with their weights, which sum to 1.

    Parameters
    ----------
    first_treated : (n,) first treated period, ``inf`` for never; nobody is treated in the first period.
    periods : (T,) the periods of a balanced panel, increasing.

    Returns
    -------
    tuple of Comparison : by type, then by date; empty where there is nobody to compare with.

    Notes
    -----
    With cohort shares n_k and D̄_k the share of periods treated, the weights are proportional to
    ``n_k n_U D̄_k(1 − D̄_k)`` (never treated), ``n_k n_l (D̄_k − D̄_l)(1 − D̄_k)`` (earlier k against later l)
    and ``n_k n_l D̄_l(D̄_k − D̄_l)`` (later l against earlier k).

    References
    ----------
    Goodman-Bacon (2021), *J Econometrics*. Same numbers as R bacondecomp.
    """
    dates, counts = np.unique(first_treated, return_counts=True)
    share = dict(zip(dates.tolist(), (counts / len(first_treated)).tolist(), strict=True))
    found = list(_raw([date for date in share if np.isfinite(date)], share, periods))
    total = sum(one.weight for one in found)
    order = ("treated_v_never", "earlier_v_later", "later_v_earlier")
    return tuple(
        Comparison(one.kind, one.treated, one.control, one.weight / total, one.start, one.end)
        for one in sorted(found, key=lambda one: (order.index(one.kind), one.treated, one.control))
        if one.weight > 0
    )


def _raw(dates: list[float], share: dict[float, float], periods: FloatArray) -> Iterator[Comparison]:
    on = {date: float((periods >= date).mean()) for date in dates}
    first, last, never = float(periods[0]), np.inf, float(np.inf)
    for k in dates:
        if never in share:
            weight = share[k] * share[never] * on[k] * (1 - on[k])
            yield Comparison("treated_v_never", k, never, weight, first, last)
        for later in (date for date in dates if date > k):
            both, gap = share[k] * share[later], on[k] - on[later]
            yield Comparison("earlier_v_later", k, later, both * gap * (1 - on[k]), first, later)
            yield Comparison("later_v_earlier", later, k, both * on[later] * gap, k, last)


def forbidden_share(first_treated: FloatArray, periods: FloatArray) -> float:
    """Share of the two-way weight on comparisons of later adopters with earlier ones; see `comparisons`."""
    found = comparisons(first_treated, periods)
    return sum(one.weight for one in found if one.kind == "later_v_earlier")
