"""A protocol as typed data. A draft may leave anything blank; `problems` says what registration needs."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.protocol import vocabulary as words
from experiments.protocol.batch import BalancePlan, CrossedFactor, CrossoverPlan, ExternalList, WedgePlan

SCHEMA_VERSION = 1
LONG, SHORT = 20_000, 300


def free_text(max_length: int = LONG, label: str = "") -> Any:
    return field(default="", metadata={"max_length": max_length, "label": label})


@dataclass(frozen=True, slots=True)
class Answer:
    """A field that must be filled, or be "not applicable because …"."""

    text: str = free_text()
    not_applicable_because: str = free_text()

    @property
    def is_given(self) -> bool:
        return bool(self.text.strip() or self.not_applicable_because.strip())


@dataclass(frozen=True, slots=True)
class Day:
    """A date that says whether it has happened."""

    date: dt.date | None = None
    type: words.DateType = words.DateType.ESTIMATED


@dataclass(frozen=True, slots=True)
class Title:
    public_title: str = free_text(150, "Title")
    scientific_title: str = free_text(300)
    acronym: str = free_text(40)
    plain_summary: str = free_text(2_500)


@dataclass(frozen=True, slots=True)
class TacticUnderTest:
    """The library tactic that is tested, at the version of its description that was read."""

    slug: str = free_text(120)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    name: str = free_text(200)
    organisation: str = free_text(200)
    role: words.PersonRole | None = None
    orcid: str = free_text(40)


@dataclass(frozen=True, slots=True)
class SecondaryId:
    issuer: str = free_text(60)
    value: str = free_text(120)


@dataclass(frozen=True, slots=True)
class Team:
    sponsor: str = free_text(SHORT)
    senior_sponsor: str = free_text(SHORT)
    people: tuple[Person, ...] = ()
    independence: words.Independence | None = None
    public_involvement: Answer = Answer()
    secondary_ids: tuple[SecondaryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Funding:
    sources: tuple[str, ...] = ()
    conflicts: Answer = Answer()
    paid_by_implementer: bool | None = None
    publication_agreement: bool | None = None
    publication_terms: str = free_text()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A (treatment) causes (less, more) (outcome) than a (comparator): arms and outcomes by id."""

    treatment: str = free_text(60)
    direction: words.Expected | None = None
    outcome: str = free_text(60)
    comparator: str = free_text(60)


@dataclass(frozen=True, slots=True)
class ProblemStudied:
    problem_types: tuple[str, ...] = ()
    harm_measure: words.HarmMeasure | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    framework: words.Framework | None = None
    margin: float | None = None
    theory_of_change: str = free_text()
    prior_evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DesignOfTrial:
    design: words.Design | None = None
    unit_type: words.UnitType | None = None
    unit_of_assignment: str = free_text(SHORT)
    unit_of_analysis: str = free_text(SHORT)
    unit_of_intervention: str = free_text(SHORT)
    timing: words.Timing | None = None
    blinding: Answer = Answer()
    contamination_plan: str = free_text()
    buffer_metres: float | None = None
    concurrent_operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dosage:
    measure: str = free_text(SHORT)
    planned: float | None = None
    min_acceptable: float | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """`id` is the code that stands for the arm in the allocation, the plan and the data."""

    id: str = free_text(40)
    label: str = free_text(120)
    role: words.ArmRole | None = None
    must_happen: tuple[str, ...] = ()
    must_not_happen: tuple[str, ...] = ()
    dosage: Dosage = Dosage()
    deliverer: str = free_text(SHORT)
    training: str = free_text()
    modification_rules: Answer = Answer()


@dataclass(frozen=True, slots=True)
class ArmShare:
    arm: str = free_text(40)
    share: int | None = None


@dataclass(frozen=True, slots=True)
class AllocationFactor:
    """What cases that come one by one are balanced on, with the levels that a case may have."""

    name: str = free_text(60)
    levels: tuple[str, ...] = ()
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class AllocationPlan:
    method: words.AllocationMethod | None = None
    ratio: tuple[ArmShare, ...] = ()
    strata: tuple[str, ...] = ()
    factors: tuple[AllocationFactor, ...] = ()
    block_sizes: tuple[int, ...] = ()
    imbalance: words.Imbalance | None = None
    coin_probability: float | None = None
    balance: BalancePlan = field(default=BalancePlan())
    wedge: WedgePlan = field(default=WedgePlan())
    crossover: CrossoverPlan = field(default=CrossoverPlan())
    crossed_factors: tuple[CrossedFactor, ...] = ()
    external: ExternalList = field(default=ExternalList())
    waiting_until: dt.date | None = None
    seed_policy: words.SeedPolicy | None = None
    clusters_n: int | None = None
    cluster_size: float | None = None
    concealment: str = free_text()
    who_enrols: str = free_text(SHORT)


@dataclass(frozen=True, slots=True)
class Eligibility:
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pipeline: str = free_text()


