"""What stands between a protocol and its registration, each with its place; and what is only warned of."""

import datetime as dt
from typing import Any

import pytest

from experiments import protocol
from tests.unit.experiments.protocol.documents import COMPLETE, TODAY, read


def found(**places: Any) -> dict[str, str]:
    """Return the problems by their place."""
    return {problem.pointer: problem.message for problem in protocol.problems(read(**places), today=TODAY)}


def warned(**places: Any) -> dict[str, str]:
    return {problem.pointer: problem.message for problem in protocol.warnings(read(**places), today=TODAY)}


def test_a_complete_protocol_has_none() -> None:
    assert found() == {}
    assert warned() == {}


@pytest.mark.parametrize(
    ("places", "pointer", "message"),
    [
        ({"title__public_title": ""}, "/title/public_title", "Enter a trial title"),
        ({"sample_size__power": 1.2}, "/sample_size/power", "Power must be between 0.5 and 0.99"),
        ({"sample_size__planned_units": -5}, "/sample_size/planned_units", "from 2 to 1,000,000"),
        ({"arms": COMPLETE["arms"][:1]}, "/arms", "Add at least two arms"),
        ({"outcomes": []}, "/outcomes", "Add one primary outcome"),
        ({"outcomes__0__role": "secondary"}, "/outcomes", "Add one primary outcome"),
        ({"arms__1__id": COMPLETE["arms"][0]["id"]}, "/arms/1/id", "Two arms have the code"),
        ({"analysis_plan": {}}, "/analysis_plan", "Write the analysis plan"),
        (
            {"analysis_plan__estimates__0__estimator": "magic"},
            "/analysis_plan/estimates/0/estimator",
            "is not an estimator",
        ),
        (
            {"analysis_plan__estimates__0__outcome": "arrests"},
            "/analysis_plan/estimates/0/outcome",
            "is not the column of a primary outcome",
        ),
        (
            {"analysis_plan__arms__control": "nobody"},
            "/analysis_plan/arms/control",
            "There is no arm with the code “nobody”",
        ),
    ],
)
def test_each_problem_has_its_place(places: dict[str, Any], pointer: str, message: str) -> None:
    problems = found(**places)
    assert pointer in problems, problems
    assert message in problems[pointer]


@pytest.mark.parametrize("section", sorted(COMPLETE.keys() - {"covariates", "qed"}))
def test_no_part_of_a_protocol_may_be_left_out_in_silence(section: str) -> None:
    """Baseline variables may be none; the comparison over time is asked for where nothing is drawn."""
    document = {name: part for name, part in COMPLETE.items() if name != section}
    missed = protocol.problems(protocol.from_json(document), today=TODAY)
    assert any(problem.pointer.startswith(f"/{section}") for problem in missed), missed


def test_dates_in_order() -> None:
    problems = found(dates__intervention_end__date="2001-01-01")
    assert "End date must be after the start date" in problems.values()


def test_a_start_in_the_past_is_warned_about_and_no_more() -> None:
    past = str(TODAY - dt.timedelta(days=1))
    assert "labelled retrospective" in warned(dates__first_unit__date=past)["/dates/first_unit/date"]
    assert "/dates/first_unit/date" not in found(dates__first_unit__date=past)


def test_the_plan_is_warned_about_what_is_not_in_the_protocol() -> None:
    """[81]"""
    extra = {
        **COMPLETE["analysis_plan"]["estimates"][0],
        "id": "X",
        "role": "exploratory",
        "outcome": "arrests",
    }
    plan = {**COMPLETE["analysis_plan"], "estimates": [*COMPLETE["analysis_plan"]["estimates"], extra]}
    message = warned(analysis_plan=plan)["/analysis_plan/estimates/1/outcome"]
    assert message == "Not pre-registered: will be labelled exploratory"


def test_a_covariate_measured_after_treatment_is_warned_about() -> None:
    """[82]"""
    one = {**COMPLETE["analysis_plan"]["estimates"][0], "estimator": "ancova", "covariates": ["calls_after"]}
    plan = {**COMPLETE["analysis_plan"], "estimates": [one]}
    covariate = {"column": "calls_after", "name": "Calls after", "is_before_treatment": False}
    message = warned(analysis_plan=plan, covariates=[covariate])["/analysis_plan/estimates/0/covariates/0"]
    assert "is measured after treatment: adjusting for it can hide or make an effect" in message


