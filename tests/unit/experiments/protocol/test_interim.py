"""Looks before the end: what the protocol must say, what its plan must keep to, and what was said before."""

from typing import Any

import pytest

from experiments import protocol
from experiments.protocol.dry_run import dry_run_problems
from tests.unit.experiments.protocol.documents import COMPLETE, TODAY, changed, read

THREE = [0.5, 0.75, 1]
SEQUENTIAL: dict[str, Any] = {
    "method": "group_sequential",
    "looks": THREE,
    "spending": "obrien_fleming",
    "stop_rule": "The oversight group looks, and stops at the boundary.",
}
WATCHED: dict[str, Any] = {"method": "confidence_sequence", "stop_rule": "The oversight group, monthly."}
OPTIONS = "/analysis_plan/estimates/0/options"


def found(interim: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, str]:
    """Return the problems by their place."""
    made = read(decision__interim=interim, analysis_plan__estimates__0__options=options or {})
    return {problem.pointer: problem.message for problem in protocol.problems(made, today=TODAY)}


def warned(interim: dict[str, Any], options: dict[str, Any]) -> dict[str, str]:
    made = read(decision__interim=interim, analysis_plan__estimates__0__options=options)
    return {problem.pointer: problem.message for problem in protocol.warnings(made, today=TODAY)}


@pytest.mark.parametrize(
    ("interim", "options"),
    [
        (SEQUENTIAL, {"looks": THREE}),
        ({**SEQUENTIAL, "spending": "pocock"}, {"looks": [0.5, 0.75, 1.0], "spending": "pocock"}),
        (WATCHED, {"always_valid": True, "planned": 200}),
        ({"method": "fixed"}, {}),
        ({"method": "fixed", "spending": "pocock"}, {}),
        ({"method": "fixed"}, {"always_valid": True, "planned": 200}),
        ({"not_applicable_because": "The data are complete."}, {}),
    ],
)
def test_a_plan_that_keeps_to_the_registered_looks_is_complete(interim: Any, options: Any) -> None:
    assert found(interim, options) == {}
    assert warned(interim, options) == {}


@pytest.mark.parametrize(
    ("interim", "pointer", "words"),
    [
        ({}, "/decision/interim", "Choose how looks before the end are paid for, or say why there are none"),
        ({**SEQUENTIAL, "looks": []}, "/decision/interim/looks", "at which shares of the information"),
        (
            {**SEQUENTIAL, "spending": None},
            "/decision/interim/spending",
            "Choose how the error rate is spent",
        ),
        ({**SEQUENTIAL, "stop_rule": " "}, "/decision/interim/stop_rule", "what would stop the trial"),
        ({"method": "confidence_sequence"}, "/decision/interim/stop_rule", "what would stop the trial"),
        (
            {"method": "fixed", "looks": THREE},
            "/decision/interim/looks",
            "go with the group sequential method",
        ),
        (
            {**WATCHED, "looks": THREE},
            "/decision/interim/looks",
            "go with the group sequential method",
        ),
        (
            {"method": "fixed", "not_applicable_because": "None"},
            "/decision/interim/not_applicable_because",
            "A method of looking is chosen",
        ),
        ({**SEQUENTIAL, "looks": [0.5, 0.4, 1]}, "/decision/interim/looks", "must rise, above 0 and up to 1"),
        ({**SEQUENTIAL, "looks": [0.5, 0.75]}, "/decision/interim/looks", "then the end itself, which is 1"),
    ],
)
def test_half_an_answer_is_no_answer(interim: dict[str, Any], pointer: str, words: str) -> None:
    assert (
        words in found(interim, {"looks": interim["looks"]} if interim.get("looks") == THREE else {})[pointer]
    )