@dataclass(frozen=True, slots=True)
class SitePlan:
    force: str = free_text(120)
    area: str = free_text(SHORT)
    country: str = free_text(60)
    start: Day = Day()
    end: Day = Day()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`column` is its name in the data; `outcome_domain` is the slug that the library rates under."""

    id: str = free_text(40)
    name: str = free_text(200)
    outcome_domain: str = free_text(120)
    role: words.OutcomeRole | None = None
    family: str = free_text(60)
    definition: str = free_text()
    data_source: str = free_text(SHORT)
    recorded_by: words.RecordedBy | None = None
    recording_rule: str = free_text()
    unit: str = free_text(120)
    aggregation: str = free_text(SHORT)
    timepoint: str = free_text(SHORT)
    measure: words.Measure | None = None
    direction_of_benefit: words.Direction | None = None
    min_worthwhile_effect: float | None = None
    is_proxy: bool = False
    validity_note: str = free_text()
    column: str = free_text(120)
    subject: words.Subject | None = None


@dataclass(frozen=True, slots=True)
class Covariate:
    """A baseline variable that the plan may adjust for, and its column in the data."""

    column: str = free_text(120)
    name: str = free_text(200)
    measure: words.CovariateMeasure | None = None
    is_before_treatment: bool = True


@dataclass(frozen=True, slots=True)
class Guardrail:
    outcome: str = free_text(60)
    threshold: str = free_text(SHORT)
    action: words.GuardrailAction | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    harms: Answer = Answer()
    guardrails: tuple[Guardrail, ...] = ()
    oversight_group: Answer = Answer()


@dataclass(frozen=True, slots=True)
class SampleSize:
    planned_units: int | None = None
    planned_clusters: int | None = None
    planned_observations: int | None = None
    icc: float | None = None
    icc_source: str = free_text(SHORT)
    mde: float | None = None
    alpha: float | None = None
    power: float | None = None
    method: str = free_text()


@dataclass(frozen=True, slots=True)
class EstimandStatement:
    population: str = free_text()
    treatment: str = free_text()
    outcome: str = free_text()
    summary_measure: str = free_text()
    intercurrent_events: str = free_text()
    kind: words.Estimand | None = None


@dataclass(frozen=True, slots=True)
class InterimLooks:
    """Looks at outcomes by arm before the end, as shares of the planned information. `text`: as it was once asked."""

    method: words.InterimMethod | None = None
    looks: tuple[float, ...] = ()
    spending: words.Spending | None = None
    stop_rule: str = free_text()
    not_applicable_because: str = free_text()
    text: str = free_text()

    @property
    def is_given(self) -> bool:
        return self.method is not None or bool(self.not_applicable_because.strip() or self.text.strip())


@dataclass(frozen=True, slots=True)
class Decision:
    """What the result will lead to, said before there is one. The floor is a share of the dose, 0 to 1."""

    integrity_floor: float | None = None
    treatment_measure: str = free_text()
    decision_rule: str = free_text()
    interim: InterimLooks = InterimLooks()


@dataclass(frozen=True, slots=True)
class QuasiExperiment:
    pre_periods_n: int | None = None
    comparison_pool: str = free_text()
    selection_rule: str = free_text()
    treatment_start_source: str = free_text()
    anticipation_periods: int = 0
    parallel_trends_test: str = free_text()
    placebo_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    first_unit: Day = Day()
    intervention_start: Day = Day()
    intervention_end: Day = Day()
    follow_up_end: Day = Day()
    primary_completion: Day = Day()
    data_lock: Day = Day()


@dataclass(frozen=True, slots=True)
class DataUse:
    outcome_data_seen: words.DataSeen | None = None
    assignment_data_seen: words.DataSeen | None = None
    sharing: words.Sharing | None = None
    sharing_statement: str = free_text()
    embargo_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Ethics:
    body: str = free_text(SHORT)
    reference: str = free_text(120)
    decided_on: dt.date | None = None
    decision: words.EthicsDecision | None = None
    dpia_reference: str = free_text(120)
    equality_impact_reference: str = free_text(120)
    legal_power: Answer = Answer()


@dataclass(frozen=True, slots=True)
class Protocol:
    schema_version: int = SCHEMA_VERSION
    title: Title = Title()
    tactic: TacticUnderTest = TacticUnderTest()
    team: Team = Team()
    funding: Funding = Funding()
    problem: ProblemStudied = ProblemStudied()
    design: DesignOfTrial = DesignOfTrial()
    arms: tuple[Arm, ...] = ()
    allocation: AllocationPlan = AllocationPlan()
    eligibility: Eligibility = Eligibility()
    sites: tuple[SitePlan, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    safety: Safety = Safety()
    sample_size: SampleSize = SampleSize()
    estimand: EstimandStatement = EstimandStatement()
    analysis_plan: Mapping[str, Any] = field(default_factory=dict)
    decision: Decision = Decision()
    qed: QuasiExperiment = QuasiExperiment()
    dates: Dates = Dates()
    data: DataUse = DataUse()
    ethics: Ethics = Ethics()

    def outcome(self, outcome_id: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.id == outcome_id), None)

    def outcome_of_column(self, column: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.column == column), None)

    @property
    def shares(self) -> dict[str, int]:
        """Arm code to its share of the draw."""
        return {part.arm: part.share for part in self.allocation.ratio if part.share}


SECTIONS: dict[str, str] = {
    "title": "Title and summary",
    "tactic": "The tactic under test",
    "team": "The team",
    "funding": "Funding, conflicts and publication",
    "problem": "The problem and hypotheses",
    "design": "Design and units",
    "arms": "Arms",
    "allocation": "Allocation",
    "qed": "Comparison over time",
    "eligibility": "Who or what is eligible",
    "sites": "Sites",
    "outcomes": "Outcomes",
    "covariates": "Baseline variables",
    "safety": "Harms and guardrails",
    "sample_size": "Sample size",
    "estimand": "What is estimated",
    "analysis_plan": "Analysis plan",
    "decision": "Integrity floor and decision rule",
    "dates": "Dates",
    "data": "Data seen and data sharing",
    "ethics": "Ethics and data protection",
}
