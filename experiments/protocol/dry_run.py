"""The synthetic dry run: before a plan is frozen it must run, on simulated data of the registered shape.

Only those who register import this: it loads the numerical libraries.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from centre.errors import Problem
from experiments.protocol.planned import PLAN, parsed_plan
from experiments.protocol.schema import Protocol
from experiments.protocol.simulated import design_of
from experiments.stats import engine
from experiments.stats.diagnosis.design import Design
from experiments.stats.diagnosis.drawing import Replicate
from experiments.stats.errors import BadData, NotEstimable
from experiments.stats.plan import EstimateSpec, Plan

# The shape is cut to what still decides whether a plan can run: every rule about few clusters or units is well below.
MOST_UNITS, MOST_CLUSTERS, MOST_BEFORE, MOST_DAYS = 300, 100, 12, 56
FEW_DRAWS = 99  # a test by draws can be made or not, however many draws
TRIES = 3  # an unlucky draw is no reason to refuse a plan
SEED = 1


def dry_run_problems(read: Protocol) -> list[Problem]:
    """Return why the plan cannot run on data of the registered shape, each at its estimate."""
    plan, problems = parsed_plan(read.analysis_plan)
    if plan is None:
        return problems
    quick = _quick(plan)
    design = capped(design_of(read, quick))
    try:
        return list(_refused(quick, design))
    except NotEstimable as refusal:  # of the draw itself
        return [Problem("/allocation/crossover/block_days", f"The days cannot be drawn: {refusal.reason}")]
    except BadData as refusal:
        return [
            Problem(PLAN, f"{_TRIED}. It could not read them: {found.message}") for found in refusal.problems
        ]


_TRIED = "The plan was tried on simulated data of the registered shape"


def capped(design: Design) -> Design:
    """Return the design no larger than the dry run needs."""
    design = _with_fewer_periods(design)
    if design.n_clusters is None:
        return replace(design, n_units=min(design.n_units, MOST_UNITS))
    clusters = min(design.n_clusters, MOST_CLUSTERS)
    each = design.n_units / design.n_clusters
    units = min(round(each * clusters), max(MOST_UNITS, 2 * clusters))  # clusters of several units stay so
    return replace(design, n_units=units, n_clusters=clusters)


def _with_fewer_periods(design: Design) -> Design:
    if design.days is not None:
        size = design.days.block_days
        return replace(design, n_periods=min(design.n_periods, max(MOST_DAYS // size, 2) * size))
    over = (design.starts[0] - 1 - MOST_BEFORE) if design.starts else 0
    if over <= 0:
        return design
    starts = tuple(start - over for start in design.starts)
    return replace(design, n_periods=design.n_periods - over, starts=starts)


def _refused(plan: Plan, design: Design) -> Iterator[Problem]:
    """Give each estimate that no draw could make, with the reason of the last."""
    failing: dict[str, str] = {}
    for number in range(TRIES):
        only = set(failing) if number else set()
        drawn = Replicate(plan, design, seed=SEED, number=number)
        made = engine.run(plan, drawn.table(), only=only, registered=drawn.registered)
        failing = {row.id: row.reason or "" for row in made.estimates if not row.is_ok}
        if not failing:
            return
    for place, spec in enumerate(plan.estimates):
        if spec.id in failing:
            message = f"{_TRIED}. “{spec.id}” cannot be estimated: {failing[spec.id]}"
            yield Problem(f"{PLAN}/estimates/{place}", message)


def _quick(plan: Plan) -> Plan:
    """Return the plan with few draws and no checks: one that cannot be made says so, and refuses no plan."""
    return replace(plan, estimates=tuple(map(_with_few_draws, plan.estimates)), checks=())


def _with_few_draws(spec: EstimateSpec) -> EstimateSpec:
    few: dict[str, Any] = {
        name: FEW_DRAWS for name in ("draws", "reps") if (spec.options.get(name) or 0) > FEW_DRAWS
    }
    return replace(spec, options={**spec.options, **few}) if few else spec