@pytest.mark.parametrize(
    ("interim", "options", "key", "message"),
    [
        (
            SEQUENTIAL,
            {"looks": [0.5, 1]},
            "looks",
            "“H1” has looks at 0.5 and 1, and the protocol registers looks at 0.5, 0.75 and 1",
        ),
        (
            {"method": "fixed"},
            {"looks": [0.5, 1]},
            "looks",
            "“H1” has looks at 0.5 and 1, and the protocol registers no looks",
        ),
        (
            WATCHED,
            {"looks": [0.5, 1]},
            "looks",
            "“H1” has looks at 0.5 and 1, and the protocol registers a confidence sequence, which has no set looks",
        ),
        (
            SEQUENTIAL,
            {"looks": THREE, "spending": "pocock"},
            "spending",
            "“H1” spends the error rate as pocock, and the protocol registers obrien_fleming",
        ),
        (
            SEQUENTIAL,
            {},
            "looks",
            "The protocol registers looks at 0.5, 0.75 and 1, and no primary estimate has them (“H1”)",
        ),
        (
            WATCHED,
            {},
            "always_valid",
            "The protocol registers a confidence sequence, and no estimate of the plan is always valid",
        ),
    ],
)
def test_a_plan_with_other_looks_is_refused_and_both_are_named(
    interim: dict[str, Any], options: dict[str, Any], key: str, message: str
) -> None:
    assert found(interim, options)[f"{OPTIONS}/{key}"] == message


def test_a_guardrail_beside_a_primary_estimate_may_be_watched_all_the_time() -> None:
    first = {**COMPLETE["analysis_plan"]["estimates"][0], "options": {"looks": THREE}}
    guard = {**first, "id": "G1", "role": "guardrail", "options": {"always_valid": True, "planned": 200}}
    plan = {**COMPLETE["analysis_plan"], "estimates": [first, guard]}
    made = read(decision__interim=SEQUENTIAL, analysis_plan=plan)
    assert protocol.problems(made, today=TODAY) == []
    guard["options"] = {"looks": [0.25, 1]}
    [problem] = protocol.problems(read(decision__interim=SEQUENTIAL, analysis_plan=plan), today=TODAY)
    assert problem.pointer == "/analysis_plan/estimates/1/options/looks"


def test_what_looks_leave_open_is_warned_of() -> None:
    said = warned(WATCHED, {"always_valid": True})[f"{OPTIONS}/planned"]
    assert said == "“H1” is always valid for a number of units set beforehand: name it, as planned"
    stopped = warned(SEQUENTIAL, {"looks": THREE, "stopped_at": 2})[f"{OPTIONS}/stopped_at"]
    assert stopped == "“H1” is analysed as that of a trial that stopped at look 2"


@pytest.mark.parametrize(
    "interim",
    [{"text": "The sponsor looks after six months."}, {"not_applicable_because": "None is planned."}],
)
def test_an_answer_from_before_is_read_kept_and_stands(interim: dict[str, Any]) -> None:
    """As it was stored while the answer was a text, or why there is none."""
    stored = {"text": "", "not_applicable_because": "", **interim}
    made = protocol.from_json(changed(decision__interim=stored))
    kept = protocol.to_json(made)["decision"]["interim"]
    assert {name: kept[name] for name in stored} == stored
    assert protocol.from_json(protocol.to_json(made)) == made
    assert protocol.problems(made, today=TODAY) == []


def test_looks_that_become_others_differ_field_by_field_and_that_is_major() -> None:
    before, after = (
        read(decision__interim={**SEQUENTIAL, "looks": looks}) for looks in (THREE, [0.5, 0.8, 1])
    )
    [change] = protocol.diff(before, after)
    assert (change.pointer, change.before, change.after) == ("/decision/interim/looks/1", 0.75, 0.8)
    assert protocol.is_major([change])


def test_the_dry_run_tries_the_looks() -> None:
    options = {"looks": THREE}
    made = read(decision__interim=SEQUENTIAL, analysis_plan__estimates__0__options=options)
    assert dry_run_problems(made) == []
    few = read(
        decision__interim=SEQUENTIAL,
        analysis_plan__estimates__0__options=options,
        analysis_plan__estimates__0__covariance="HC2",
        sample_size__planned_units=14,
    )
    [problem] = dry_run_problems(few)
    assert "and looks before the end need 15" in problem.message
