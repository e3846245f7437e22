"""The dry run at registration: the plan runs on simulated data of the registered shape, or says why it cannot."""

import datetime as dt
from typing import Any

import pytest

from experiments.management.sample.protocols import document
from experiments.management.sample.trials import FINISHED
from experiments.protocol import from_json
from experiments.protocol.dry_run import MOST_CLUSTERS, MOST_UNITS, capped, dry_run_problems
from experiments.protocol.planned import parsed_plan
from experiments.protocol.simulated import design_of
from experiments.stats.diagnosis import Design, OutcomeShape
from tests.unit.experiments.protocol.documents import read

CLUSTERED: dict[str, Any] = {
    "analysis_plan__columns": {"unit": "unit", "arm": "arm", "cluster": "beat"},
    "analysis_plan__estimates__0__estimator": "difference_in_means",
    "analysis_plan__estimates__0__covariance": "CR2",
    "sample_size__planned_units": 60,
}


def test_a_plan_that_runs_is_not_refused() -> None:
    assert dry_run_problems(read()) == []


@pytest.mark.parametrize("plan", FINISHED, ids=lambda plan: plan.key)
def test_the_sample_trials_run(plan: Any) -> None:
    made = from_json(document(plan, tactic="x", tactic_version=1, today=dt.date(2026, 9, 1)))
    assert dry_run_problems(made) == []


def test_too_few_clusters_are_refused_at_the_estimate() -> None:
    [found] = dry_run_problems(read(**CLUSTERED, sample_size__planned_clusters=5))
    assert found.pointer == "/analysis_plan/estimates/0"
    assert found.message.startswith("The plan was tried on simulated data of the registered shape. “")
    assert "5 clusters are too few for CR2" in found.message
    assert dry_run_problems(read(**CLUSTERED, sample_size__planned_clusters=8)) == []


def test_a_plan_that_does_not_parse_says_so() -> None:
    [found] = dry_run_problems(read(analysis_plan__estimates__0__estimator="magic"))
    assert found.pointer == "/analysis_plan/estimates/0/estimator"


def test_the_shape_is_the_registered_one() -> None:
    made = read(**CLUSTERED, sample_size__planned_clusters=12, sample_size__icc=0.05)
    plan, _ = parsed_plan(made.analysis_plan)
    assert plan
    design = design_of(made, plan)
    assert (design.n_units, design.n_clusters, design.icc) == (60, 12, 0.05)
    assert set(design.shares) == {arm.id for arm in made.arms}


def test_only_what_decides_nothing_is_cut() -> None:
    shapes = {"y": OutcomeShape("count", 5.0)}
    country = capped(Design(shapes, n_units=35_672, n_clusters=43, n_periods=120, starts=(60, 61)))
    assert (country.n_units, country.n_clusters) == (MOST_UNITS, 43)
    assert (country.n_periods, country.starts) == (73, (13, 14))
    many = capped(Design(shapes, n_units=5_000, n_clusters=500))
    assert (many.n_units, many.n_clusters) == (MOST_UNITS, MOST_CLUSTERS)
    small = Design(shapes, n_units=12, n_clusters=6)
    assert capped(small) == small
