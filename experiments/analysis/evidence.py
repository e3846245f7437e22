"""From a published analysis to what the rules need to know: facts about one trial and one outcome, and its estimate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, cast, overload

from experiments import disclosure, randomise
from experiments.analysis.observed import Observed
from experiments.analysis.threats import Measured, threats
from experiments.models import Allocation, AllocationSeed, Override, Release, Trial
from experiments.protocol import Design, Protocol
from experiments.protocol.schema import Outcome
from experiments.protocol.vocabulary import AttritionBoundary, Concealment
from experiments.randomise import trickle
from experiments.stats import plan as plans
from experiments.stats.looks import UNADJUSTED
from experiments.stats.options import PLAIN_TWO_WAY
from tactics.actions.findings import StudyResult
from tactics.models import rules_in_use
from tactics.rating import Design as RatedDesign
from tactics.rating import Metric, TrialEvidence

Row = Mapping[str, Any]  # one estimate of a release's document

_METRICS: dict[str, Metric] = {
    "difference": "difference",
    "log_rate_ratio": "log_rate_ratio",
    "log_odds_ratio": "log_odds_ratio",
    "standardised": "smd",
}
# One estimate for each outcome domain: the first role here that has one.
_ROLES = ("primary", "secondary", "harm")
_DESIGNS = {
    Design.RDD: RatedDesign.DISCONTINUITY,
    Design.SYNTHETIC_CONTROL: RatedDesign.SYNTHETIC,
    Design.ITS: RatedDesign.DIFFERENCE,
    Design.MATCHED_COMPARISON: RatedDesign.ADJUSTED,
    Design.PILOT_FEASIBILITY: RatedDesign.NO_COMPARISON,
}
# Covariances that know nothing of clusters, but where the estimator itself does.
_UNCLUSTERED = ("classical", "HC1", "HC2", "HC3")
_CLUSTERED = ("cluster_means", "mixed", "stepped_wedge")


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """What a release says about one outcome domain."""

    outcome_domain: str
    evidence: TrialEvidence
    result: StudyResult


def findings(release: Release) -> list[FindingFacts]:
    """Return one finding for each outcome domain that the registered analysis estimated, in the numbers released.

    What is rated is what everybody can download. A post hoc analysis gives none: it is published, and not rated.
    """
    analysis = release.analysis
    if not analysis.is_registered:
        return []
    read = analysis.registration.frozen_protocol
    plan = plans.parse(dict(analysis.plan))
    observed = Observed(analysis, plan)
    chosen: dict[str, tuple[Outcome, Row]] = {}
    for role in _ROLES:
        for row in release.estimates.values():
            outcome = read.outcome_of_column(row["outcome"])
            usable = row["role"] == role and row["status"] == "ok" and row["std_error"] is not None
            usable = usable and None not in _numbers(
                row
            )  # an interval that is open on one side is no finding
            if usable and outcome is not None and outcome.outcome_domain:
                chosen.setdefault(outcome.outcome_domain, (outcome, row))
    return [
        FindingFacts(
            domain,
            _evidence(release, read, outcome, row, observed),
            _result(release, read, outcome, row, observed),
        )
        for domain, (outcome, row) in chosen.items()
    ]


def _evidence(
    release: Release, read: Protocol, outcome: Outcome, row: Row, observed: Observed
) -> TrialEvidence:
    trial, allocation, checks = release.trial, release.trial.allocation, _checks(release)
    design = read.design.design or Design.PILOT_FEASIBILITY
    losses = observed.losses(row["outcome"], allocation) if allocation else None
    treated, control = observed.clusters_by_arm()
    is_did = design.is_difference_in_differences
    is_optimistic = read.decision.attrition_boundary is AttritionBoundary.OPTIMISTIC
    control_code = observed.plan.arms.control if observed.plan.arms else None
    apart = observed.baseline_difference(row["outcome"]) if is_did else worst_balance(checks)
    return TrialEvidence(
        design=_design(design),
        metric=_METRICS[row["scale"]],
        std_error=row["std_error"],
        outcome_sd=_shown(observed.spread(row["outcome"], control_code))
        if row["scale"] == "difference"
        else None,
        planned_mdes=read.sample_size.mde,
        concealed=concealed(read, allocation) if design.is_randomised else None,
        attrition_units=_shown(losses.units) if losses else 0.0,
        attrition_clusters=_shown(losses.clusters) if losses else 0.0,
        attrition_differential=_shown(losses.differential) if losses else 0.0,
        attrition_boundary="optimistic" if is_optimistic else "cautious",
        baseline_smd=None if apart == inf else _shown(apart),
        baseline_beyond_spread=apart == inf,
        baseline_adjusted=is_did or bool(_covariates(observed.plan, row)),
        treated_clusters=treated,
        control_clusters=control,
        pre_trend_p=(checks.get("pre_trends") or {}).get("p_value") if is_did else None,
        pre_coefficient_share=_pre_share(row) if is_did else None,
        pre_periods=observed.pre_periods() if is_did else None,
        plain_two_way_on_staggered=design is Design.DID_STAGGERED and row["estimator"] in PLAIN_TWO_WAY,
        clustering_ignored=ignores_clusters(design, row, observed.plan),
        allocation_verified=bool(allocation and verifies(allocation)),
        overrides=_overridden(allocation) if allocation else 0.0,
        threats=threats(trial, read, outcome, _measured(release, row, observed), rules_in_use()),
    )


def _checks(release: Release) -> dict[str, Any]:
    checks: dict[str, Any] = release.document.get("checks", {})
    return checks


def _measured(release: Release, row: Row, observed: Observed) -> Measured:
    """Return what the threats to one estimate are judged by, in the numbers released."""
    specs = {spec.id: spec for spec in observed.plan.estimates}
    return Measured(
        spec=specs[row["id"]],
        numbers=_numbers(row),
        specs=specs,
        estimates=release.estimates,
        checks=_checks(release),
        missing_share=observed.missing_share(row["outcome"]),
        control_mean=observed.control_mean,
        delivered=release.analysis.delivery,
    )


def concealed(read: Protocol, allocation: Allocation | None) -> bool | None:
    """Return whether nobody could know the draw beforehand; None where it was made elsewhere and nobody can tell."""
    if allocation is not None and allocation.is_concealed:
        return True
    return False if read.allocation.concealment_level is Concealment.OPEN else None


def verifies(allocation: Allocation) -> bool:
    """Return whether a replay of the draw from its seed gives the very assignments that are kept."""
    if not allocation.is_drawn or allocation.record is None or not allocation.has_seed:
        return False
    seed = AllocationSeed.objects.get(allocation=allocation).seed
    if allocation.is_one_by_one:
        return _log_verifies(allocation, seed)
    replayed = randomise.draw([unit.as_drawn() for unit in allocation.units.all()], allocation.scheme, seed)
    kept = dict(allocation.assignments.values_list("unit", "arm"))
    same = ("allocation_sha256", "seed_commitment")
    return (
        dict(replayed.assignments) == kept
        and all(replayed.record[name] == allocation.record[name] for name in same)
        and _keeps_its_promise(allocation, seed)
    )


def _keeps_its_promise(allocation: Allocation, seed: str) -> bool:
    """Return whether the seed is the one committed to, or ends in what the named round of the beacon gave."""
    if allocation.by_beacon:
        value = allocation.beacon_value
        return value.round == allocation.beacon_round and seed.endswith(f"|{value.randomness}")
    return bool(randomise.commitment(seed) == allocation.commitment)


def _log_verifies(allocation: Allocation, seed: str) -> bool:
    """Return whether a replay of the log gives the arms that are kept, and the log binds who, what and when."""
    cases = list(allocation.enrolments.for_list().order_by("position"))
    kept = [(case.assignment, case) for case in cases]
    entries = [trickle.Entry(row.record, row.previous_hash, row.hash) for row, _ in kept]
    return (
        randomise.commitment(seed) == allocation.commitment
        and allocation.trickle_scheme.sha256 == allocation.unit_list_sha256
        and allocation.assignments.count() == len(cases)
        and all(row.record["facts_sha256"] == case.facts_sha256 for row, case in kept)
        and all((row.record["arm"], row.record["levels"]) == (row.arm, case.levels) for row, case in kept)
        and not trickle.broken(allocation.trickle_scheme, seed, entries)
    )


def _overridden(allocation: Allocation) -> float:
    """Return the share of units whose newest override says that they got something else than their arm."""
    newest: dict[int, bool] = {}
    for row in Override.objects.filter(assignment__allocation=allocation).order_by("at", "pk"):
        newest[row.assignment_id] = row.delivered != row.assigned
    units = allocation.assignments.count()
    return _shown(sum(newest.values()) / units) if units else 0.0


def _result(release: Release, read: Protocol, outcome: Outcome, row: Row, observed: Observed) -> StudyResult:
    trial = release.trial
    role = cast(Literal["primary", "secondary", "harm"], row["role"])
    estimate, low, high = _numbers(row)
    return StudyResult(
        study_label=trial.title,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        trial_number=trial.number or "",
        release_id=str(release.public_id),
        role=role,
        benefit=outcome.direction_of_benefit.value if outcome.direction_of_benefit else None,  # type: ignore[arg-type]
        forces=_forces(trial),
        evaluator=read.team.sponsor,
        country=_country(trial, read),
        completed_on=read.dates.primary_completion.date,
        n_units=row["n_units"],
        n_events=_events(observed.total(row["outcome"])) if outcome.measure == "count" else None,
        is_proxy=outcome.is_proxy,
        is_simulated=trial.is_simulated,
        below_integrity_floor=bool((release.analysis.delivery or {}).get("is_below_floor")),
        conflicted_user_ids=tuple(conflicted(release)),
    )


def _numbers(row: Row) -> tuple[Any, Any, Any]:
    """Return the estimate and its interval as a synthesis takes them.

    Where a trial was looked at before its end these are the unadjusted ones, which go with the standard error: over
    trials that stop early and trials that do not they are right together, where adjusted ones lean towards nought.
    """
    beside = (term for term in row["terms"] if term["term"] == UNADJUSTED)
    taken = next(beside, row)
    return taken["estimate"], taken["conf_low"], taken["conf_high"]


def conflicted(release: Release) -> list[int]:
    """Return who worked on the trial or its analysis, and so may not sign a rating that rests on it."""
    trial, allocation = release.trial, release.trial.allocation
    people = {trial.created_by_id, trial.submitted_by_id, release.prepared_by_id}
    people |= set(trial.team_members.values_list("user_id", flat=True))
    people |= set(trial.analyses.values_list("requested_by_id", flat=True))
    if allocation is not None:
        people |= {allocation.committed_by_id, allocation.drawn_by_id}
        people |= set(allocation.enrolments.values_list("confirmed_by_id", flat=True))
    return sorted(person for person in people if person is not None)


@overload
def _shown(value: float) -> float: ...
@overload
def _shown(value: None) -> None: ...
def _shown(value: float | None) -> float | None:
    """Round a measured fact as the release rounds: it stands in the public trace of the rating."""
    return None if value is None else disclosure.round_significant(value)


def _events(count: int | None) -> int | None:
    return None if count is None else disclosure.round_count(count)


def _design(design: Design) -> RatedDesign:
    if design.is_randomised:
        return RatedDesign.RANDOMISED
    return _DESIGNS.get(design, RatedDesign.DIFFERENCE)


def _covariates(plan: plans.Plan, row: Row) -> tuple[str, ...]:
    return next((spec.covariates for spec in plan.estimates if spec.id == row["id"]), ())


def ignores_clusters(design: Design, row: Row, plan: plans.Plan) -> bool:
    """Return whether groups were drawn and the error is that of rows drawn one by one."""
    is_clustered = plan.columns.cluster is not None or design.is_difference_in_differences
    return is_clustered and row["estimator"] not in _CLUSTERED and row["covariance"] in _UNCLUSTERED


def worst_balance(checks: dict[str, Any]) -> float | None:
    """Return the largest difference; infinite where a covariate is constant within each arm and differs between."""
    rows = (checks.get("balance") or {}).get("rows", [])
    sizes = (row["standardised_difference"] for row in rows)
    return max((inf if size is None else abs(size) for size in sizes), default=None)


def _pre_share(row: Row) -> float | None:
    """Return the largest coefficient before treatment as a share of the effect."""
    before = [
        abs(term["estimate"])
        for term in row["terms"]
        if re.fullmatch(r"event_time=-\d+(\.0)?", term["term"]) and term["estimate"] is not None
    ]
    return max(before) / abs(row["estimate"]) if before and row["estimate"] else None


def _forces(trial: Trial) -> tuple[str, ...]:
    names = {site.force.name for site in trial.sites.select_related("force")}
    return tuple(sorted(names | ({trial.lead_force.name} if trial.lead_force else set())))


def _country(trial: Trial, read: Protocol) -> str:
    named = sorted({site.country for site in read.sites if site.country})
    return ", ".join(named) if named else "England and Wales"
