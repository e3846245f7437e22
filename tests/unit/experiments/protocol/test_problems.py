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
