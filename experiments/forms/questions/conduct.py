"""When, where, what protects people, and what is open."""

from experiments.forms.questions.shape import Heading, Question, Rows, Step, document_ref

DATES = Step(
    "dates",
    "Dates and sites",
    "When and where. Mark a date as actual once it has happened. Results are due 12 months after primary completion.",
    (
        Question(
            "dates.first_unit",
            "First unit",
            "When the first unit is enrolled or treated. A trial registered later is labelled retrospective.",
        ),
        Question("dates.intervention_start", "Intervention starts"),
        Question("dates.intervention_end", "Intervention ends"),
        Question("dates.follow_up_end", "Follow-up ends"),
        Question(
            "dates.primary_completion",
            "Primary completion",
            "When the last measurement of the primary outcome is made.",
        ),
        Question(
            "dates.data_lock", "Data lock", "After this no data change, and outcomes may be looked at by arm."
        ),
        Rows(
            "sites",
            "site",
            (
                Question("sites.*.force", "Force", choices="forces"),
                Question("sites.*.area", "Area", "Such as: central district."),
                Question("sites.*.country", "Country", "Such as: England and Wales."),
                Question("sites.*.start", "Starts"),
                Question("sites.*.end", "Ends"),
            ),
        ),
    ),
)

SAFEGUARDS = Step(
    "safeguards",
    "Harms and ethics",
    "What protects the people concerned.",
    (
        Question(
            "safety.harms",
            "Harms that are watched",
            "Include disproportionality, complaints, injury and displacement where they could occur.",
        ),
        Rows(
            "safety.guardrails",
            "guardrail",
            (
                Question("safety.guardrails.*.outcome", "Outcome", choices="outcomes"),
                Question("safety.guardrails.*.threshold", "Threshold"),
                Question("safety.guardrails.*.action", "What happens when it is passed"),
            ),
            at_least=0,
        ),
        Question("safety.oversight_group", "Oversight group", "Who can stop the trial."),
        Heading("Ethics and law"),
        Question("ethics.body", "Ethics body"),
        Question("ethics.reference", "Ethics reference"),
        Question(
            "ethics.decision",
            "Ethics decision",
            "A trial can be registered while it is pending, but cannot begin.",
        ),
        Question("ethics.decided_on", "Decided on"),
        Question("ethics.dpia_reference", "Data protection impact assessment: reference"),
        Question("ethics.equality_impact_reference", "Equality impact assessment: reference"),
        Question("ethics.legal_power", "Legal power used"),
    ),
)

OPENNESS = Step(
    "openness",
    "Data seen, sharing and publication",
    "What of the data exists already, what others will get, and when the record is public.",
    (
        Question(
            "data.outcome_data_seen",
            "Outcome data today",
            "Be exact: this decides how prospective the registration is.",
        ),
        Question(
            "data.assignment_data_seen",
            "Assignment data today",
            "Who is or will be treated: does that exist already?",
        ),
        *document_ref("data.baseline_extract", "Extract that units were chosen from"),
        Heading("Sharing"),
        Question("data.sharing", "Will data of single units be shared?"),
        Question("data.shared_items", "What is shared", "Such as: outcomes by unit and week. One a line."),
        Question("data.shared_when", "When it is shared"),
        Question("data.access", "Who may have it, and how"),
        Question("data.url", "Web address of the data, once there is one"),
        Question("data.licence", "Licence", "For data, code and report."),
        Question("data.sharing_statement", "More about sharing, or why data are not shared"),
        Heading("Publication"),
        Question(
            "data.dissemination",
            "How the results will be made known",
            "To the force, to the public, in print. They are published here whatever they show.",
        ),
        Question(
            "data.embargo_until",
            "Keep the record private until",
            "Leave blank to make it public at registration. At most 18 months; results are never held back.",
        ),
        Question(
            "data.operational_sensitivity_reason",
            "Why it is kept private",
            "Such as: offenders could learn where officers will be. It is public with the record.",
        ),
    ),
)
