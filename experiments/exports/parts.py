"""Answers that several targets ask for, each as the fields that hold it."""

from collections.abc import Callable
from typing import Any

from experiments.exports import facts
from experiments.exports.crosswalk import Fact, Field, Part, Rows
from experiments.protocol.vocabulary import ArmRole, OutcomeRole, PersonRole

Parts = tuple[Part, ...]


def _with_role(*roles: OutcomeRole | ArmRole | PersonRole) -> Callable[[Any], bool]:
    return lambda row: row.role in roles


_MEASURED = (
    Field("name"),
    Field("definition"),
    Field("data_source", "source"),
    Field("hub_measure", "counted by the data hub as"),
    Field("unit", "unit"),
    Field("aggregation", "added up"),
    Field("timepoint", "when"),
    Field("direction_of_benefit", "benefit"),
)
PRIMARY: Parts = (Rows("outcomes", _MEASURED, _with_role(OutcomeRole.PRIMARY)),)
OTHERS: Parts = (
    Rows(
        "outcomes", (Field("role"), *_MEASURED), lambda row: row.role and row.role is not OutcomeRole.PRIMARY
    ),
)
OUTCOMES: Parts = (*PRIMARY, *OTHERS)
HYPOTHESES: Parts = (Fact(facts.arm_words, pointers=("/problem/hypotheses/0",)),)
PRIOR: Parts = (
    Field("problem.theory_of_change", "Why it should work"),
    Field("problem.prior_evidence", "Known already"),
    Field("problem.follows_trials", "Follows the trials"),
)
SITES: Parts = (
    Rows(
        "sites", (Field("force"), Field("area"), Field("country"), Field("start", "from"), Field("end", "to"))
    ),
)
COUNTRIES: Parts = (Fact(facts.countries, pointers=("/sites/0",)),)
PROBLEM: Parts = (
    Field("problem.problem_types", "Problem studied"),
    Field("problem.harm_measure", "Harm measured as"),
)
STUDY_TYPE: Parts = (Fact(facts.kind_of_study, pointers=("/design/design",)),)
UNITS: Parts = (
    Field("design.unit_type", "Type of unit"),
    Field("design.unit_of_assignment", "Assigned"),
    Field("design.unit_of_analysis", "Analysed"),
    Field("design.unit_of_intervention", "Receives the tactic"),
)
_ARM = (
    Field("label"),
    Field("role", "role"),
    Field("must_happen", "must happen"),
    Field("must_not_happen", "must not happen"),
    Field("dosage.measure", "dose"),
    Field("dosage.planned", "planned dose"),
    Field("dosage.min_acceptable", "smallest acceptable dose"),
    Field("deliverer", "delivered by"),
    Field("training", "training"),
)
ARMS: Parts = (Rows("arms", _ARM),)
TREATED: Parts = (Rows("arms", _ARM, _with_role(ArmRole.TREATMENT)),)
COMPARED: Parts = (
    Rows(
        "arms",
        _ARM,
        _with_role(ArmRole.ACTIVE_COMPARATOR, ArmRole.BUSINESS_AS_USUAL, ArmRole.WAITLIST),
    ),
)
MODIFIED: Parts = (Rows("arms", (Field("label"), Field("modification_rules", "may be modified"))),)
ELIGIBLE: Parts = (Field("eligibility.include", "Included"), Field("eligibility.exclude", "Excluded"))
PIPELINE: Parts = (
    Field("eligibility.intake.source", "Source"),
    Field("eligibility.intake.screener", "Screened by"),
    Field("eligibility.intake.registrar", "Entered by"),
    Field("eligibility.intake.dry_run_expected", "Rehearsal: cases expected"),
    Field("eligibility.intake.dry_run_processed", "Rehearsal: cases taken through"),
    Field("eligibility.pipeline"),
)
SEQUENCE: Parts = (
    Field("allocation.method", "Method"),
    Rows("allocation.ratio", (Field("arm", "Arm"), Field("share", "share"))),
    Field("allocation.strata", "Strata"),
    Field("allocation.block_sizes", "Block sizes"),
    Field("allocation.seed_policy", "Seed"),
)
CONCEALMENT: Parts = (
    Field("allocation.concealment_level", "Concealment"),
    Field("allocation.concealment", "How"),
)
WHO_ASSIGNS: Parts = (
    Field("allocation.who_enrols", "Enrols units"),
    Field("allocation.who_assigns", "Assigns arms"),
    Field("allocation.custodian", "Keeps the allocation"),
)
BLINDED: Parts = (
    Field("design.blinded.recipient.is_blinded", "Recipients blinded"),
    Field("design.blinded.deliverer.is_blinded", "Deliverers blinded"),
    Field("design.blinded.outcome_assessor.is_blinded", "Those who measure outcomes blinded"),
    Field("design.blinded.analyst.is_blinded", "Analyst blinded"),
    Field("design.blinded.data_manager.is_blinded", "Data manager blinded"),
    Field("design.blinding"),
)
BLINDED_HOW: Parts = (
    Field("design.blinded.recipient.how", "Recipients"),
    Field("design.blinded.deliverer.how", "Deliverers"),
    Field("design.blinded.outcome_assessor.how", "Those who measure outcomes"),
    Field("design.blinded.analyst.how", "Analyst"),
    Field("design.blinded.data_manager.how", "Data manager"),
)
UNBLINDING: Parts = (Field("design.unblinding_procedure"),)
COMPARISON: Parts = (
    Field("qed.comparison_pool", "Compared with"),
    Field("qed.comparison_units", "Untreated units"),
    Field("qed.selection_rule", "Chosen by"),
    Field("qed.pre_periods_n", "Periods before"),
    Field("qed.post_periods_n", "Periods after"),
    Field("qed.parallel_trends_test", "Trends before"),
    Rows("qed.placebos", (Field("kind", "Placebo"), Field("description"))),
)
SIZE: Parts = (
    Field("sample_size.planned_units", "Planned units"),
    Field("sample_size.planned_clusters", "Planned clusters"),
    Field("sample_size.planned_observations", "Planned observations"),
)
POWER: Parts = (
    *SIZE,
    Field("sample_size.mde", "Smallest effect it can detect"),
    Field("sample_size.alpha", "Alpha"),
    Field("sample_size.power", "Power"),
    Field("sample_size.icc", "ICC"),
    Field("sample_size.icc_source", "ICC from"),
    Field("sample_size.method", "How found"),
)
ESTIMATES: Parts = (
    Rows(
        "analysis_plan.estimates",
        (
            Field("id", "Estimate"),
            Field("role", "role"),
            Field("outcome", "column"),
            Field("estimand", "estimand"),
            Field("estimator", "estimator"),
            Field("covariance", "covariance"),
            Field("covariates", "adjusted for"),
        ),
    ),
)
ESTIMAND: Parts = (
    Field("estimand.kind", "Estimand"),
    Field("estimand.population", "Population"),
    Field("estimand.treatment", "Treatment"),
    Field("estimand.outcome", "Outcome"),
    Field("estimand.summary_measure", "Summary"),
    Field("estimand.intercurrent_events", "Events in between"),
)
MULTIPLICITY: Parts = (
    Field("analysis_plan.multiplicity", "Several tests"),
    Field("analysis_plan.alpha", "Alpha"),
)
MORE_ANALYSES: Parts = (
    Rows(
        "subgroups",
        (
            Field("variable", "Subgroups by"),
            Field("levels", "groups"),
            Field("hypothesis", "expected"),
            Field("interaction_test", "test"),
        ),
    ),
    Field("analysis_plan.checks", "Checks"),
)
SAP: Parts = (
    Field("analysis_documents.sap", "Statistical analysis plan"),
    Field("analysis_documents.code", "Code"),
)
INTERIM: Parts = (Field("decision.interim"),)
OVERSIGHT: Parts = (Field("safety.oversight_group"),)
HARMS: Parts = (
    Field("safety.harms"),
    Rows(
        "safety.guardrails",
        (Field("outcome", "Guardrail"), Field("threshold", "threshold"), Field("action", "then")),
    ),
)
DELIVERY: Parts = (
    Field("treatment_measure.method", "Delivery measured by"),
    Field("treatment_measure.unit", "Unit"),
    Field("treatment_measure.frequency", "How often"),
    Field("treatment_measure.auditor", "Checked by"),
    Field("treatment_measure.reliability", "Reliability"),
    Field("treatment_measure.viewers", "Seen by"),
)
FLOOR: Parts = (
    Field("decision.integrity_floor", "Share of the dose below which the trial is no test of the tactic"),
)
FUNDING: Parts = (Field("funding.sources"),)
CONFLICTS: Parts = (
    Field("funding.conflicts"),
    Field("funding.paid_by_implementer", "Evaluators are paid by the implementer"),
    Field("team.independence", "Independence"),
)
PUBLICATION: Parts = (
    Field("funding.publication_agreement", "The parties agreed that results are published whatever they are"),
    Field("funding.publication_terms", "Terms"),
    Field("data.dissemination", "Dissemination"),
)
_PERSON = (Field("name"), Field("role"), Field("organisation"), Field("orcid", "ORCID"))
PEOPLE: Parts = (Rows("team.people", _PERSON),)
INVESTIGATORS: Parts = (
    Rows("team.people", _PERSON, _with_role(PersonRole.PRINCIPAL_INVESTIGATOR, PersonRole.CO_INVESTIGATOR)),
)
SPONSORS: Parts = (Field("team.sponsor"),)
OTHER_IDS: Parts = (Rows("team.secondary_ids", (Field("issuer"), Field("name"), Field("value"))),)
INVOLVED: Parts = (Field("team.public_involvement"),)
ETHICS: Parts = (
    Field("ethics.decision", "Decision"),
    Field("ethics.body", "Body"),
    Field("ethics.reference", "Reference"),
    Field("ethics.decided_on", "Decided on"),
    Field("ethics.dpia_reference", "Data protection impact assessment"),
    Field("ethics.equality_impact_reference", "Equality impact assessment"),
    Field("ethics.legal_power", "Legal power"),
)
SHARING: Parts = (
    Field("data.sharing", "Data shared"),
    Field("data.shared_items", "What"),
    Field("data.shared_when", "When"),
    Field("data.access", "Access"),
    Field("data.url", "Where"),
    Field("data.licence", "Licence"),
    Field("data.sharing_statement"),
)
SEEN: Parts = (
    Fact(facts.data_categories, pointers=("/data/outcome_data_seen", "/data/assignment_data_seen")),
    Field("qed.data_already_seen", "Data from after the start"),
    Field("data.baseline_extract", "Extract that units were chosen from"),
)
TIMES: Parts = (
    Field("dates.first_unit", "First unit"),
    Field("dates.intervention_start", "Intervention starts"),
    Field("dates.intervention_end", "Intervention ends"),
    Field("dates.follow_up_end", "Follow-up ends"),
    Field("dates.primary_completion", "Primary completion"),
    Field("dates.data_lock", "Data lock"),
)
APART: Parts = (
    Field("design.contamination_plan", "Arms kept apart"),
    Field("design.buffer_metres", "Buffer in metres"),
    Field("design.concurrent_operations", "Other operations"),
    Field("design.concurrent_trials", "Other trials"),
)
NUMBER: Parts = (Fact(facts.number),)
RESULTS: Parts = (Fact(facts.results),)
AMENDED: Parts = (Fact(facts.amendments),)
HARMED: Parts = (Fact(facts.harms),)
DEVIATED: Parts = (Fact(facts.deviations, "Deviations"),)
DUE: Parts = (
    Fact(facts.due, "Results are due", ("/dates/report_due",)),
    Fact(facts.final_due, "The final report is due", ("/dates/final_report_due",)),
)
REGISTERED: Parts = (Fact(facts.registered_on), Fact(facts.prospective, "Registration was"))
