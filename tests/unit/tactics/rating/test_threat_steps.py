"""Threats and what they cost: each with its sentence, at both sides of its cut-off."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tactics.rating import THREATS, BadEvidence, Direction, Level, Step, Threat
from tactics.rating.drops import drop, scored_threats
from tactics.rating.threats import (
    concurrent,
    confounding,
    fidelity,
    measurement,
    missing_data,
    selective_reporting,
    spillover,
)

LOW, MODERATE, HIGH = Level.LOW, Level.MODERATE, Level.HIGH
FAVOURS, AGAINST, UNKNOWN = Direction.FAVOURS, Direction.AGAINST, Direction.UNKNOWN


@pytest.mark.parametrize(
    ("smd", "adjusted", "level", "reason"),
    [
        (None, False, LOW, ""),
        (0.25, False, LOW, ""),
        (-0.25, False, LOW, ""),
        (0.26, True, MODERATE, "largest baseline difference 0.26 SD, adjusted"),
        (-0.26, False, HIGH, "largest baseline difference 0.26 SD, not adjusted"),
        (float("inf"), True, MODERATE, "largest baseline difference beyond any spread, adjusted"),
    ],
)
def test_confounding(smd: float | None, adjusted: bool, level: Level, reason: str) -> None:
    assert confounding(largest_smd=smd, adjusted=adjusted) == Threat("T1", level, UNKNOWN, reason)


def covered(share: str) -> str:
    return f"another operation covered {share} of unit-time in one arm"


@pytest.mark.parametrize(
    ("share", "logged", "adjusted", "level", "reason"),
    [
        (0.0, False, False, LOW, ""),
        (0.01, True, False, MODERATE, covered("1%")),
        (0.25, True, False, MODERATE, covered("25%")),
        (0.26, True, False, HIGH, covered("26%")),
        (0.26, True, True, MODERATE, covered("26%")),
        (0.26, False, True, HIGH, covered("26%") + ", not logged"),
        (0.25, False, True, HIGH, covered("25%") + ", not logged"),
        (0.1, False, False, HIGH, covered("10%") + ", not logged"),
        (None, True, False, MODERATE, covered("an unknown share")),
        (None, False, True, HIGH, covered("an unknown share") + ", not logged"),
    ],
)
def test_concurrent_interventions(
    share: float | None, logged: bool, adjusted: bool, level: Level, reason: str
) -> None:
    found = concurrent(share=share, logged=logged, adjusted=adjusted)
    assert found == Threat("T2", level, UNKNOWN, reason)


@pytest.mark.parametrize(
    ("facts", "threat"),
    [
        ({"cancels": 0.49}, Threat("T3", LOW)),
        ({}, Threat("T3", LOW)),
        ({"cancels": 0.5}, Threat("T3", HIGH, FAVOURS, "catchment increase cancels 50% of the effect")),
        ({"adjacent": True}, Threat("T3", HIGH, UNKNOWN, "adjacent units, spillover not tested")),
        (
            {"adjacent": True, "tested": True},
            Threat("T3", MODERATE, UNKNOWN, "units within the buffer, spillover tested"),
        ),
        ({"measured": False}, Threat("T3", MODERATE, UNKNOWN, "no buffer or catchment measure")),
    ],
)
def test_spillover(facts: dict[str, Any], threat: Threat) -> None:
    assert spillover(**{"adjacent": False, "tested": False, "measured": True, **facts}) == threat


@pytest.mark.parametrize(
    ("dose", "controls", "threat"),
    [
        (1.0, 0.2, Threat("T4", LOW)),
        (1.0, 0.21, Threat("T4", HIGH, AGAINST, "controls got 21% of the treated dose")),
        (None, 0.21, Threat("T4", HIGH, AGAINST, "controls got 21% of the treated dose")),
        (None, 0.0, Threat("T4", MODERATE, UNKNOWN, "dose was not measured")),
        (None, None, Threat("T4", MODERATE, UNKNOWN, "dose was not measured")),
        (0.8, None, Threat("T4", MODERATE, UNKNOWN, "what the controls got was not measured")),
        (0.79, None, Threat("T4", MODERATE, AGAINST, "79% of the planned dose was delivered")),
        (1.2, 1.2, Threat("T4", HIGH, AGAINST, "controls got 120% of the treated dose")),
        (0.49, 0.0, Threat("T4", HIGH, AGAINST, "49% of the planned dose was delivered")),
        (0.5, 0.0, Threat("T4", MODERATE, AGAINST, "50% of the planned dose was delivered")),
        (0.79, 0.0, Threat("T4", MODERATE, AGAINST, "79% of the planned dose was delivered")),
        (0.8, 0.0, Threat("T4", LOW)),
    ],
)
def test_fidelity(dose: float | None, controls: float | None, threat: Threat) -> None:
    assert fidelity(dose_share=dose, control_dose_share=controls) == threat


@pytest.mark.parametrize(
    ("share", "handled", "level", "reason"),
    [
        (0.05, False, LOW, ""),
        (0.06, True, MODERATE, "6% missing, with bounds or a sensitivity analysis"),
        (0.06, False, HIGH, "6% missing, not handled"),
        (0.15, True, MODERATE, "15% missing, with bounds or a sensitivity analysis"),
        (0.16, True, HIGH, "16% missing"),
        (0.16, False, HIGH, "16% missing, not handled"),
    ],
)
def test_missing_data(share: float, handled: bool, level: Level, reason: str) -> None:
    assert missing_data(share=share, handled=handled) == Threat("T5", level, UNKNOWN, reason)


def test_a_sign_that_flips_is_high_however_little_is_missing() -> None:
    reason = "the sensitivity analysis flips the sign"
    assert missing_data(share=0.0, handled=True, sign_flips=True) == Threat("T5", HIGH, UNKNOWN, reason)


def test_controls_are_taken_to_have_had_none_of_it() -> None:
    assert fidelity(dose_share=0.9) == Threat("T4", LOW)


@pytest.mark.parametrize(
    ("facts", "threat"),
    [
        ({}, Threat("T6", LOW)),
        ({"unblinded_self_report": True}, Threat("T6", MODERATE, UNKNOWN, "unblinded self-report")),
        (
            {"may_be_affected": True},
            Threat("T6", MODERATE, UNKNOWN, "recording could be affected by the treatment"),
        ),
        (
            {"changed_in_one_arm": True, "unblinded_self_report": True},
            Threat("T6", HIGH, UNKNOWN, "recording practice changed in one arm"),
        ),
    ],
)
def test_measurement(facts: dict[str, bool], threat: Threat) -> None:
    assert measurement(**facts) == threat


A_SHARE, NOT_BELOW_0 = "must be a share from 0 to 1", "must be 0 or more"
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("judge", "name", "values", "message"),
    [
        (partial(missing_data, handled=True), "share", (-0.1, 1.01, NAN), A_SHARE),
        (partial(missing_data, handled=True, sign_flips=True), "share", (-0.1, 1.01, NAN), A_SHARE),
        (partial(concurrent, logged=True), "share", (-0.1, 1.01, NAN), A_SHARE),
        (fidelity, "dose_share", (-1.0, NAN, INF), NOT_BELOW_0),
        (partial(fidelity, dose_share=1.0), "control_dose_share", (-0.1, NAN, INF), NOT_BELOW_0),
        (
            partial(spillover, adjacent=False, tested=True, measured=True),
            "cancels",
            (-0.1, NAN, INF),
            NOT_BELOW_0,
        ),
    ],
)
def test_what_is_no_share_is_refused_by_its_name(
    judge: Callable[..., Threat], name: str, values: tuple[float, ...], message: str
) -> None:
    for value in values:
        with pytest.raises(BadEvidence) as refusal:
            judge(**{name: value})
        assert (refusal.value.pointer, refusal.value.message) == (f"/{name}", message)


UNREGISTERED = "not registered before the outcome was analysed"
HIDDEN = "outcome switched, or a major deviation was not disclosed"
LATE = "registered after outcome data began"
DEVIATION = "a minor undisclosed or a major disclosed deviation"


@pytest.mark.parametrize(
    ("facts", "level", "reason"),
    [
        ({}, LOW, ""),
        ({"data_category": 2}, LOW, ""),
        ({"data_category": 3}, MODERATE, LATE),
        ({"badge": "retrospective"}, MODERATE, LATE),
        ({"data_category": 4}, HIGH, UNREGISTERED),
        ({"badge": "not_registered"}, HIGH, UNREGISTERED),
        ({"badge": "not_registered", "outcome_switched": True}, HIGH, UNREGISTERED),
        ({"outcome_switched": True}, HIGH, HIDDEN),
        ({"major_undisclosed": 1}, HIGH, HIDDEN),
        ({"badge": "retrospective", "major_undisclosed": 1}, HIGH, HIDDEN),
        ({"minor_undisclosed": 1}, MODERATE, DEVIATION),
        ({"major_disclosed": 1}, MODERATE, DEVIATION),
    ],
)
def test_selective_reporting(facts: dict[str, Any], level: Level, reason: str) -> None:
    found = selective_reporting(**{"badge": "prospective", **facts})
    assert found == Threat("T7", level, UNKNOWN, reason)


@pytest.mark.parametrize(
    ("threat", "fired", "words", "counted"),
    [
        (Threat("T1", HIGH, FAVOURS, "uneven"), set(), "Confounding: high (uneven)", True),
        (Threat("T6", MODERATE), set(), "Measurement: moderate", True),
        (Threat("T5", HIGH), {"C1"}, "Missing data: high; not scored again, C1 already counts it", False),
        (
            Threat("T1", MODERATE, AGAINST, "uneven"),
            {"C2"},
            "Confounding: moderate (uneven); not scored again, C2 already counts it",
            False,
        ),
        (Threat("T5", HIGH), {"C3", "C4", "C6"}, "Missing data: high", True),
        (Threat("T4", HIGH), {"C1", "C2", "C3", "C4", "C6"}, "Fidelity: high", True),
    ],
)
def test_a_threat_in_the_trace(threat: Threat, fired: set[str], words: str, counted: bool) -> None:
    values = {"level": threat.level.value, "direction": threat.direction.value, "counted": counted}
    step = Step(threat.id, "threat", words, None, values)
    assert scored_threats([threat], fired) == ([threat] if counted else [], [step])


@pytest.mark.parametrize("cap", ["C1", "C2", "C3", "C4", "C6"])
def test_caps_on_the_baseline_count_confounding_already(cap: str) -> None:
    assert scored_threats([Threat("T1", HIGH)], {cap})[0] == []


@pytest.mark.parametrize("cap", ["C5", "C5b", "C7", "C8", "C10"])
def test_other_caps_count_no_threat_already(cap: str) -> None:
    threats = [Threat(name, MODERATE) for name in THREATS]
    assert scored_threats(threats, {cap})[0] == threats


def test_low_threats_are_left_out_and_the_rest_keep_their_order() -> None:
    threats = [Threat("T1", LOW), Threat("T7", HIGH), Threat("T2", LOW), Threat("T3", MODERATE)]
    counted, steps = scored_threats(threats, set())
    assert [threat.id for threat in counted] == ["T7", "T3"]
    assert [step.text for step in steps] == [
        "Selective reporting: high",
        "Experimental effects, contamination and spillover: moderate",
    ]


def test_threats_are_named_in_the_trace() -> None:
    steps = scored_threats([Threat(name, HIGH) for name in THREATS], set())[1]
    assert {step.rule: step.text.removesuffix(": high") for step in steps} == {
        "T1": "Confounding",
        "T2": "Concurrent interventions",
        "T3": "Experimental effects, contamination and spillover",
        "T4": "Fidelity",
        "T5": "Missing data",
        "T6": "Measurement",
        "T7": "Selective reporting",
    }


@pytest.mark.parametrize(
    ("high", "moderate", "rule", "cost"),
    [
        (0, [], "DROP0", 0),
        (0, [UNKNOWN], "DROP0", 0),
        (0, [FAVOURS], "DROP0", 0),
        (0, [UNKNOWN, UNKNOWN], "DROP0", 0),
        (0, [FAVOURS, UNKNOWN], "DROP0", 0),
        (0, [FAVOURS, AGAINST], "DROP0", 0),
        (0, [FAVOURS, FAVOURS], "DROP1c", 1),
        (0, [AGAINST, AGAINST], "DROP1c", 1),
        (0, [FAVOURS, FAVOURS, AGAINST], "DROP1b", 1),
        (0, [UNKNOWN] * 3, "DROP1b", 1),
        (0, [AGAINST, UNKNOWN, AGAINST, AGAINST], "DROP1b", 1),
        (0, [FAVOURS] * 3, "DROP2e", 2),
        (0, [AGAINST] * 4, "DROP2e", 2),
        (0, [UNKNOWN] * 5, "DROP2d", 2),
        (0, [FAVOURS] * 5, "DROP2d", 2),
        (0, [UNKNOWN] * 7, "DROP2d", 2),
        (1, [], "DROP1a", 1),
        (1, [FAVOURS], "DROP2c", 2),
        (1, [UNKNOWN, AGAINST], "DROP2b", 2),
        (1, [AGAINST, AGAINST], "DROP2b", 2),
        (1, [UNKNOWN] * 6, "DROP2b", 2),
        (2, [], "DROP2a", 2),
        (2, [FAVOURS] * 5, "DROP2a", 2),
        (7, [], "DROP2a", 2),
    ],
)
def test_the_drop(high: int, moderate: list[Direction], rule: str, cost: int) -> None:
    ids = list(THREATS)
    threats = [Threat(name, HIGH) for name in ids[:high]]
    threats += [Threat(name, MODERATE, way) for name, way in zip(ids[high:], moderate, strict=False)]
    same = len(moderate) > 1 and set(moderate) in ({FAVOURS}, {AGAINST})
    agree = ", same direction" if same else ""
    words = f"{high} high and {len(moderate)} moderate threats{agree}: drop {cost}"
    values = {"high": high, "moderate": len(moderate), "same_direction": same}
    assert drop(threats) == Step(rule, "drop", words, cost, values)
