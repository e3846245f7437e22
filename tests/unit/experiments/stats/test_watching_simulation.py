"""Looks before the end by simulation: the error of the whole procedure, and how often its intervals cover."""

from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats

from experiments.stats import confidence_sequence, group_sequential, stage_wise

FEW = (22, 44)  # units at a half and at the end: 20 and 42 degrees of freedom


def looked_at(effect: float, reps: int, seed: int) -> tuple[list[Any], list[Any]]:
    """Estimates and errors of two-arm trials at both looks."""
    y = np.random.default_rng(seed).normal(size=(reps, FEW[1]))
    y[:, ::2] += effect
    estimates, errors = [], []
    for n in FEW:
        treated, control = y[:, :n:2], y[:, 1:n:2]
        estimates.append(treated.mean(1) - control.mean(1))
        errors.append(np.sqrt((treated.var(1, ddof=1) + control.var(1, ddof=1)) / (n / 2)))
    return estimates, errors


def beyond(estimates: list[Any], errors: list[Any], look: int, critical: Any) -> Any:
    """Whether each trial crosses at this look: the t by its p value, against the normal's boundary."""
    t = np.abs(estimates[look] / errors[look])
    return scipy_stats.norm.isf(scipy_stats.t.sf(t, FEW[look] - 2)) >= critical[look]


@pytest.mark.parametrize("spending", ["obrien_fleming", "pocock"])
def test_the_whole_procedure_errs_at_alpha_with_few_degrees_of_freedom(spending: Any) -> None:
    """60,000 null trials that stop at the half or go on; measured 5.0 and 5.1 per cent."""
    found = looked_at(0.0, 60_000, seed=1)
    c = group_sequential([0.5, 1.0], spending=spending).critical
    erred = (beyond(*found, 0, c) | beyond(*found, 1, c)).mean()
    assert abs(erred - 0.05) < 0.002 + 3 * np.sqrt(0.05 * 0.95 / 60_000)


@pytest.mark.parametrize("effect", [0.0, 0.8])
def test_the_interval_at_the_end_covers_and_its_estimate_is_the_median(effect: float) -> None:
    """40,000 trials that stop at the half or go on, the ends of `stage_wise` found on a grid of statistics.

    With 42 degrees of freedom the estimate lies above an effect of this size 46.8 % of the time, with 198 49.3 %.
    """
    estimates, errors = looked_at(effect, 40_000, seed=2)
    whole, half = group_sequential([0.5, 1.0], spending="pocock"), group_sequential([0.5], spending="pocock")
    stops = beyond(estimates, errors, 0, half.critical)
    ends = []
    for look, design in enumerate((half, whole)):
        t = estimates[look] / errors[look]
        grid = np.linspace(t.min(), t.max(), 60)
        made = [stage_wise(design, float(one), 1.0, df=FEW[look] - 2) for one in grid]
        table = np.array([(one.conf_low, one.estimate, one.conf_high) for one in made])
        ends.append([np.interp(t, grid, column) * errors[look] for column in table.T])
    low, middle, high = (np.where(stops, first, last) for first, last in zip(*ends, strict=True))
    assert 0.01 < stops.mean() < 0.9
    assert abs(((low <= effect) & (effect <= high)).mean() - 0.95) < 0.003 + 3 * np.sqrt(0.05 * 0.95 / 40_000)
    assert abs((middle > effect).mean() - 0.5) < 3 * np.sqrt(0.25 / 40_000) + (0.03 if effect else 0.0)


def test_a_trial_that_is_watched_from_thirty_units_on_is_missed_seldom() -> None:
    """3,000 two-arm trials of a skewed outcome, looked at after each pair from 30 units to 400: at most 5 % miss."""
    rng, reps = np.random.default_rng(4), 3_000
    pairs = np.arange(1, 201)
    treated, control = (rng.exponential(size=(reps, 200)) for _ in range(2))
    means = [np.cumsum(arm, axis=1) / pairs for arm in (treated, control)]
    squares = [np.cumsum(arm**2, axis=1) / pairs for arm in (treated, control)]
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.sqrt(sum((q - m**2) / (pairs - 1) for q, m in zip(squares, means, strict=True)))
    gap, from_here = means[0] - means[1], pairs >= 15
    missed = 0
    for one, error in zip(gap[:, from_here], errors[:, from_here], strict=True):
        found = confidence_sequence(one, error, 2 * pairs[from_here], planned=400)
        missed += bool(((found.conf_low > 0) | (found.conf_high < 0)).any())
    assert missed / reps < 0.05
