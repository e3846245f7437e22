"""What registration still needs: fields for every trial, then those that the design calls for."""

from collections.abc import Iterator
from typing import Any

from centre.errors import Problem
from centre.text import is_blank
from experiments.protocol.drawing import drawing_gaps, needs_shares
from experiments.protocol.interim import interim_gaps
from experiments.protocol.one_by_one import one_by_one_problems
from experiments.protocol.schema import Answer, InterimLooks, Outcome, Protocol
from experiments.protocol.vocabulary import AllocationMethod, ArmRole, Design, Framework, OutcomeRole

# Needed whatever the design. The message says what to do.
_NEEDED: tuple[tuple[str, str], ...] = (
    ("title.public_title", "Enter a trial title"),
    ("title.scientific_title", "Enter a scientific title"),
    ("title.plain_summary", "Write a summary in plain words"),
    ("tactic.slug", "Choose the tactic under test"),
    ("tactic.version", "Say which version of the tactic is tested"),
    ("team.sponsor", "Name the sponsor"),
    ("team.people", "Name the people of the team"),
    ("team.independence", "Say how independent the evaluation is"),
    ("team.public_involvement", "Say how the public was involved, or why not"),
    ("funding.sources", "Name who pays"),
    ("funding.conflicts", "State conflicts of interest, or why the question does not apply"),
    ("funding.paid_by_implementer", "Say whether the implementer pays the evaluators"),
    ("problem.problem_types", "Choose the problem studied"),
    ("problem.harm_measure", "Say how harm is measured"),
    ("problem.hypotheses", "Add a hypothesis"),
    ("problem.framework", "Choose the framework, such as superiority"),
    ("problem.theory_of_change", "Say why the tactic should work"),
    ("design.design", "Choose a design"),
    ("design.unit_type", "Choose the type of unit"),
    ("design.unit_of_assignment", "Say what is assigned"),
    ("design.unit_of_analysis", "Say what is analysed"),
    ("design.unit_of_intervention", "Say what receives the tactic"),
    ("design.blinding", "Say who is blinded, or why nobody is"),
    ("allocation.method", "Choose how units are allocated"),
    ("eligibility.include", "Say which units are eligible"),
    ("sites", "Add a site"),
    ("safety.harms", "Say which harms are watched, or why none are"),
    ("safety.oversight_group", "Name the oversight group, or say why there is none"),
    ("sample_size.planned_units", "Enter the planned number of units"),
    ("sample_size.mde", "Enter the smallest effect the trial can detect"),
    ("sample_size.alpha", "Enter alpha"),
    ("sample_size.power", "Enter the power"),
    ("sample_size.method", "Say how the sample size was found"),
    ("estimand.population", "Say for whom the effect is estimated"),
    ("estimand.treatment", "Say which treatment is compared with which"),
    ("estimand.outcome", "Say on which outcome"),
    ("estimand.summary_measure", "Say which summary of the effect"),
    ("estimand.intercurrent_events", "Say how events in between are treated"),
    ("estimand.kind", "Choose the estimand"),
    ("decision.integrity_floor", "Enter the integrity floor"),
    ("decision.treatment_measure", "Say how the delivered treatment is measured"),
    ("decision.decision_rule", "Say which result leads to which decision"),
    ("decision.interim", "Choose how looks before the end are paid for, or say why there are none"),
    ("dates.first_unit.date", "Enter the date of the first unit"),
    ("dates.intervention_start.date", "Enter the date the intervention starts"),
    ("dates.intervention_end.date", "Enter the date the intervention ends"),
    ("dates.primary_completion.date", "Enter the date of primary completion"),
    ("data.outcome_data_seen", "Say whether outcome data have been seen"),
    ("data.assignment_data_seen", "Say whether assignment data have been seen"),
    ("data.sharing", "Say whether data will be shared"),
    ("ethics.decision", "Give the ethics decision"),
    ("ethics.dpia_reference", "Give the reference of the data protection impact assessment"),
    ("ethics.legal_power", "Say which legal power is used, or why none is needed"),
)

