"""One more trial: its numbers and chances worked out by hand, and every refusal in full."""

from dataclasses import replace
from math import log
from typing import Any

import pytest

from tactics.rating import CURRENT, Label, RatedTrial, RegistryCounts
from tactics.rating.outlook import Assumed, expected, outlook, spread_of
from tactics.synthesis import NotEstimable
from tests.unit.tactics.rating.test_outlook import USUAL, run
from tests.unit.tactics.rating.test_tactic import TODAY, rated, trial

# The error of USUAL in 160 places is 0.3 x sqrt(2 / 80) = 0.0474, so its interval is 0.0930 either way.
ERROR = 0.3 * (1 / 40) ** 0.5
HALF = 1.959964 * ERROR


def test_the_trial_that_is_added_is_drawn_kept_in_england_and_by_others() -> None:
    found = run(clusters=160, assumed=replace(USUAL, events_per_cluster=2.25)).result.eligible
    assert found == (
        RatedTrial(
            study="One more trial",
            metric="log_rate_ratio",
            yi=-0.25,
            vi=pytest.approx(ERROR**2),
            conf_low=pytest.approx(-0.25 - HALF, abs=1e-6),
            conf_high=pytest.approx(-0.25 + HALF, abs=1e-6),
            security=4,
            is_randomised=True,
            sms=5,
            forces=frozenset({"a force that has not tested it"}),
            evaluator="a team that has not tested it",
            completed_on=TODAY,
            country="England",
            n_events=360,
        ),
    )


@pytest.mark.parametrize(("events", "total"), [(None, None), (0.0, 0), (1.7, 272)])
def test_its_events_are_those_of_every_cluster(events: float | None, total: int | None) -> None:
    (found,) = run(clusters=160, assumed=replace(USUAL, events_per_cluster=events)).result.eligible
    assert found.n_events == total


@pytest.mark.parametrize(
    ("clusters", "security"), [(4, 2), (8, 2), (9, 2), (10, 3), (18, 3), (19, 3), (20, 5), (21, 5)]
)
def test_arms_share_the_clusters_as_evenly_as_can_be(clusters: int, security: int) -> None:
    """However precise: four clusters in the smaller arm leave 2, nine leave 3."""
    found = run(clusters=clusters, assumed=replace(USUAL, spread=0.01))
    assert (found.clusters, found.security) == (clusters, security)
    first = clusters // 2
    assert found.std_error == pytest.approx(0.01 * (1 / first + 1 / (clusters - first)) ** 0.5)


@pytest.mark.parametrize(
    ("uncertainty", "chances"),
    [
        # Good below -0.0930, that is up to 0.148 errors above -0.1: 14 of 25 quantiles. No effect above -0.0124: 1.
        (0.0, ((Label.PROMISING, 0.56), (Label.NO_EFFECT, 0.04), (Label.INCONCLUSIVE, 0.4))),
        # Three times as wide: 13 good, 2 bad (above 0.0930), 5 that exclude a benefit of 10 %, 5 that say nothing.
        (
            8 * ERROR**2,
            (
                (Label.HARMFUL, 0.08),
                (Label.PROMISING, 0.52),
                (Label.NO_EFFECT, 0.2),
                (Label.INCONCLUSIVE, 0.2),
            ),
        ),
    ],
)
def test_the_chances_of_a_first_trial(uncertainty: float, chances: tuple[tuple[Label, float], ...]) -> None:
    found = run(assumed=replace(USUAL, effect=-0.1, uncertainty=uncertainty))
    assert found.chances == chances
    assert [found.chance(label) for label, _ in chances] == [share for _, share in chances]
    assert found.chance(Label.EFFECTIVE) == 0
    assert (found.now.label, found.moves) == (Label.UNTESTED, 1)


def test_what_may_move_is_all_but_the_label_of_today() -> None:
    found = run(trial("a", -0.02, 0.04, security=2), assumed=replace(USUAL, effect=-0.1))
    assert found.now.label == Label.INCONCLUSIVE
    assert 0 < found.chance(Label.INCONCLUSIVE) < 1
    assert found.moves == pytest.approx(1 - found.chance(Label.INCONCLUSIVE))


def test_what_the_registry_knows_counts_for_today_and_with_it() -> None:
    counts = RegistryCounts(registered=1, awaited=1, overdue=1)
    found = run(registry=counts)
    assert found.now.label == Label.BEING_TESTED
    assert "SR" in [step.rule for step in found.result.trace]


