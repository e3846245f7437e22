"""How much of a staggered two-way estimate compares newly treated units with units already treated."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def forbidden_share(first_treated: FloatArray, periods: FloatArray) -> float:
    """Share of the two-way weight on comparisons of later adopters with earlier ones.

    Parameters
    ----------
    first_treated : (n,) first treated period, ``inf`` for never; nobody is treated in the first period.
    periods : (T,) the periods of a balanced panel, increasing.

    Notes
    -----
    With cohort shares n_k and D̄_k the share of periods treated, the weights are proportional to
    ``n_k n_U D̄_k(1 − D̄_k)`` (never treated), ``n_k n_l (D̄_k − D̄_l)(1 − D̄_k)`` (earlier k against later l)
    and ``n_k n_l D̄_l(D̄_k − D̄_l)`` (later l against earlier k).

    References
    ----------
    Goodman-Bacon (2021), *J Econometrics*.
    """
    dates, counts = np.unique(first_treated, return_counts=True)
    share = counts / len(first_treated)
    on = np.array([(periods >= date).mean() for date in dates])
    product = np.outer(share, share)
    later = np.triu(np.ones((len(dates), len(dates)), dtype=bool), 1)
    gap = on[:, None] - on[None, :]
    # Row k adopts before column l; the never treated are the last column, with nothing to forbid.
    fair = (product * gap * (1 - on)[:, None])[later].sum()
    forbidden = (product * gap * on[None, :])[later].sum()
    return float(forbidden / (fair + forbidden))
