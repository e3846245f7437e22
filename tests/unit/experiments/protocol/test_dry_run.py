"""The dry run at registration: the plan runs on simulated data of the registered shape, or says why it cannot."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from experiments.management.sample.protocols import document
from experiments.management.sample.trials import FINISHED
from experiments.protocol import Protocol, from_json
from experiments.protocol.dry_run import MOST_CLUSTERS, MOST_UNITS, capped, dry_run_problems
from experiments.protocol.planned import parsed_plan, plan_warnings
from experiments.protocol.simulated import design_of
from experiments.stats.diagnosis import Design, OutcomeShape
from experiments.stats.registered import DayRules
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


def by_day(*, covariance: str | None = None, **crossover: int) -> Protocol:
    """Return a protocol whose places are drawn day by day."""
    days = {"first_day": "2026-10-01", "days": 60, "block_days": 6, "max_run": 4, "washout_days": 1}
    return read(
        design__design="rct_crossover",
        allocation__method="crossover",
        allocation__crossover=days | crossover,
        sample_size__planned_units=14,
        analysis_plan__columns={"unit": "spot", "period": "day", "arm": "arm"},
        analysis_plan__estimates__0__estimator="crossover",
        analysis_plan__estimates__0__covariance=covariance,
    )


@pytest.mark.parametrize("covariance", [None, "CR2", "randomisation"])
def test_a_crossover_runs_on_days_that_are_drawn_as_registered(covariance: str | None) -> None:
    made = by_day(covariance=covariance)
    assert dry_run_problems(made) == []
    assert not [found for found in plan_warnings(made) if found.pointer.endswith("/covariance")]
    plan, _ = parsed_plan(made.analysis_plan)
    assert plan
    design = design_of(made, plan)
    assert (design.n_units, design.n_periods, design.starts) == (14, 60, ())
    assert design.days == DayRules(6, 4, 1, "control")
    assert capped(design).n_periods == 54


def test_a_crossover_that_the_draw_cannot_carry_is_refused_where_it_is_wrong() -> None:
    [found] = dry_run_problems(by_day(days=64, block_days=16, max_run=16))
    assert found.pointer == "/allocation/crossover/block_days"
    assert "a block of 16 days has 12,870 orders" in found.message
    [few] = dry_run_problems(replace(by_day(), sample_size=replace(by_day().sample_size, planned_units=5)))
    assert few.pointer == "/analysis_plan/estimates/0"
    assert "5 places switch between the arms, too few for a crossover" in few.message


def test_other_estimators_of_a_crossover_are_warned_that_they_cannot_redraw_it() -> None:
    columns = {"unit": "spot", "period": "day", "arm": "arm", "treatment": "on"}
    made = read(
        design__design="rct_crossover",
        allocation__method="crossover",
        allocation__crossover={
            "first_day": "2026-10-01",
            "days": 60,
            "block_days": 6,
            "max_run": 4,
            "washout_days": 0,
        },
        analysis_plan__columns=columns,
        analysis_plan__estimates__0__estimator="twfe",
        analysis_plan__estimates__0__covariance="CR2",
    )
    assert dry_run_problems(made) == []
    drawn = replace(
        made,
        analysis_plan=by_day().analysis_plan
        | {
            "estimates": [{**made.analysis_plan["estimates"][0], "covariance": "randomisation"}],
            "columns": columns,
        },
    )
    [warned] = [found for found in plan_warnings(drawn) if found.pointer.endswith("/covariance")]
    assert warned.message.startswith(
        "Only the estimator “crossover” redraws the blocks and rules of the days"
    )
