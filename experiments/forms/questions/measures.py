"""What is measured, what is expected, what is estimated."""

from experiments.forms.questions.shape import Heading, Question, Rows, Step, document_ref

OUTCOMES = Step(
    "outcomes",
    "Outcomes",
    "What is measured. One primary outcome is usual: the one that decides. Data are checked against this list.",
    (
        Rows(
            "outcomes",
            "outcome",
            (
                Question("outcomes.*.id", "Id", "A short code, such as O1."),
                Question("outcomes.*.name", "Name", "As people say it, such as “Recorded violence”."),
                Question(
                    "outcomes.*.role", "Role", "Primary decides. Guardrails and harms watch for damage."
                ),
                Question(
                    "outcomes.*.family",
                    "Hypothesis family",
                    "Outcomes of one family are adjusted together. Leave blank if there is one family.",
                ),
                Question(
                    "outcomes.*.outcome_domain",
                    "Outcome domain",
                    "The heading under which the library rates it.",
                    choices="domains",
                ),
                Question("outcomes.*.definition", "Definition"),
                Question("outcomes.*.data_source", "Where it is recorded"),
                Question(
                    "outcomes.*.hub_measure",
                    "Counted by the data hub as",
                    "The key of a measure of street files, such as burglary or all-crime. Then the hub fills the "
                    "column. Blank: it comes from elsewhere.",
                ),
                Question("outcomes.*.recorded_by", "How it comes to be recorded"),
                Question(
                    "outcomes.*.recording_rule",
                    "Recording rule",
                    "Which rule says what counts, and whether it changes during the trial.",
                ),
                Question("outcomes.*.unit", "Unit of measurement", "Such as: crimes per hot spot and week."),
                Question("outcomes.*.aggregation", "How it is added up"),
                Question("outcomes.*.level", "What has one value of it"),
                Question("outcomes.*.timepoint", "When it is measured"),
                Question("outcomes.*.measure", "Values that the column may hold"),
                Question("outcomes.*.direction_of_benefit", "Which way is better"),
                Question("outcomes.*.min_worthwhile_effect", "Smallest effect worth having"),
                Question(
                    "outcomes.*.column",
                    "Name of the column in the data",
                    "Exactly as the column is written in the file.",
                ),
                Question(
                    "outcomes.*.subject",
                    "Whose data it is",
                    "Small numbers are hidden where they could point to a person.",
                ),
                Question(
                    "outcomes.*.is_proxy", "This outcome stands in for another one that cannot be measured"
                ),
                Question("outcomes.*.validity_note", "How well it measures what matters"),
            ),
        ),
        Rows(
            "covariates",
            "baseline variable",
            (
                Question("covariates.*.column", "Name of the column in the data"),
                Question(
                    "covariates.*.name", "Name", "As people say it, such as “Burglaries in the year before”."
                ),
                Question("covariates.*.measure", "Values that the column may hold"),
                Question(
                    "covariates.*.is_before_treatment",
                    "It is measured before treatment",
                    "Adjusting for what the treatment may have changed can hide an effect, or make one.",
                ),
            ),
            at_least=0,
            hint="Variables from before treatment that the plan may adjust for. Leave out if there are none.",
        ),
        Rows(
            "subgroups",
            "subgroup analysis",
            (
                Question(
                    "subgroups.*.variable",
                    "Baseline variable",
                    "The name of its column, as declared above.",
                ),
                Question("subgroups.*.levels", "Groups", "One a line."),
                Question("subgroups.*.hypothesis", "How the effect is expected to differ between them"),
                Question("subgroups.*.interaction_test", "How that difference is tested"),
            ),
            at_least=0,
            hint="Groups in which the effect may differ, said beforehand. Leave out if there are none.",
        ),
    ),
)


HYPOTHESES = Step(
    "hypotheses",
    "Hypotheses",
    "What you expect, said before there are data: this arm, compared with that arm, has less or more of this outcome.",
    (
        Rows(
            "problem.hypotheses",
            "hypothesis",
            (
                Question("problem.hypotheses.*.treatment", "This arm", choices="arms"),
                Question("problem.hypotheses.*.direction", "Will have"),
                Question("problem.hypotheses.*.outcome", "Of this outcome", choices="outcomes"),
                Question("problem.hypotheses.*.comparator", "Compared with this arm", choices="arms"),
            ),
        ),
    ),
)

ESTIMAND = Step(
    "estimand",
    "What is estimated, and what follows",
    "The effect in words; how much delivery is enough to call it a test; what the answer will lead to.",
    (
        Question("estimand.population", "For whom", "The units to which the effect applies."),
        Question("estimand.treatment", "Which treatment, against which"),
        Question("estimand.outcome", "On which outcome"),
        Question("estimand.summary_measure", "Which summary", "Such as: difference in means, rate ratio."),
        Question(
            "estimand.intercurrent_events",
            "What happens with units that change arm, leave or are not reached",
        ),
        Question("estimand.kind", "Kind of effect"),
        Heading("Integrity and decision"),
        Question(
            "decision.integrity_floor",
            "Integrity floor",
            "From 0 to 1. Below this share of the planned dose the result is “not a test of the tactic”.",
        ),
        Question(
            "decision.attrition_boundary",
            "Boundary of attrition",
            "How many may be lost, by the What Works Clearinghouse’s boundaries.",
        ),
        Question("decision.decision_rule", "Which result leads to which decision"),
        Heading("How the delivered treatment is measured"),
        Question("treatment_measure.method", "Method"),
        Question("treatment_measure.unit", "Unit", "Such as: patrol minutes for each hot spot and day."),
        Question("treatment_measure.frequency", "How often", "Such as: every night, from the handsets."),
        Question("treatment_measure.auditor", "Who checks it"),
        Question("treatment_measure.reliability", "How reliable it is", "What is known of gaps and errors."),
        Question("treatment_measure.viewers", "Who sees it during the trial", "One a line."),
        Question(
            "decision.treatment_measure", "Delivered treatment, as it was described before", is_past=True
        ),
        Heading("Looks at outcomes by arm before the end"),
        Question(
            "decision.interim.method",
            "How are the looks paid for?",
            "Who looks often, and stops when it looks good, is wrong more often than the one test at the end says.",
        ),
        Question(
            "decision.interim.looks",
            "When a few looks are made",
            "As shares of the planned information (about the share of units), one a line. The last is the end: 1.",
        ),
        Question(
            "decision.interim.spending",
            "How much of the error rate may each look spend?",
            "For a few looks. The primary estimates of the plan need the same looks among their options.",
        ),
        Question(
            "decision.interim.stop_rule",
            "Who looks, and what would stop the trial",
            "Such as: the oversight group, in closed session; it stops at the boundary, or for harm.",
        ),
        Question(
            "decision.interim.not_applicable_because",
            "Looks before the end: if the question does not apply, say why",
        ),
        Question("decision.interim.text", "Looks, as they were described before", is_past=True),
        Heading("Documents beside the plan"),
        *document_ref("analysis_documents.sap", "Statistical analysis plan"),
        Question("analysis_documents.code.url", "Code: web address of the repository"),
        Question("analysis_documents.code.commit", "Code: commit", "The one that will be run."),
        Question("analysis_documents.code.not_applicable_because", "Code: if there is none, say why"),
    ),
)
