"""Which fields registration needs, each with the message that says what to do."""

from collections.abc import Iterator
from typing import Any

from centre.errors import Problem
from centre.text import is_blank
from experiments.protocol.schema import Answer, CodeRef, DocumentRef, InterimLooks

Needed = tuple[tuple[str, str], ...]

# Needed whatever the design. The message says what to do.
NEEDED: Needed = (
    ("title.public_title", "Enter a trial title"),
    ("title.scientific_title", "Enter a scientific title"),
    ("title.plain_summary", "Write a summary in plain words"),
    ("tactic.slug", "Choose the tactic under test"),
    ("tactic.version", "Say which version of the tactic is tested"),
    ("team.sponsor", "Name the sponsor"),
    ("team.senior_sponsor", "Name the senior sponsor in the force"),
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
    ("problem.prior_evidence", "Say what is known already, or that nothing was found"),
    ("design.design", "Choose a design"),
    ("design.unit_type", "Choose the type of unit"),
    ("design.unit_of_assignment", "Say what is assigned"),
    ("design.unit_of_analysis", "Say what is analysed"),
    ("design.unit_of_intervention", "Say what receives the tactic"),
    ("design.timing", "Say when units come in"),
    ("design.blinded.recipient.is_blinded", "Say whether recipients are blinded"),
    ("design.blinded.deliverer.is_blinded", "Say whether those who deliver are blinded"),
    ("design.blinded.outcome_assessor.is_blinded", "Say whether those who measure outcomes are blinded"),
    ("design.blinded.analyst.is_blinded", "Say whether the analyst is blinded"),
    ("design.blinded.data_manager.is_blinded", "Say whether the data manager is blinded"),
    (
        "design.unblinding_procedure",
        "Say how and when blinding is lifted, or why the question does not apply",
    ),
    ("design.contamination_plan", "Say how the arms are kept apart"),
    ("allocation.method", "Choose how units are allocated"),
    ("eligibility.include", "Say which units are eligible"),
    ("eligibility.intake.source", "Say where units come from"),
    ("eligibility.intake.screener", "Say who checks that a unit is eligible"),
    ("eligibility.intake.registrar", "Say who enters units in the trial"),
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
    ("decision.attrition_boundary", "Choose the boundary of attrition"),
    ("treatment_measure.method", "Choose how the delivered treatment is measured"),
    ("treatment_measure.unit", "Say in which unit the delivered treatment is measured"),
    ("treatment_measure.frequency", "Say how often the delivered treatment is measured"),
    ("treatment_measure.auditor", "Say who checks that measure"),
    ("treatment_measure.reliability", "Say how reliable that measure is, or why it is not known"),
    ("treatment_measure.viewers", "Say who sees the delivered treatment during the trial"),
    ("analysis_documents.sap", "Give the hash of the statistical analysis plan, or say why there is none"),
    ("analysis_documents.code", "Give the commit of the code, or say why there is none"),
    ("decision.decision_rule", "Say which result leads to which decision"),
    ("decision.interim", "Choose how looks before the end are paid for, or say why there are none"),
    ("dates.first_unit.date", "Enter the date of the first unit"),
    ("dates.intervention_start.date", "Enter the date the intervention starts"),
    ("dates.intervention_end.date", "Enter the date the intervention ends"),
    ("dates.follow_up_end.date", "Enter the date follow-up ends"),
    ("dates.primary_completion.date", "Enter the date of primary completion"),
    ("dates.data_lock.date", "Enter the date of the data lock"),
    ("data.outcome_data_seen", "Say whether outcome data have been seen"),
    ("data.assignment_data_seen", "Say whether assignment data have been seen"),
    ("data.sharing", "Say whether data will be shared"),
    ("data.dissemination", "Say how the results will be made known"),
    ("data.licence", "Choose the licence"),
    ("ethics.decision", "Give the ethics decision"),
    ("ethics.dpia_reference", "Give the reference of the data protection impact assessment"),
    ("ethics.equality_impact_reference", "Give the reference of the equality impact assessment"),
    ("ethics.legal_power", "Say which legal power is used, or why none is needed"),
)

