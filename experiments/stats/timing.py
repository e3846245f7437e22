"""Periods and first-treated dates on one time line, with never-treated normalised to infinity."""

import math
import re
from collections.abc import Sequence

import numpy as np

from experiments.stats.frame import NUMBER, Coded, FloatArray, IntArray

NEVER_WORDS = frozenset({"never", "inf", "+inf", "infinity", "nan", "none", "never_treated", "never treated"})


def is_numeric(names: Sequence[str]) -> bool:
    """Whether every label is a number, so that the time line is the numbers themselves."""
    return all(re.match(NUMBER, name) for name in names)


def period_values(period: Coded) -> tuple[FloatArray, IntArray]:
    """Values of the periods in their natural order, and the place of each label of `period` in it.

    Numbers are their own values; other labels (ISO dates, weeks) are ordered as text and numbered 0, 1,
    2, …, so that a difference of values counts periods.
    """
    if not is_numeric(period.names):
        count = len(period.names)
        return np.arange(count, dtype=np.float64), np.arange(count, dtype=np.int64)
    numbers = np.array([float(name) for name in period.names])
    values, place = np.unique(numbers, return_inverse=True)
    return values, place.astype(np.int64)


def first_treated_values(first: Coded, period: Coded, values: FloatArray) -> FloatArray:
    """For each row the period of first treatment on the line of `values`; infinity is never.

    Never treated is one state however it is coded: blank, "never", "inf", a period after the last, 0
    where 0 is no period of the data. A date between two periods counts from the next one; one before the
    first stays before it.
    """
    per_label = np.array([_place(name, period, values) for name in first.names] + [math.inf])
    found = per_label[first.codes]
    return np.where(found > values[-1], math.inf, found)


def _place(name: str, period: Coded, values: FloatArray) -> float:
    if name.lower() in NEVER_WORDS:
        return math.inf
    numeric_line = is_numeric(period.names)
    if re.match(NUMBER, name) and (numeric_line or float(name) == 0):
        number = float(name)
        return math.inf if number == 0 and number not in values else number
    if numeric_line:
        raise ValueError(name)
    place = int(np.searchsorted(np.array(period.names, dtype=object), name))
    # Before the first period: one step before it, so that it is not "treated at the first period".
    return -1.0 if place == 0 and name < period.names[0] else float(place)
