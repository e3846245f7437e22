"""The analysis plan inside the protocol: runnable, and about this trial's outcomes and arms."""

from collections.abc import Iterator, Mapping
from typing import Any

from centre.errors import Problem
from experiments.protocol.interim import PLAN as PLAN
from experiments.protocol.interim import looks_problems, unwatched, watched_warnings
from experiments.protocol.schema import Protocol
from experiments.protocol.stated import stated_otherwise
from experiments.protocol.vocabulary import AllocationMethod, Design, OutcomeRole
from experiments.stats.errors import BadPlan
from experiments.stats.options import PLAIN_TWO_WAY
from experiments.stats.plan import Plan, parse

# Draws that the redraws of a permutation test do not follow.
REDRAWN_OTHERWISE = {
    AllocationMethod.CROSSOVER: "Only the estimator “crossover” redraws the blocks and rules of the days",
    AllocationMethod.FACTORIAL: "Redraws do not keep the factors balanced",
    AllocationMethod.EXTERNAL: "How this list was drawn is not known here, so redraws may not follow it",
    AllocationMethod.PERMUTED_BLOCKS: "Redraws do not keep the blocks of cases one by one",
    AllocationMethod.MINIMISATION: "Redraws do not follow minimisation",
}


def parsed_plan(document: Mapping[str, Any]) -> tuple[Plan | None, list[Problem]]:
    """Return the plan as typed data, or what is wrong with it."""
    try:
        return parse(dict(document)), []
    except BadPlan as refusal:
        return None, [
            Problem(f"{PLAN}{found.pointer.rstrip('/')}", found.message) for found in refusal.problems
        ]


def plan_problems(protocol: Protocol) -> list[Problem]:
    """Return why the plan cannot be registered with this protocol."""
    if not protocol.analysis_plan:
        return [Problem(PLAN, "Write the analysis plan")]
    plan, problems = parsed_plan(protocol.analysis_plan)
    if plan is None:
        return problems
    return [
        *_arms(protocol, plan),
        *_columns(protocol, plan),
        *_primary(protocol, plan),
        *_covariates(protocol, plan),
        *stated_otherwise(protocol, plan),
        *looks_problems(protocol, plan),
        *unwatched(protocol, plan),
    ]


def plan_warnings(protocol: Protocol) -> list[Problem]:
    """Return what the plan may do, and what it will be labelled for doing."""
    plan, _ = parsed_plan(protocol.analysis_plan) if protocol.analysis_plan else (None, [])
    if plan is None:
        return []
    return [
        *_unregistered(protocol, plan),
        *_after_treatment(protocol, plan),
        *_plain_two_way(protocol, plan),
        *_redrawn_otherwise(protocol, plan),
        *watched_warnings(plan),
    ]


def _arms(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    codes = {arm.id for arm in protocol.arms}
    if plan.arms is None or protocol.design.design is None or not protocol.design.design.is_randomised:
        return
    for pointer, code in (
        ("control", plan.arms.control),
        *((f"treatments/{place}", code) for place, code in enumerate(plan.arms.treatments)),
    ):
        if str(code) not in codes:
            yield Problem(
                f"{PLAN}/arms/{pointer}", f"There is no arm with the code “{code}” in this protocol"
            )


def _columns(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    design, columns = protocol.design.design, plan.columns
    if columns.unit is None:
        yield Problem(f"{PLAN}/columns/unit", "Name the column that identifies the unit")
    # A cluster of a stepped wedge has no arm of its own: what was drawn is when it crosses over.
    has_arm = design and design.is_randomised and design is not Design.RCT_STEPPED_WEDGE
    if has_arm and columns.arm is None:
        yield Problem(f"{PLAN}/columns/arm", "A randomised design needs the column of the arm")
    if design and design.is_difference_in_differences:
        if columns.period is None:
            yield Problem(f"{PLAN}/columns/period", "This design needs the column of the period")
        if columns.first_treated is None and columns.treatment is None:
            yield Problem(
                f"{PLAN}/columns/first_treated", "This design needs the column of the first treated period"
            )


def _primary(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    estimated = {spec.outcome for spec in plan.estimates if spec.role == "primary"}
    for place, outcome in enumerate(protocol.outcomes):
        if outcome.role is OutcomeRole.PRIMARY and outcome.column and outcome.column not in estimated:
            message = f"No primary estimate is planned for the primary outcome “{outcome.name}”"
            yield Problem(f"/outcomes/{place}/column", message)
    for place, spec in enumerate(plan.estimates):
        measured = protocol.outcome_of_column(spec.outcome)
        if spec.role == "primary" and (measured is None or measured.role is not OutcomeRole.PRIMARY):
            message = f"“{spec.outcome}” is not the column of a primary outcome"
            yield Problem(f"{PLAN}/estimates/{place}/outcome", message)


def _covariates(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    declared = {covariate.column for covariate in protocol.covariates}
    declared |= {outcome.column for outcome in protocol.outcomes}
    for place, spec in enumerate(plan.estimates):
        for position, name in enumerate(spec.covariates):
            if name not in declared:
                pointer = f"{PLAN}/estimates/{place}/covariates/{position}"
                yield Problem(pointer, f"Declare “{name}” among the baseline variables")


def _after_treatment(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    late = {covariate.column for covariate in protocol.covariates if not covariate.is_before_treatment}
    late |= {outcome.column for outcome in protocol.outcomes}
    for place, spec in enumerate(plan.estimates):
        for position, name in enumerate(spec.covariates):
            if name in late:
                message = f"“{name}” is measured after treatment: adjusting for it can hide or make an effect"
                yield Problem(f"{PLAN}/estimates/{place}/covariates/{position}", message)


def _unregistered(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    for place, spec in enumerate(plan.estimates):
        if spec.role != "primary" and protocol.outcome_of_column(spec.outcome) is None:
            message = "Not pre-registered: will be labelled exploratory"
            yield Problem(f"{PLAN}/estimates/{place}/outcome", message)


def _plain_two_way(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    if protocol.design.design is not Design.DID_STAGGERED:
        return
    for place, spec in enumerate(plan.estimates):
        if spec.role == "primary" and spec.estimator in PLAIN_TWO_WAY:
            message = "Plain two-way fixed effects with staggered starts: the trial's security is capped at 3"
            yield Problem(f"{PLAN}/estimates/{place}/estimator", message)


def _redrawn_otherwise(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    """Warn where a result would be judged by redraws that are not those of the registered draw, and is then refused."""
    method = protocol.allocation.method
    message = REDRAWN_OTHERWISE.get(method) if method else None
    for place, spec in enumerate(plan.estimates):
        if method is AllocationMethod.CROSSOVER and spec.estimator == "crossover":
            continue  # which draws the days again
        if message and spec.covariance in (None, "randomisation"):
            advice = "a test by redraws will be refused; name a covariance other than randomisation"
            yield Problem(f"{PLAN}/estimates/{place}/covariance", f"{message}: {advice}")
