"""What is measured, estimated and decided."""

from dataclasses import dataclass

from experiments.protocol import vocabulary as words
from experiments.protocol.schema.basics import SHORT, Answer, CodeRef, DocumentRef, added, free_text


@dataclass(frozen=True, slots=True)
class Outcome:
    """`column` is its name in the data; `outcome_domain` is the slug that the library rates under.

    `hub_measure` is what the data hub counts it from; blank where it comes from elsewhere.
    """

    id: str = free_text(40)
    name: str = free_text(200)
    outcome_domain: str = free_text(120)
    role: words.OutcomeRole | None = None
    family: str = free_text(60)
    definition: str = free_text()
    data_source: str = free_text(SHORT)
    hub_measure: str = added(max_length=60)
    recorded_by: words.RecordedBy | None = None
    recording_rule: str = free_text()
    unit: str = free_text(120)
    aggregation: str = free_text(SHORT)
    level: words.OutcomeLevel | None = added(None)
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
class Subgroup:
    """Groups in which the effect may differ: a baseline variable, by its column, and its levels."""

    variable: str = free_text(120)
    levels: tuple[str, ...] = ()
    hypothesis: str = free_text()
    interaction_test: str = free_text()


@dataclass(frozen=True, slots=True)
class TreatmentMeasure:
    """How the treatment that was delivered is measured, and who watches that measure."""

    method: words.DeliveryMethod | None = None
    unit: str = free_text(120)
    frequency: str = free_text(120)
    auditor: str = free_text(SHORT)
    reliability: Answer = Answer()
    viewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleSize:
    planned_units: int | None = None
    planned_clusters: int | None = None
    planned_observations: int | None = None
    icc: float | None = None
    icc_source: str = free_text(SHORT)
    icc_low: float | None = added(None)
    icc_high: float | None = added(None)
    mde: float | None = None
    alpha: float | None = None
    power: float | None = None
    method: str = free_text()
    simulation: DocumentRef = added(DocumentRef())


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
    """What the result will lead to, said before there is one. The floor is a share of the dose, 0 to 1.

    `treatment_measure`: as it was asked first, in words only.
    """

    integrity_floor: float | None = None
    treatment_measure: str = free_text()
    attrition_boundary: words.AttritionBoundary | None = added(None)
    decision_rule: str = free_text()
    interim: InterimLooks = InterimLooks()


@dataclass(frozen=True, slots=True)
class AnalysisDocuments:
    """What stands beside the plan that runs: a longer statistical analysis plan, and code."""

    sap: DocumentRef = DocumentRef()
    code: CodeRef = CodeRef()
