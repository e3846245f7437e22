"""Strength of evidence: each rule as the trace says it, at both sides of its cut-off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import log
from typing import Any

import pytest

from tactics.rating import CURRENT, RatedTrial, RegistryCounts, Rules, Step
from tactics.rating.strength import Setting, strength
from tactics.synthesis.summary import Summary
from tests.unit.tactics.rating.test_tactic import TODAY, trial

PAIR = (trial("a"), trial("b"))
NONE_REGISTERED = RegistryCounts()


def setting(
    trials: Sequence[RatedTrial] = (trial(),),
    *,
    registry: RegistryCounts = NONE_REGISTERED,
    rules: Rules = CURRENT,
    explained: bool = False,
    **summary: Any,
) -> Setting:
    """Return a setting whose pooled numbers are those given, and nothing else."""
    pooled = Summary(**{"k": len(trials), "method": "by hand", **summary})
    return Setting(trials, pooled, registry, rules, TODAY, explained)


def steps(rule: str, *given: Any, kind: str = "change", **options: Any) -> list[Step]:
    found = strength(setting(*given, **options)).steps
    return [step for step in found if (step.rule, step.kind) == (rule, kind)]


def secure(*scores: int | None, **facts: Any) -> list[RatedTrial]:
    return [trial(str(i), security=score, **facts) for i, score in enumerate(scores)]


QED = {"is_randomised": False}
OLDER_KIND = {"is_randomised": False, "is_difference_or_rdd": True}


@pytest.mark.parametrize(
    ("trials", "weights", "start", "words"),
    [
        (secure(4), (1.0,), 5, "Randomised trials of security 4 or 5 carry 100% of the weight"),
        (secure(5, 3), (0.5, 0.5), 5, "Randomised trials of security 4 or 5 carry 50% of the weight"),
        (secure(4, 3), (), 5, "Randomised trials of security 4 or 5 carry 50% of the weight"),
        (secure(4, 3, 2, 2), (), 4, "At least one randomised trial has security 3 or more"),
        (secure(4, 2), (0.49, 0.51), 4, "At least one randomised trial has security 3 or more"),
        (secure(3), (1.0,), 4, "At least one randomised trial has security 3 or more"),
        (secure(2), (1.0,), 2, "No stronger design among the trials"),
        (
            secure(4, **OLDER_KIND),
            (1.0,),
            3,
            "The best evidence is a difference-in-differences or RDD of security 4",
        ),
        (
            [*secure(2), *secure(4, **OLDER_KIND)],
            (0.9, 0.1),
            3,
            "The best evidence is a difference-in-differences or RDD of security 4",
        ),
        (secure(3, **OLDER_KIND), (1.0,), 2, "No stronger design among the trials"),
        (secure(4, **QED), (1.0,), 2, "No stronger design among the trials"),
    ],
)
def test_start(trials: list[RatedTrial], weights: tuple[float, ...], start: int, words: str) -> None:
    assert steps("ST", trials, kind="start", weights=weights) == [Step("ST", "start", words, start)]


@pytest.mark.parametrize(
    ("scores", "weights", "mean", "cut", "change"),
    [
        ((4, 3), (0.5, 0.5), None, None, None),
        ((4, 3), (), None, None, None),
        ((5, 3), (0.1 + 0.2 - 0.05, 0.75), None, None, None),  # 3.5, whatever the floating error
        ((4, 3), (0.49, 0.51), "3.49", 3.5, -1),
        ((3, 2), (0.5, 0.5), "2.50", 3.5, -1),
        ((3, 2), (0.49, 0.51), "2.49", 2.5, -2),
        ((2, 2), (), "2.00", 2.5, -2),
    ],
)
def test_bias(
    scores: tuple[int, ...],
    weights: tuple[float, ...],
    mean: str | None,
    cut: float | None,
    change: int | None,
) -> None:
    found = steps("SB", secure(*scores), weights=weights)
    if mean is None:
        assert found == []
        return
    words = f"Average security {mean} is below {cut}"
    assert found == [Step("SB", "change", words, change, {"mean": pytest.approx(float(mean))})]


def test_an_average_that_only_floating_arithmetic_puts_below_the_cut_off_is_not_below() -> None:
    weights = (0.7, 0.1, 0.2)
    assert 4 * 0.7 + 3 * 0.1 + 2 * 0.2 < 3.5  # 3.4999999999999996
    assert steps("SB", secure(4, 3, 2), weights=weights) == []


DIFFER = "Results differ, unexplained (I² = {}%)"
MUCH = "Results differ a great deal (I² = {}%)"
BOTH_WAYS = "A new place could see a worthwhile benefit or a harm"
BENEFIT, HARM = log(0.95), log(1.05)


@pytest.mark.parametrize(
    ("i2", "low", "high", "explained", "words", "change"),
    [
        (None, None, None, False, None, None),
        (0.0, BENEFIT, HARM + 0.01, False, None, None),
        (0.0, BENEFIT - 0.01, HARM, False, None, None),
        (0.0, BENEFIT - 0.01, HARM + 0.01, False, BOTH_WAYS, -2),
        (0.0, BENEFIT - 0.01, HARM + 0.01, True, BOTH_WAYS, -2),
        (90.0, -1.0, 1.0, False, BOTH_WAYS, -2),
        (49.9, -0.3, -0.1, False, None, None),
        (50.0, -0.3, -0.1, False, DIFFER.format(50), -1),
        (50.0, None, HARM + 0.01, False, DIFFER.format(50), -1),
        (50.0, BENEFIT - 0.01, None, False, DIFFER.format(50), -1),
        (74.4, -0.3, -0.1, False, DIFFER.format(74), -1),
        (74.4, -0.3, -0.1, True, None, None),
        (75.0, -0.3, -0.1, False, MUCH.format(75), -2),
        (75.0, -0.3, -0.1, True, MUCH.format(75), -2),
    ],
)
def test_inconsistency(
    i2: float | None,
    low: float | None,
    high: float | None,
    explained: bool,
    words: str | None,
    change: int | None,
) -> None:
    found = steps("SI", explained=explained, i2=i2, prediction_low=low, prediction_high=high)
    values = {"i2": i2, "prediction_low": low, "prediction_high": high}
    assert found == ([Step("SI", "change", words, change, values)] if words else [])


@pytest.mark.parametrize(
    ("low", "high", "spans"), [(-0.01, 0.01, True), (0.0, 0.01, False), (-0.01, 0.0, False)]
)
def test_on_a_scale_without_margins_both_ways_means_around_nought(
    low: float, high: float, spans: bool
) -> None:
    found = setting([trial(metric="smd")], i2=0.0, prediction_low=low, prediction_high=high)
    assert found.spans_both_ways is spans


ABROAD = Step("SD", "change", "No trial in England or Wales", -1)


@pytest.mark.parametrize(
    ("trials", "weights", "expected"),
    [
        ([trial("a", country="Scotland"), trial("b", country="Wales")], (), []),
        ([trial("a", country="Scotland"), trial("b", country="Norway")], (), [ABROAD]),
        ([trial("a", is_proxy=True), trial("b")], (0.49, 0.51), []),
        (
            [trial("a", is_proxy=True), trial("b")],
            (0.5, 0.5),
            [Step("SD", "change", "The outcome is a proxy in trials with 50% of the weight", -1)],
        ),
        (
            [trial("a", is_proxy=True, country="Norway")],
            (1.0,),
            [ABROAD, Step("SD", "change", "The outcome is a proxy in trials with 100% of the weight", -1)],
        ),
    ],
)
def test_directness(trials: list[RatedTrial], weights: tuple[float, ...], expected: list[Step]) -> None:
    assert steps("SD", trials, weights=weights) == expected


@pytest.mark.parametrize(
    ("low", "high", "fires"),
    [
        (log(0.9), 0.0, True),
        (log(0.9) + 1e-6, 0.0, False),
        (0.0, log(1.1), True),
        (0.0, log(1.1) - 1e-6, False),
        (-0.01, 0.5, True),
        (0.001, 0.5, False),
        (-0.5, -0.001, False),
        (None, 0.5, False),
        (-0.5, None, False),
    ],
)
def test_an_interval_too_wide(low: float | None, high: float | None, fires: bool) -> None:
    words = "The interval contains no change and also a 10% change"
    step = Step("SP", "change", words, -1, {"conf_low": low, "conf_high": high})
    assert steps("SP", conf_low=low, conf_high=high) == ([step] if fires else [])
    assert steps("SP", [trial(metric="smd")], conf_low=low, conf_high=high) == []


@pytest.mark.parametrize(
    ("low", "high", "change"),
    [(log(0.8), 0.5, "20%"), (-0.3, 0.5, "20%"), (-0.2, 0.5, "10%"), (-0.3, 0, "20%")],
)
def test_an_interval_too_wide_names_the_change_that_it_reaches(low: float, high: float, change: str) -> None:
    (step,) = steps("SP", rules=replace(CURRENT, margin_benefit=log(0.8)), conf_low=low, conf_high=high)
    assert step.text == f"The interval contains no change and also a {change} change"


@pytest.mark.parametrize(
    ("events", "total"),
    [((299,), 299), ((300,), None), ((150, 149), 299), ((150, 150), None), ((10, None), None), ((0,), 0)],
)
def test_too_few_events(events: tuple[int | None, ...], total: int | None) -> None:
    trials = [trial(str(i), n_events=count) for i, count in enumerate(events)]
    words = f"{total} events in total, fewer than 300"
    expected = [] if total is None else [Step("SP", "change", words, -1, {"events": total})]
    assert steps("SP", trials) == expected


@pytest.mark.parametrize(
    ("registered", "overdue", "fires"),
    [(0, 0, False), (5, 1, True), (6, 1, False), (10, 2, True), (1, 1, True), (4, 0, False)],
)
def test_results_that_are_overdue(registered: int, overdue: int, fires: bool) -> None:
    words = f"{overdue} of {registered} registered trials are overdue with their results"
    step = Step("SR", "change", words, -1, {"overdue": overdue, "registered": registered})
    counts = RegistryCounts(registered=registered, overdue=overdue)
    assert steps("SR", registry=counts) == ([step] if fires else [])


@pytest.mark.parametrize(
    ("p", "k", "fires"),
    [(0.099, 10, True), (0.099, 11, True), (0.1, 10, False), (0.099, 9, False), (None, 10, False)],
)
def test_small_trials_that_differ(p: float | None, k: int, fires: bool) -> None:
    words = "Small trials differ from large ones (Egger p = 0.099)"
    step = Step("SR", "change", words, -1, {"egger": p})
    assert steps("SR", egger_p_value=p, k=k) == ([step] if fires else [])


@pytest.mark.parametrize(
    ("completed", "years", "change"),
    [
        (date(2026, 1, 1), None, None),
        (date(2021, 11, 2), None, None),
        (date(2021, 12, 1), None, None),
        (date(2021, 11, 1), None, None),  # five years to the day
        (date(2021, 10, 31), 5, 0),
        (date(2021, 3, 15), 5, 0),
        (date(2020, 12, 31), 5, 0),
        (date(2016, 11, 2), 5, 0),
        (date(2016, 11, 1), 5, 0),  # ten years to the day
        (date(2016, 10, 31), 10, -1),
        (date(2015, 12, 31), 10, -1),
        (date(1999, 1, 1), 10, -1),
    ],
)
def test_age(completed: date, years: int | None, change: int | None) -> None:
    """On 1 November 2026, of the newest trial; one without a date says nothing."""
    trials = [trial("a", completed_on=completed), trial("b", completed_on=date(1990, 1, 1))]
    trials.append(trial("c", completed_on=None))
    words = f"The newest trial is more than {years} years old: review due"
    step = Step("SA", "change", words, change, {"newest": completed.isoformat()})
    assert steps("SA", trials) == ([step] if years else [])
    assert strength(setting(trials)).review_due is bool(years)


def test_without_a_date_no_age() -> None:
    assert steps("SA", [trial(completed_on=None)]) == []


DOSE = Step("SU", "change", "More of the tactic went with more effect", 1)


@pytest.mark.parametrize(
    ("trials", "estimate", "expected"),
    [
        ([trial(dose_response=True)], log(0.1), [DOSE]),
        ([trial("a"), trial("b", dose_response=True)], None, [DOSE]),
        (secure(3, **QED), None, []),
        (secure(3, metric="smd", **QED), -2.0, []),
        (secure(3, **QED), log(0.51), []),
        (
            secure(3, **QED),
            log(0.19),
            [Step("SU", "change", "A very large effect (ratio 0.19)", 2)],
        ),
        (
            secure(3, dose_response=True, **QED),
            log(0.19),
            [DOSE, Step("SU", "change", "A very large effect (ratio 0.19)", 2)],
        ),
        (secure(3, **QED), log(0.49), [Step("SU", "change", "A large effect (ratio 0.49)", 1)]),
        ([*secure(3, **QED), trial("drawn")], log(0.19), []),
    ],
)
def test_up(trials: list[RatedTrial], estimate: float | None, expected: list[Step]) -> None:
    assert steps("SU", trials, estimate=estimate) == expected


@pytest.mark.parametrize(("ratio", "up"), [(0.5, 1), (0.21, 1), (0.2, 2)])
def test_what_halves_the_outcome_without_a_draw_counts_for_it(ratio: float, up: int) -> None:
    found = steps("SU", secure(3, **QED), estimate=log(ratio))
    assert [step.effect for step in found] == [up]


ONE = Step("SK", "cap", "One trial only", 3)
FORCE = Step("SK", "cap", "All trials in one force", 3)
TEAM = Step("SK", "cap", "All trials by one evaluator team", 4)
FEW = Step("SI", "cap", "Fewer than three trials: agreement between them cannot be judged", 4)
HERE = frozenset({"here"})


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial("a")], [ONE, FEW]),
        (PAIR, [FEW]),
        ([trial("a", forces=HERE), trial("b", forces=HERE)], [FORCE, FEW]),
        ([trial("a", evaluator="x"), trial("b", evaluator="x")], [TEAM, FEW]),
        ([trial(name, forces=HERE, evaluator="x") for name in "abc"], [FORCE, TEAM]),
        ([trial(name, forces=frozenset()) for name in "abc"], [FORCE]),
        ([*PAIR, trial("c", forces=HERE)], []),
        ([trial("a", forces=HERE), trial("b", forces=HERE), trial("c", forces=HERE | {"there"})], []),
    ],
)
def test_caps_on_what_was_not_repeated(trials: Sequence[RatedTrial], expected: list[Step]) -> None:
    found = strength(setting(trials)).steps
    assert [step for step in found if step.kind == "cap"] == expected


@pytest.mark.parametrize(
    ("trials", "summary", "total", "score"),
    [
        ([*PAIR, trial("c")], {}, 5, 5),
        ([trial("a", dose_response=True), *PAIR], {}, 5, 5),  # no more than five
        (PAIR, {}, 5, 4),
        ([trial()], {}, 5, 3),
        (secure(3), {}, 3, 3),  # starts at 4, average security below 3.5
        (secure(2, n_events=9), {"conf_low": -1, "conf_high": 1}, 0, 0),  # 2 - 2 - 1 - 1: no less than nought
        (secure(2, 2, 2), {}, 0, 0),
        (secure(3, completed_on=date(2021, 1, 1)), {}, 3, 3),  # due for review, which costs nothing
    ],
)
def test_the_result(trials: Sequence[RatedTrial], summary: dict[str, Any], total: int, score: int) -> None:
    found = strength(setting(trials, **summary))
    assert found.score == score
    assert found.steps[-1] == Step(
        "STRENGTH", "result", f"Strength {score} of 5", score, {"before_caps": total}
    )


def test_steps_stand_in_the_order_of_the_rules() -> None:
    old = {"completed_on": date(2000, 1, 1), "country": "Norway", "n_events": 9, "dose_response": True}
    found = setting(
        secure(2, **old),
        registry=RegistryCounts(registered=1, overdue=1),
        i2=60.0,
        conf_low=-1.0,
        conf_high=1.0,
    )
    assert [step.rule for step in strength(found).steps] == [
        "ST", "SB", "SI", "SD", "SP", "SP", "SR", "SA", "SU", "SK", "SI", "STRENGTH",
    ]  # fmt: skip