_QED_NEEDED = (
    ("qed.pre_periods_n", "Enter the number of periods before treatment"),
    ("qed.comparison_pool", "Say who the comparison is drawn from"),
    ("qed.selection_rule", "Say how comparison units are chosen"),
    ("qed.treatment_start_source", "Say where the treatment start of each unit comes from"),
    ("qed.parallel_trends_test", "Say how trends before treatment are tested"),
)

_OUTCOME_NEEDED = (
    ("id", "Give the outcome an id"),
    ("name", "Name the outcome"),
    ("outcome_domain", "Choose the outcome domain"),
    ("role", "Choose the role of the outcome"),
    ("definition", "Define the outcome"),
    ("data_source", "Say where the outcome is recorded"),
    ("recorded_by", "Say how the outcome comes to be recorded"),
    ("unit", "Say in which unit the outcome is measured"),
    ("aggregation", "Say how the outcome is added up"),
    ("timepoint", "Say when the outcome is measured"),
    ("measure", "Say which values the column holds"),
    ("direction_of_benefit", "Say whether lower or higher is better"),
    ("column", "Name the column of the data"),
    ("subject", "Say whose data it is"),
)

_COVARIATE_NEEDED = (
    ("column", "Name the column of the data"),
    ("name", "Name the baseline variable"),
    ("measure", "Say which values the column holds"),
)

_ARM_NEEDED = (
    ("id", "Give the arm a code"),
    ("label", "Name the arm"),
    ("role", "Choose the role of the arm"),
    ("must_happen", "Say what must happen in this arm"),
)

_TREATED_ARM_NEEDED = (
    ("dosage.measure", "Say how dose is measured"),
    ("dosage.planned", "Enter the planned dose"),
    ("dosage.min_acceptable", "Enter the smallest acceptable dose"),
    ("deliverer", "Say who delivers the treatment"),
    ("modification_rules", "Say when the treatment may be modified, or why it may not"),
)


def gaps(protocol: Protocol) -> list[Problem]:
    """Return each blank field that registration needs, and each part that does not fit another."""
    found = [*_missing(protocol, "", _NEEDED)]
    if protocol.funding.publication_agreement is not True:
        message = "The parties must agree that results will be published, whatever they are"
        found.append(Problem("/funding/publication_agreement", message))
    if protocol.problem.framework in (Framework.NON_INFERIORITY, Framework.EQUIVALENCE):
        found += _missing(protocol, "", (("problem.margin", "Enter the margin"),))
    found += _arms(protocol)
    found += _allocation(protocol)
    found += _outcomes(protocol)
    for place, covariate in enumerate(protocol.covariates):
        found += _missing(covariate, f"/covariates/{place}", _COVARIATE_NEEDED)
    found += _hypotheses(protocol)
    found += interim_gaps(protocol)
    if protocol.design.design and protocol.design.design.needs_comparison_over_time:
        found += _missing(protocol, "", _QED_NEEDED)
    return found


def _missing(record: Any, pointer: str, needed: tuple[tuple[str, str], ...]) -> Iterator[Problem]:
    for path, message in needed:
        value = record
        for name in path.split("."):
            value = getattr(value, name)
        if _is_missing(value):
            yield Problem(f"{pointer}/{path.replace('.', '/')}", message)


def _is_missing(value: Any) -> bool:
    if isinstance(value, Answer | InterimLooks):
        return not value.is_given
    if isinstance(value, str):
        return is_blank(value)
    return value is None or value == ()


def _arms(protocol: Protocol) -> Iterator[Problem]:
    if len(protocol.arms) < 2:
        yield Problem("/arms", "Add at least two arms")
    for place, arm in enumerate(protocol.arms):
        yield from _missing(arm, f"/arms/{place}", _ARM_NEEDED)
        if arm.role is ArmRole.TREATMENT:
            yield from _missing(arm, f"/arms/{place}", _TREATED_ARM_NEEDED)
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
        yield from _missing(protocol, "", (*needed, ("sample_size.icc", "Enter the ICC")))
    yield from _missing(protocol, "", (("allocation.concealment", "Say how the sequence is concealed"),))
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
        yield from _missing(outcome, f"/outcomes/{place}", _OUTCOME_NEEDED)
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
