"""Sums, means and rates of amounts: refused where a few contributors can be made out in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from experiments.disclosure.policy import DEFAULT, Concern, Policy


def check_sum(contributions: Sequence[float], *, where: str, policy: Policy = DEFAULT) -> list[Concern]:
    """Check one sum (or mean, or rate) against the contributions of its data subjects.

    Parameters
    ----------
    contributions : the amount of each data subject.
    where : what the sum is, for the report.

    Notes
    -----
    With contributions x1 >= x2 >= ... and total X: dominance is ``(x1 + ... + xn) / X >= share``; the p-ratio is
    ``(X - x1 - x2) / x1 < p``. Neither is defined with negative contributions; those go to a person.
    """
    return list(_concerns(np.sort(np.asarray(contributions, dtype=float))[::-1], where, policy))


def _concerns(amounts: np.ndarray, where: str, policy: Policy) -> Iterator[Concern]:
    if len(amounts) < policy.threshold:
        message = f"Fewer than {policy.threshold} contributors; not released"
        yield Concern("sum-contributors", where, message, blocks=True)
    if (amounts < 0).any():
        yield Concern(
            "sum-negative", where, "Some contributions are negative: look at this one", blocks=False
        )
        return
    total = float(amounts.sum())
    if total <= 0:
        return
    if amounts[: policy.dominance_n].sum() / total >= policy.dominance_share:
        share = f"{policy.dominance_share:.0%}"
        message = f"The {policy.dominance_n} largest contributors make up {share} or more of it"
        yield Concern("sum-dominance", where, message, blocks=True)
    if (total - amounts[:2].sum()) / amounts[0] < policy.p_ratio:
        message = "The second largest contributor could work out the largest from it"
        yield Concern("sum-p-ratio", where, message, blocks=True)