def test_the_rules_that_are_given_judge_it() -> None:
    strict = replace(CURRENT, version="RULES-X", power_ratio_at_most=(1, 2, 3, 4, 13))
    found = run(rules=strict)
    assert (found.security, found.result.rules_version, found.now.rules_version) == (1, "RULES-X", "RULES-X")
    assert found.result.label == Label.INCONCLUSIVE


@pytest.mark.parametrize(
    ("sizes", "spread"),
    [
        ([(0.01, 4)], 0.1),
        ([(0.01, 100)], 0.5),
        ([(0.01, 100), (1.0, 3)], 0.5),
        ([(0.01, 3), (0.01, None), (0.01, 0), (0.04, 100)], 1.0),
        ([(0.01, 100), (0.04, 100), (0.09, 100)], 1.0),
        ([(0.01, 100), (0.04, 100)], 0.75),
    ],
)
def test_the_spread_is_the_median_of_trials_that_say_their_size(
    sizes: list[tuple[float, int | None]], spread: float
) -> None:
    """The square root of v n / 4; fewer than four units make no trial of two arms."""
    assert spread_of(sizes) == pytest.approx(spread)


@pytest.mark.parametrize("sizes", [[], [(0.01, None)], [(0.01, 0)], [(0.01, 3)]])
def test_a_spread_that_no_trial_tells(sizes: list[tuple[float, int | None]]) -> None:
    with pytest.raises(NotEstimable) as refusal:
        spread_of(sizes)
    assert str(refusal.value) == (
        "No trial so far says how many units it had, so how precise one more would be is not known: "
        "enter the spread between units"
    )


def test_one_trial_is_expected_again_with_its_own_variance() -> None:
    effect, uncertainty = expected(rated(trial("a", -0.3, 0.05)))
    assert (effect, uncertainty) == (-0.3, pytest.approx(0.0025))


@pytest.mark.parametrize("unknown", ["estimate", "std_error"])
def test_without_a_pooled_effect_the_least_benefit_is_expected(unknown: str) -> None:
    now = rated(trial("a"), trial("b", -0.25))
    assert now.summary is not None
    blank = replace(now, summary=replace(now.summary, **{unknown: None}))
    assert expected(blank) == (log(0.9), 0.0)
    assert expected(blank, replace(CURRENT, margin_benefit=-0.5)) == (-0.5, 0.0)
    with pytest.raises(NotEstimable) as refusal:
        expected(replace(blank, metric="smd"))
    assert str(refusal.value) == (
        "There is no pooled effect, and no agreed margin on this scale: enter the benefit you expect"
    )


UNITS = "The number of units must be from 4 to 2,000"
OWN_UNITS = (
    "The outcome is measured in its own units, whose spread between people or places the library does not "
    "keep: what one more trial could detect cannot be worked out"
)
SPREAD = "The spread between units must be above 0, and 10 at most"
EFFECT = "The effect you expect is too large to be one"


@pytest.mark.parametrize(
    ("change", "clusters", "message"),
    [
        ({}, 3, UNITS),
        ({}, 2001, UNITS),
        ({"metric": "difference"}, 80, OWN_UNITS),
        ({"spread": 0.0}, 80, SPREAD),
        ({"spread": -0.1}, 80, SPREAD),
        ({"spread": 10.01}, 80, SPREAD),
        ({"spread": float("nan")}, 80, SPREAD),
        ({"spread": float("inf")}, 80, SPREAD),
        ({"effect": 3.01}, 80, EFFECT),
        ({"effect": -3.01}, 80, EFFECT),
        ({"effect": float("nan")}, 80, EFFECT),
        ({"effect": float("inf")}, 80, EFFECT),
    ],
)
def test_refusals_in_full(change: dict[str, Any], clusters: int, message: str) -> None:
    with pytest.raises(NotEstimable) as refusal:
        run(clusters=clusters, assumed=replace(USUAL, **change))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("change", "clusters"),
    [({}, 4), ({}, 2000), ({"spread": 10.0}, 80), ({"effect": 3.0}, 80), ({"effect": -3.0}, 80)],
)
def test_what_lies_at_the_end_of_its_range_is_taken(change: dict[str, Any], clusters: int) -> None:
    assumed: Assumed = replace(USUAL, **change)
    found = outlook((), clusters=clusters, assumed=assumed, today=TODAY)
    assert sum(share for _, share in found.chances) == pytest.approx(1)