@pytest.mark.parametrize(
    "estimator", ["twfe", "event_study", "poisson_twfe", "callaway_santanna", "imputation"]
)
def test_plain_two_way_estimates_of_staggered_starts_are_warned_about(estimator: str) -> None:
    one = {**COMPLETE["analysis_plan"]["estimates"][0], "estimator": estimator, "estimand": "ATT"}
    columns = {"unit": "unit", "period": "month", "first_treated": "start"}
    plan = {**COMPLETE["analysis_plan"], "columns": columns, "estimates": [one], "arms": None}
    warnings = warned(analysis_plan=plan, design__design="did_staggered")
    is_plain = estimator in ("twfe", "event_study", "poisson_twfe")
    assert ("/analysis_plan/estimates/0/estimator" in warnings) is is_plain


def test_an_embargo_has_a_reason() -> None:
    until = str(TODAY + dt.timedelta(days=90))
    document = protocol.to_json(read())
    document["data"]["embargo_until"] = until
    [problem] = protocol.problems(protocol.from_json(document), today=TODAY)
    assert problem.pointer == "/data/operational_sensitivity_reason"
    document["data"]["operational_sensitivity_reason"] = "Offenders could learn where officers will be."
    assert protocol.problems(protocol.from_json(document), today=TODAY) == []


CALLED_FOR: tuple[tuple[str, Any, str], ...] = (
    ("design.blinded.recipient.is_blinded", True, "/design/blinded/recipient/how"),
    ("sample_size.icc", 0.02, "/sample_size/icc_source"),
    ("data.sharing", "no", ""),
    ("ethics.decision", "approved", "/ethics/decided_on"),
    ("team.people", [{"name": "A. Person", "role": "analyst"}], "/team/people"),
    ("subgroups", [{"variable": "age", "levels": ["a", "b"], "hypothesis": "x", "interaction_test": "y"}],
     "/subgroups/0/variable"),
    ("safety.guardrails", [{"outcome": "calls"}], "/safety/guardrails/0/action"),
    ("title.plain_summary", "word " * 251, "/title/plain_summary"),
    ("design.design", "matched_comparison", "/qed/comparison_pool"),
    ("design.design", "did_2x2", "/qed/comparison_units"),
    ("design.timing", "trickle", "/eligibility/intake/dry_run_expected"),
    ("outcomes.0.is_proxy", True, "/outcomes/0/validity_note"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "value", "pointer"), CALLED_FOR)
def test_one_answer_calls_for_another(path: str, value: Any, pointer: str) -> None:
    document = protocol.to_json(read())
    inner: Any = document
    *parents, last = path.split(".")
    for name in parents:
        inner = inner[int(name)] if name.isdigit() else inner[name]
    inner[last] = value
    asked = {problem.pointer for problem in protocol.gaps(protocol.from_json(document))}
    assert pointer in asked if pointer else not asked


def test_what_the_plan_does_is_what_the_protocol_states() -> None:
    one = {
        "id": "H1",
        "role": "primary",
        "outcome": "calls",
        "estimator": "callaway_santanna",
        "options": {"control_group": "never_treated", "anticipation": 1},
    }
    plan = {
        "plan_version": 1,
        "columns": {"unit": "unit", "period": "month", "first_treated": "start"},
        "estimates": [one],
    }
    document = protocol.to_json(read(analysis_plan=plan, design__design="did_staggered"))
    document["qed"] |= {"comparison_units": "not_yet_treated", "anticipation_periods": 0}
    found = {
        problem.pointer: problem.message for problem in protocol.plan_problems(protocol.from_json(document))
    }
    options = "/analysis_plan/estimates/0/options"
    assert found == {
        f"{options}/control_group": "“H1”: the comparison group is never treated, and the protocol states "
        "not yet treated",
        f"{options}/anticipation": "“H1”: the number of periods of anticipation is 1, and the protocol states 0",
    }


def test_answers_that_are_accepted_are_labelled() -> None:
    document = protocol.to_json(read(title__plain_summary="word " * 40 + "."))
    document["eligibility"]["intake"] |= {"dry_run_expected": 20, "dry_run_processed": 12}
    document["qed"]["data_already_seen"] = "analysed"
    labelled = {one.pointer for one in protocol.warnings(protocol.from_json(document), today=TODAY)}
    assert labelled == {
        "/title/plain_summary",
        "/eligibility/intake/dry_run_processed",
        "/qed/data_already_seen",
    }
