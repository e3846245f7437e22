"""XmR charts: the vector of labels, the rules one by one, what is refused."""

import numpy as np
import pytest

from centre.hub.trends import xmr
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.xmr import COMMON, Limits, Options, evaluate, labels, limits
from tests.unit.centre.hub.trends.made import days

Y = [52.0, 48, 55, 50, 47, 53, 49, 51, 54, 46, 50, 52, 58, 60, 61, 59, 62, 63, 61, 75]
EXPECTED = [
    *[COMMON] * 11,
    *["7 Points Above CL"] * 2,
    *["2 in 3 Above CL"] * 4,
    "Above UCL",
    "2 in 3 Above CL",
    "Above UCL",
]


def test_limits_and_labels_of_the_vector() -> None:
    """The rules as coded in NHSRplotthedots; limits from the first 12 points."""
    options = Options(fix_after_n_points=12)
    drawn = limits(np.array(Y), options)
    assert (drawn.mean, drawn.moving_range) == pytest.approx((50.5833333333, 4.3636363636))
    assert (drawn.upper, drawn.lower) == pytest.approx((62.1906060606, 38.9760606061))
    assert drawn.mean + drawn.half * 2 / 3 == pytest.approx(58.3215151515)
    found = evaluate(days(Y), options)
    assert [one.rule for one in found] == EXPECTED
    assert [one.alarm for one in found] == [label != COMMON for label in EXPECTED]


def test_mirrored_values_have_mirrored_labels() -> None:
    down = {
        "Above UCL": "Below LCL",
        "2 in 3 Above CL": "2 in 3 Below CL",
        "7 Points Above CL": "7 Points Below CL",
    }
    found = evaluate(days([100 - value for value in Y]), Options(fix_after_n_points=12))
    assert [one.rule for one in found] == [down.get(label, label) for label in EXPECTED]


DRAWN = Limits(mean=50.0, moving_range=10.0, n=20)  # limits 23.4 and 76.6, near lines at 32.27 and 67.73


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([44, 46, 48, 49, 51, 53, 55], ["7 Increasing"] * 7),
        ([56, 54, 52, 50, 48, 46, 44], ["7 Decreasing"] * 7),
        ([44, 46, 48, 49, 49, 53, 55], [COMMON] * 7),
        ([51, 52, 51, 52, 51, 52, 51], ["7 Points Above CL"] * 7),
        ([51, 52, 51, 50, 51, 52, 51], [COMMON] * 7),
        ([70, 55, 70], ["2 in 3 Above CL", COMMON, "2 in 3 Above CL"]),
        ([70, 45, 70], [COMMON] * 3),
        ([80, 70, 70], ["Above UCL", "2 in 3 Above CL", "2 in 3 Above CL"]),
        ([80, 70, 55], ["Above UCL", COMMON, COMMON]),
        ([76.6, 23.4, 50], [COMMON] * 3),
    ],
)
def test_rules(values: list[float], expected: list[str]) -> None:
    assert labels(np.array(values, dtype=float), DRAWN) == expected


def test_a_wild_range_is_screened() -> None:
    values = np.array([50.0, 52, 51, 53, 50, 52, 51, 53, 120, 53, 51, 52, 50])
    assert limits(values, Options()).moving_range < limits(values, Options(screen=False)).moving_range / 4


def test_a_gap_ends_a_run() -> None:
    low = [40.0, 60.0] * 10
    whole = evaluate(days([*low, 51, 52, 51, 52, 51, 52, 51]), Options())
    broken = evaluate(days([*low, 51, 52, 51, np.nan, 52, 51, 52, 51]), Options())
    assert whole[-1].rule == "7 Points Above CL"
    assert broken[-1].rule == COMMON
    assert len(broken) == len(whole)


def test_few_points_make_trial_limits() -> None:
    assert limits(np.arange(12.0), Options()).is_trial
    assert not limits(np.arange(13.0), Options()).is_trial


def test_the_same_count_every_time_is_common_cause() -> None:
    found = evaluate(days([5.0] * 10), Options())
    assert {(one.rule, one.score) for one in found} == {(COMMON, None)}


@pytest.mark.slow
def test_rules_fire_seldom_by_chance() -> None:
    drawn = np.random.default_rng(2).normal(50, 5, (400, 24))
    outside = [
        np.mean([label.endswith("CL") and label[0] in "AB" for label in _labels(row)]) for row in drawn
    ]
    # 0.27 % of points for limits that are known; these are estimated from 24.
    assert np.mean(outside) == pytest.approx(0.0027, abs=0.004)


def _labels(row: np.ndarray) -> list[str]:
    return labels(row, limits(row, Options()))


def test_one_count_has_no_limits() -> None:
    with pytest.raises(NotEstimable, match="two counts"):
        evaluate(days([5.0, np.nan]), Options())
    assert xmr.RUN == 7
