"""Percentiles and medians: enough people on each side; extremes never."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.disclosure.policy import DEFAULT, Concern, Policy


def check_percentile(
    values: Sequence[float], value: float, *, where: str, policy: Policy = DEFAULT
) -> list[Concern]:
    """Check one percentile of the values of data subjects.

    Parameters
    ----------
    values : the value of each data subject.
    value : the percentile to be released.

    Notes
    -----
    Values equal to it are on neither side: where most are equal, it is the mode, and is not released.
    """
    given = np.asarray(values, dtype=float)
    if len(given) and value in (given.min(), given.max()):
        return [Concern("percentile-extreme", where, "It is the smallest or largest value", blocks=True)]
    sides = (int((given < value).sum()), int((given > value).sum()))
    if min(sides) < policy.threshold:
        message = f"Fewer than {policy.threshold} data subjects on one side of it"
        return [Concern("percentile-side", where, message, blocks=True)]
    return []
