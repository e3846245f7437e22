"""The whole protocol, and the names of its sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.protocol.schema.about import Funding, ProblemStudied, TacticUnderTest, Team, Title
from experiments.protocol.schema.allocation import AllocationPlan
from experiments.protocol.schema.basics import added
from experiments.protocol.schema.conduct import DataUse, Dates, Ethics, Safety
from experiments.protocol.schema.design import Arm, DesignOfTrial, Eligibility, QuasiExperiment, SitePlan
from experiments.protocol.schema.measures import (
    AnalysisDocuments,
    Covariate,
    Decision,
    EstimandStatement,
    Outcome,
    SampleSize,
    Subgroup,
    TreatmentMeasure,
)

SCHEMA_VERSION = 2


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
    subgroups: tuple[Subgroup, ...] = added(())
    safety: Safety = Safety()
    sample_size: SampleSize = SampleSize()
    estimand: EstimandStatement = EstimandStatement()
    analysis_plan: Mapping[str, Any] = field(default_factory=dict)
    analysis_documents: AnalysisDocuments = added(AnalysisDocuments())
    treatment_measure: TreatmentMeasure = added(TreatmentMeasure())
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
    "subgroups": "Subgroups",
    "safety": "Harms and guardrails",
    "sample_size": "Sample size",
    "estimand": "What is estimated",
    "analysis_plan": "Analysis plan",
    "analysis_documents": "Documents beside the plan",
    "treatment_measure": "How delivery is measured",
    "decision": "Integrity floor and decision rule",
    "dates": "Dates",
    "data": "Data seen and data sharing",
    "ethics": "Ethics and data protection",
}
