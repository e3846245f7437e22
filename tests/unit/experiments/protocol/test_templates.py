"""Templates: each reads, says nothing that cannot be right, and needs only local facts before it is registered."""

from typing import Any

import pytest

from experiments import protocol
from experiments.protocol import Protocol
from experiments.protocol.dry_run import dry_run_problems
from experiments.protocol.planned import plan_warnings
from experiments.protocol.templates import TEMPLATES, Template, template
from experiments.protocol.templates.template import merged
from experiments.stats.checks.displacement import BUFFER
from tests.unit.experiments.protocol.documents import TODAY

# What a force knows and a template cannot.
LOCAL: dict[str, Any] = {
    "title": {
        "public_title": "A trial in Testshire",
        "scientific_title": "A trial of a tactic in Testshire",
        "plain_summary": "We try a tactic. We count what happens.",
    },
    "tactic": {"slug": "tactic", "version": 1},
    "team": {
        "sponsor": "University of Testshire",
        "senior_sponsor": "Assistant chief constable",
        "people": [{"name": "A. Person", "role": "principal_investigator"}],
        "independence": "dual_partnership",
        "public_involvement": {"text": "A panel of residents read the protocol."},
    },
    "funding": {
        "sources": ["A funder"],
        "conflicts": {"text": "None"},
        "paid_by_implementer": False,
        "publication_agreement": True,
    },
    "problem": {"problem_types": ["serious-violence"], "prior_evidence": ["A review"]},
    "sites": [{"force": "testshire", "area": "Whole force", "country": "England and Wales"}],
    "safety": {"oversight_group": {"text": "Three people outside the force."}},
    "sample_size": {"planned_units": 80, "mde": 0.2, "method": "By the power calculator."},
    "dates": {
        name: {"date": day}
        for name, day in (
            ("first_unit", "2027-01-04"),
            ("intervention_start", "2027-01-04"),
            ("intervention_end", "2027-12-31"),
            ("follow_up_end", "2027-12-31"),
            ("primary_completion", "2027-12-31"),
            ("data_lock", "2028-01-31"),
        )
    },
    "data": {"outcome_data_seen": "none", "assignment_data_seen": "none"},
    "ethics": {
        "decision": "pending",
        "dpia_reference": "DPIA 1",
        "equality_impact_reference": "EIA 1",
        "legal_power": {"text": "Common law"},
    },
}
DOSE = {"planned": 1.0, "min_acceptable": 0.6}
SHAPES: dict[str, dict[str, Any]] = {
    "place-day-crossover": {"allocation": {"crossover": {"first_day": "2027-01-04"}}},
    "officer-cluster": {
        "sample_size": {"planned_units": 400, "planned_clusters": 40, "icc": 0.02, "icc_source": "A pilot"},
        "allocation": {"clusters_n": 40, "cluster_size": 10},
    },
    "stepped-wedge-rollout": {"allocation": {"wedge": {"first_day": "2027-01-04"}}},
    "staggered-did": {"qed": {"data_already_seen": "none"}},
    "before-after-comparison": {"qed": {"data_already_seen": "none"}},
}
# Fields that are always local: none of them may come from a template.
BLANK = ("title", "tactic", "team", "funding", "sites", "dates", "ethics")

each = pytest.mark.parametrize("one", TEMPLATES, ids=lambda one: one.slug)


def filled(one: Template) -> Protocol:
    """Return the template with the local facts of an invented force."""
    document = merged(one.document, LOCAL, SHAPES.get(one.slug, {}))
    arms = [
        {**arm, "dosage": {**arm["dosage"], **DOSE}} if "dosage" in arm else arm for arm in document["arms"]
    ]
    least = [
        {**outcome, "min_worthwhile_effect": 0.1} if outcome["role"] == "primary" else outcome
        for outcome in document["outcomes"]
    ]
    return protocol.from_json({**document, "arms": arms, "outcomes": least})


@each
def test_a_template_reads_and_holds_nothing_wrong(one: Template) -> None:
    read = protocol.from_json(one.document)
    assert protocol.faults(read, today=TODAY) == []
    plan = protocol.parsed_plan(read.analysis_plan)
    assert plan[0] is not None, plan[1]


@each
def test_local_facts_are_blank_and_asked_for(one: Template) -> None:
    read = protocol.from_json(one.document)
    missing = {problem.pointer.split("/")[1] for problem in protocol.problems(read, today=TODAY)}
    for section in BLANK:
        assert getattr(read, section) == getattr(Protocol(), section), section
        assert section in missing


@each
def test_with_its_local_facts_it_can_be_registered_and_its_plan_runs(one: Template) -> None:
    read = filled(one)
    found = {problem.pointer: problem.message for problem in protocol.problems(read, today=TODAY)}
    assert found == {}
    assert dry_run_problems(read) == []
    assert [problem.message for problem in plan_warnings(read)] == []


@each
def test_an_outcome_that_tells_of_displacement_is_held_beside_the_one_inside(one: Template) -> None:
    read = protocol.from_json(one.document)
    columns = {outcome.column for outcome in read.outcomes}
    around = [outcome.column for outcome in read.outcomes if outcome.family == "displacement"]
    assert all(column.endswith(BUFFER) and column.removesuffix(BUFFER) in columns for column in around)
    assert ("displacement" in read.analysis_plan["checks"]) is bool(around)


def test_a_template_is_found_by_its_slug() -> None:
    assert all(template(one.slug) is one for one in TEMPLATES)
    assert len({one.slug for one in TEMPLATES}) == len(TEMPLATES) == 6
    assert template("nothing") is None


def test_parts_are_merged_and_lists_are_replaced() -> None:
    assert merged({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}}) == {"a": {"b": 1, "c": [2]}}