QED_NEEDED = (
    ("qed.pre_periods_n", "Enter the number of periods before treatment"),
    ("qed.post_periods_n", "Enter the number of periods after treatment starts"),
    ("qed.comparison_pool", "Say who the comparison is drawn from"),
    ("qed.selection_rule", "Say how comparison units are chosen"),
    ("qed.treatment_start_source", "Say where the treatment start of each unit comes from"),
    ("qed.parallel_trends_test", "Say how trends before treatment are tested"),
    ("qed.placebos", "Add a placebo test"),
    ("qed.data_already_seen", "Say which data from after the start have been seen"),
)

OUTCOME_NEEDED = (
    ("id", "Give the outcome an id"),
    ("name", "Name the outcome"),
    ("outcome_domain", "Choose the outcome domain"),
    ("role", "Choose the role of the outcome"),
    ("definition", "Define the outcome"),
    ("data_source", "Say where the outcome is recorded"),
    ("recorded_by", "Say how the outcome comes to be recorded"),
    ("unit", "Say in which unit the outcome is measured"),
    ("aggregation", "Say how the outcome is added up"),
    ("level", "Say what has one value of the outcome"),
    ("timepoint", "Say when the outcome is measured"),
    ("measure", "Say which values the column holds"),
    ("direction_of_benefit", "Say whether lower or higher is better"),
    ("column", "Name the column of the data"),
    ("subject", "Say whose data it is"),
)

COVARIATE_NEEDED = (
    ("column", "Name the column of the data"),
    ("name", "Name the baseline variable"),
    ("measure", "Say which values the column holds"),
)

ARM_NEEDED = (
    ("id", "Give the arm a code"),
    ("label", "Name the arm"),
    ("role", "Choose the role of the arm"),
    ("must_happen", "Say what must happen in this arm"),
)

TREATED_ARM_NEEDED = (
    ("dosage.measure", "Say how dose is measured"),
    ("dosage.planned", "Enter the planned dose"),
    ("dosage.min_acceptable", "Enter the smallest acceptable dose"),
    ("deliverer", "Say who delivers the treatment"),
    ("modification_rules", "Say when the treatment may be modified, or why it may not"),
)

PRIMARY_NEEDED = (
    ("recording_rule", "Say which recording rule applies, and whether it changes during the trial"),
    ("min_worthwhile_effect", "Enter the smallest effect worth having"),
)

PROXY_NEEDED = (("validity_note", "Say how well it stands in for what matters"),)

PERSON_NEEDED = (("name", "Give the person’s name"), ("role", "Choose the person’s role"))

SITE_NEEDED = (("force", "Choose the force"), ("country", "Name the country"))

GUARDRAIL_NEEDED = (
    ("threshold", "Say which threshold must not be passed"),
    ("action", "Choose what happens when it is passed"),
)

SUBGROUP_NEEDED = (
    ("variable", "Name the baseline variable that makes the groups"),
    ("levels", "Name the groups"),
    ("hypothesis", "Say how the effect is expected to differ between the groups"),
    ("interaction_test", "Say how that difference is tested"),
)

PLACEBO_NEEDED = (("kind", "Choose the kind of placebo"), ("description", "Say what is compared"))

DRAW_NEEDED = (
    ("allocation.concealment_level", "Choose how far the sequence is concealed"),
    ("allocation.concealment", "Say how the sequence is concealed"),
    ("allocation.who_enrols", "Say who enrols units"),
    ("allocation.who_assigns", "Say who assigns units to their arms"),
    ("allocation.custodian", "Say who keeps the allocation"),
)

REHEARSAL_NEEDED = (
    ("eligibility.intake.dry_run_expected", "Enter how many cases the rehearsal expected"),
    ("eligibility.intake.dry_run_processed", "Enter how many cases the rehearsal took through"),
)

SHARING_NEEDED = (
    ("data.shared_items", "Say what is shared"),
    ("data.shared_when", "Say when it is shared"),
    ("data.access", "Say who may have it, and how"),
)


def missing(record: Any, pointer: str, needed: Needed) -> Iterator[Problem]:
    """Yield each of these fields that is blank."""
    for path, message in needed:
        value = record
        for name in path.split("."):
            value = getattr(value, name)
        if is_missing(value):
            yield Problem(f"{pointer}/{path.replace('.', '/')}", message)


def is_missing(value: Any) -> bool:
    """Return whether nothing was answered."""
    if isinstance(value, Answer | InterimLooks | DocumentRef | CodeRef):
        return not value.is_given
    if isinstance(value, str):
        return is_blank(value)
    return value is None or value == ()
