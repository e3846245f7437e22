"""What registration still needs: fields for every trial, then those that the design calls for."""

from collections.abc import Iterator

from centre.errors import Problem
from experiments.protocol.called_for import called_for
from experiments.protocol.drawing import drawing_gaps, needs_shares
from experiments.protocol.interim import interim_gaps
from experiments.protocol.needed import (
    ARM_NEEDED,
    COVARIATE_NEEDED,
    DRAW_NEEDED,
    NEEDED,
    OUTCOME_NEEDED,
    PRIMARY_NEEDED,
    PROXY_NEEDED,
    TREATED_ARM_NEEDED,
    missing,
)
from experiments.protocol.one_by_one import one_by_one_problems
from experiments.protocol.schema import Outcome, Protocol
from experiments.protocol.vocabulary import AllocationMethod, ArmRole, Design, OutcomeRole


def gaps(protocol: Protocol) -> list[Problem]:
    """Return each blank field that registration needs, and each part that does not fit another."""
    found = [*missing(protocol, "", NEEDED)]
    if protocol.funding.publication_agreement is not True:
        message = "The parties must agree that results will be published, whatever they are"
        found.append(Problem("/funding/publication_agreement", message))
    found += _arms(protocol)
    found += _allocation(protocol)
    found += _outcomes(protocol)
    for place, covariate in enumerate(protocol.covariates):
        found += missing(covariate, f"/covariates/{place}", COVARIATE_NEEDED)
    found += _hypotheses(protocol)
    found += interim_gaps(protocol)
    found += called_for(protocol)
    return found


def _arms(protocol: Protocol) -> Iterator[Problem]:
    if len(protocol.arms) < 2:
        yield Problem("/arms", "Add at least two arms")
    for place, arm in enumerate(protocol.arms):
        yield from missing(arm, f"/arms/{place}", ARM_NEEDED)
        if arm.role is ArmRole.TREATMENT:
            yield from missing(arm, f"/arms/{place}", TREATED_ARM_NEEDED)
    if protocol.arms and not any(arm.role is ArmRole.TREATMENT for arm in protocol.arms):
        yield Problem("/arms", "Say which arm is the treatment")


def _allocation(protocol: Protocol) -> Iterator[Problem]:
    design, plan = protocol.design.design, protocol.allocation
    if design is None or plan.method is None:
        return
    if not design.is_randomised:
        if plan.method is not AllocationMethod.NONE:
            yield Problem(
                "/allocation/method", "This design has no draw: choose “No draw”, or another design"
            )
        return
    if plan.method is AllocationMethod.NONE:
        yield Problem("/allocation/method", "A randomised design needs a draw")
        return
    if design is Design.RCT_CLUSTER and not (plan.method.by_cluster or plan.method.may_cluster):
        yield Problem("/allocation/method", "A cluster trial draws clusters")
    if plan.method.by_stratum and not plan.strata:
        yield Problem("/allocation/strata", "Name the strata")
    if plan.method.by_cluster:
        needed = (("sample_size.planned_clusters", "Enter the planned number of clusters"),)
        yield from missing(protocol, "", (*needed, ("sample_size.icc", "Enter the ICC")))
    yield from missing(protocol, "", DRAW_NEEDED)
    if needs_shares(plan.method):
        yield from _ratio(protocol)
    yield from drawing_gaps(protocol)
    if plan.method.one_by_one:
        yield from one_by_one_problems(protocol)


def _ratio(protocol: Protocol) -> Iterator[Problem]:
    codes = [arm.id for arm in protocol.arms]
    for place, part in enumerate(protocol.allocation.ratio):
        if part.arm not in codes:
            yield Problem(f"/allocation/ratio/{place}/arm", f"There is no arm with the code “{part.arm}”")
    for code in codes:
        if code and code not in protocol.shares:
            yield Problem("/allocation/ratio", f"Each arm needs a share above 0: “{code}” has none")


def _outcomes(protocol: Protocol) -> Iterator[Problem]:
    for place, outcome in enumerate(protocol.outcomes):
        yield from missing(outcome, f"/outcomes/{place}", OUTCOME_NEEDED)
        if outcome.role is OutcomeRole.PRIMARY:
            yield from missing(outcome, f"/outcomes/{place}", PRIMARY_NEEDED)
        if outcome.is_proxy:
            yield from missing(outcome, f"/outcomes/{place}", PROXY_NEEDED)
    primary = [outcome for outcome in protocol.outcomes if outcome.role is OutcomeRole.PRIMARY]
    if not primary:
        yield Problem("/outcomes", "Add one primary outcome")
    if len(primary) > 1 and not _adjusts(protocol, primary):
        yield Problem("/outcomes", f"Say how you will adjust for {len(primary)} primary outcomes")
    codes = {outcome.id for outcome in protocol.outcomes}
    for place, guardrail in enumerate(protocol.safety.guardrails):
        if guardrail.outcome not in codes:
            yield Problem(f"/safety/guardrails/{place}/outcome", "Choose one of the outcomes")


def _adjusts(protocol: Protocol, primary: list[Outcome]) -> bool:
    """Return whether the plan adjusts, or each primary outcome answers a hypothesis family of its own."""
    families = [outcome.family for outcome in primary]
    if all(families) and len(set(families)) == len(families):
        return True
    return bool(protocol.analysis_plan.get("multiplicity", "none") != "none")


def _hypotheses(protocol: Protocol) -> Iterator[Problem]:
    arms, outcomes = {arm.id for arm in protocol.arms}, {outcome.id for outcome in protocol.outcomes}
    for place, hypothesis in enumerate(protocol.problem.hypotheses):
        pointer = f"/problem/hypotheses/{place}"
        if hypothesis.direction is None:
            yield Problem(f"{pointer}/direction", "Say whether you expect less, more or no worse")
        for name, known, noun in (
            ("treatment", arms, "arms"),
            ("comparator", arms, "arms"),
            ("outcome", outcomes, "outcomes"),
        ):
            if getattr(hypothesis, name) not in known:
                yield Problem(f"{pointer}/{name}", f"Choose one of the {noun}")
