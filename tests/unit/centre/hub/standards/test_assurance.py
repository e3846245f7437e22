"""Assurance against a target: both directions, limits by hand, the rule of a simulation, refusals."""

import numpy as np
import pytest

from centre.hub.standards.assurance import Direction, Verdict, assure
from centre.hub.trends.errors import NotEstimable

# Mean 80, every step 2: limits 80 ± 2.66 x 2 = 74.68 and 85.32.
MONTHS = [79.0, 81.0] * 7


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        (74.0, Verdict.MEETS, Verdict.FAILS),
        (74.68, Verdict.INCONSISTENT, Verdict.INCONSISTENT),
        (80.0, Verdict.INCONSISTENT, Verdict.INCONSISTENT),
        (86.0, Verdict.FAILS, Verdict.MEETS),
    ],
)
def test_a_target_is_met_missed_or_neither(target: float, higher: Verdict, lower: Verdict) -> None:
    found = assure(MONTHS, target, Direction.HIGHER)
    assert (found.limits.lower, found.limits.upper) == pytest.approx((74.68, 85.32))
    assert found.verdict is higher
    assert assure(MONTHS, target, Direction.LOWER).verdict is lower


def test_a_missing_month_is_not_nought() -> None:
    with_gap = assure([*MONTHS, None], 74.0, Direction.HIGHER)
    assert with_gap.limits == assure(MONTHS, 74.0, Direction.HIGHER).limits
    assert assure([*MONTHS, 0.0], 74.0, Direction.HIGHER).verdict is Verdict.INCONSISTENT


def test_the_scale_is_of_no_account() -> None:
    for target in (74.0, 80.0, 86.0):
        scaled = assure([one / 100 for one in MONTHS], target / 100, Direction.LOWER)
        assert scaled.verdict is assure(MONTHS, target, Direction.LOWER).verdict


def test_a_steady_process_keeps_its_verdict_in_months_to_come() -> None:
    draw, kept = np.random.default_rng(5), 0
    for _ in range(300):
        months = draw.normal(80, 2, 36)
        found = assure(months[:24].tolist(), 70.0, Direction.HIGHER)
        kept += found.verdict is Verdict.MEETS and bool((months[24:] > 70).all())
    assert kept == 300  # 70 is five standard deviations away


def test_few_months_make_trial_limits() -> None:
    assert assure(MONTHS[:12], 74.0, Direction.HIGHER).limits.is_trial
    assert not assure(MONTHS[:13], 74.0, Direction.HIGHER).limits.is_trial


@pytest.mark.parametrize(
    ("months", "said"),
    [([], "two counts"), ([None, 80.0], "two counts"), ([80.0] * 14, "no variation to judge by")],
)
def test_too_little_to_judge_by_is_refused(months: list[float | None], said: str) -> None:
    with pytest.raises(NotEstimable, match=said):
        assure(months, 74.0, Direction.HIGHER)
