"""The thresholds of the health checks, each on both sides; and what cannot be judged says so."""

import datetime as dt

import pytest

from experiments import health
from experiments.health import Status
from experiments.stats.delivery import Delivery, Forecast

TODAY = dt.date(2026, 6, 1)


def delivered(**changes: object) -> Delivery:
    usual = {
        "integrity": 0.8,
        "delivered_share": 0.8,
        "treated_mean": 8.0,
        "control_mean": 0.0,
        "crossed": 0.0,
        "reversed_blocks": (),
        "reported": 1.0,
    }
    return Delivery(**(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "ahead", "status", "said"),
    [
        ({}, Forecast(0.8, 0.9), Status.GREEN, "80% of the planned dose was delivered."),
        ({"integrity": 0.55}, Forecast(0.65, 0.9), Status.AMBER, "below the floor of 60%"),
        ({"integrity": 0.55}, Forecast(0.58, 0.9), Status.RED, "the trial ends at 58%"),
        ({"integrity": 0.2}, Forecast(0.2, 0.5), Status.RED, "cannot be reached any more"),
        ({"reversed_blocks": (3,)}, None, Status.RED, "in 1 block the comparison got as much"),
        ({"reported": 0.85}, None, Status.AMBER, "15% of the expected reports are missing"),
    ],
)
def test_integrity(changes: dict[str, object], ahead: Forecast | None, status: Status, said: str) -> None:
    found = health.integrity(delivered(**changes), ahead, 0.6)
    assert (found.status, said in found.said) == (status, True), found


@pytest.mark.parametrize(
    ("crossed", "status"),
    [
        (0.0, Status.GREEN),
        (0.009, Status.GREEN),
        (0.01, Status.AMBER),
        (0.05, Status.RED),
        (None, Status.UNKNOWN),
    ],
)
def test_contamination(crossed: float | None, status: Status) -> None:
    assert health.contamination(delivered(crossed=crossed)).status is status


def test_analysed_against_drawn() -> None:
    assert health.analysed([50, 50], [50, 50]).status is Status.GREEN
    assert health.analysed([50, 20], [50, 50]).status is Status.RED
    assert health.analysed([51, 50], [50, 50]).status is Status.UNKNOWN


def test_filling_reads_every_case_and_every_slice() -> None:
    even = [0, 1] * 200
    assert health.filling(even, (1, 1), {}).status is Status.GREEN
    bent = health.filling(even, (1, 1), {"North": [0] * 20, "South": [0, 1] * 10})
    assert (bent.status, "uneven in North." in bent.said) == (Status.RED, True)
    assert health.filling([], (1, 1), {}).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("actual", "status"), [(50, Status.GREEN), (40, Status.GREEN), (39, Status.AMBER), (24, Status.RED)]
)
def test_recruitment_half_way(actual: int, status: Status) -> None:
    first = TODAY - dt.timedelta(days=50)
    found = health.Recruited(100, actual, first, first + dt.timedelta(days=100), mde=0.2)
    verdict = health.recruitment(found, TODAY)
    assert verdict.status is status
    assert verdict.figures["expected"] == pytest.approx(50)
    assert verdict.figures["mde_now"] == pytest.approx(0.2 * (100 / actual) ** 0.5)


def test_recruitment_without_days_is_not_judged() -> None:
    assert health.recruitment(health.Recruited(100, 5, None, None), TODAY).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("days", "refused", "status"),
    [
        (0, 0, Status.GREEN),
        (14, 0, Status.GREEN),
        (15, 0, Status.AMBER),
        (29, 0, Status.RED),
        (1, 1, Status.AMBER),
    ],
)
def test_the_feed(days: int, refused: int, status: Status) -> None:
    found = health.Feed(TODAY - dt.timedelta(days=days), True, None, refused)
    assert health.feed(found, TODAY).status is status


def test_the_feed_is_not_late_once_delivery_has_ended() -> None:
    newest = TODAY - dt.timedelta(days=90)
    assert health.feed(health.Feed(newest, False, newest, 0), TODAY).status is Status.GREEN
    assert health.feed(health.Feed(None, True, None, 0), TODAY).status is Status.AMBER


def test_what_is_late_in_public_is_red() -> None:
    yesterday, tomorrow = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)
    assert health.overdue([], TODAY).status is Status.GREEN
    assert (
        health.overdue([health.Due("the data lock", tomorrow)], TODAY).said
        == "Next: the data lock, 2 June 2026."
    )
    assert health.overdue([health.Due("the data lock", yesterday)], TODAY).status is Status.AMBER
    late = health.overdue([health.Due("results", yesterday, is_public_duty=True)], TODAY)
    assert (late.status, late.said) == (Status.RED, "Late: results since 31 May 2026.")


def test_drift() -> None:
    def found(**changes: object) -> Status:
        usual = {"changed": [], "plan_differs": False, "post_hoc": 0, "unregistered": []}
        return health.drift(**(usual | changes)).status  # type: ignore[arg-type]

    assert found() is Status.GREEN
    assert found(post_hoc=1) is Status.AMBER
    assert (
        found(unregistered=["arrests"])
        is found(changed=["/arms/0/label"])
        is found(plan_differs=True)
        is Status.RED
    )


def test_balance_takes_both_a_gap_and_a_test_to_be_red() -> None:
    assert health.baseline_balance(0.1, 0.5, "calls").status is Status.GREEN
    assert health.baseline_balance(-0.3, 0.5, "calls").status is Status.AMBER
    assert health.baseline_balance(0.1, 0.01, "calls").status is Status.AMBER
    assert health.baseline_balance(0.3, 0.01, "calls").status is Status.RED


def test_a_guardrail_in_words_is_left_to_people() -> None:
    def status(bound: float | None, threshold: float | None) -> Status:
        return health.guardrail("Complaints", bound=bound, threshold=threshold, action="Pause").status

    assert status(0.5, None) is status(None, 0.1) is Status.UNKNOWN
    assert status(0.05, 0.1) is Status.GREEN
    assert status(0.11, 0.1) is Status.RED


def test_the_worst_of_several() -> None:
    assert health.worst([Status.GREEN, Status.UNKNOWN]) is Status.UNKNOWN
    assert health.worst([Status.AMBER, Status.RED, Status.UNKNOWN]) is Status.RED
    assert health.worst([]) is Status.UNKNOWN


def test_trials_that_meet() -> None:
    ahead, now, named = (
        health.Beside("A acts", False, False),
        health.Beside("B acts", False, True),
        health.Beside("C acts", True, True),
    )
    assert health.collisions([]).status is Status.GREEN
    assert health.collisions([named]).said == "Meets 1 trial, as declared."
    assert health.collisions([ahead, named]).status is Status.AMBER
    found = health.collisions([ahead, now, named])
    assert (found.status, found.said) == (Status.RED, "Named in no protocol: A acts; B acts.")
    assert found.figures == {"met": 3, "undeclared": 2}
