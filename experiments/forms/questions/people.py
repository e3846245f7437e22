"""What the trial is, who does it, who pays."""

from experiments.forms.questions.shape import Heading, Question, Rows, Step, document_ref

ABOUT = Step(
    "about",
    "Title and summary",
    "What the trial is called, and what it is in words that anyone can read.",
    (
        Question(
            "title.public_title",
            "Title",
            "Name the tactic, the place and what is measured. At most 150 characters.",
            is_needed_to_save=True,
        ),
        Question(
            "title.scientific_title", "Scientific title", "Design, units and primary outcome in one sentence."
        ),
        Question("title.acronym", "Short name or acronym", "Leave blank if there is none."),
        Question(
            "title.plain_summary",
            "Summary in plain words",
            "At most 250 words: the problem, what is tested, where, and what will be known at the end.",
        ),
        Question(
            "tactic.slug",
            "Tactic under test",
            "The tactic as the library describes it. The version you read is frozen with the protocol.",
            choices="tactics",
        ),
    ),
)

TEAM = Step(
    "team",
    "Team, funding and publication",
    "Who is responsible, who pays, and whether everybody has agreed that the results come out whatever they are.",
    (
        Question("team.sponsor", "Sponsor", "The organisation that answers for the trial."),
        Question(
            "team.senior_sponsor",
            "Senior sponsor in the force",
            "Their post, such as assistant chief constable.",
        ),
        Rows(
            "team.people",
            "person",
            (
                Question("team.people.*.name", "Name"),
                Question("team.people.*.organisation", "Organisation"),
                Question("team.people.*.role", "Role in the trial"),
                Question(
                    "team.people.*.orcid", "ORCID", "Sixteen digits in fours, for researchers who have one."
                ),
            ),
        ),
        Question("team.independence", "How independent is the evaluation?"),
        Question(
            "team.public_involvement",
            "Public involvement",
            "Who outside the force helped to shape the trial.",
        ),
        Rows(
            "team.secondary_ids",
            "other registration number",
            (
                Question("team.secondary_ids.*.issuer", "Registry or body"),
                Question("team.secondary_ids.*.name", "Its name", "Leave blank if the list has it."),
                Question("team.secondary_ids.*.value", "Number"),
            ),
            at_least=0,
        ),
        Heading("Funding and interests"),
        Question("funding.sources", "Who pays", "One a line."),
        Question("funding.conflicts", "Conflicts of interest", "State them, or say why there can be none."),
        Question(
            "funding.paid_by_implementer",
            "Does the organisation that delivers the tactic pay the evaluators?",
        ),
        Question(
            "funding.publication_agreement",
            "Have all parties agreed that the results will be published, whatever they are?",
            "The trial cannot be registered without this.",
        ),
        Question("funding.publication_terms", "Terms of that agreement", "Leave blank if there are none."),
        *document_ref("funding.agreement_document", "The signed agreement"),
    ),
)

QUESTION = Step(
    "question",
    "The question",
    "The problem, why the tactic should work on it, and what kind of answer you want.",
    (
        Question("problem.problem_types", "Problems studied", choices="problems"),
        Question("problem.harm_measure", "How harm is measured"),
        Question(
            "problem.framework",
            "Kind of question",
            "Superiority asks whether the tactic is better. Non-inferiority asks whether it is no worse by a margin.",
        ),
        Question(
            "problem.margin",
            "Margin",
            "Only for non-inferiority and equivalence: the largest difference that does not matter.",
        ),
        Question(
            "problem.theory_of_change",
            "Why should the tactic work?",
            "The steps from what is done to what changes.",
        ),
        Question("problem.prior_evidence", "What is known already", "One study or review a line."),
        Question(
            "problem.follows_trials",
            "Registered trials that this one follows",
            "Its pilot, or a trial that it repeats or builds on. Their numbers, such as CPP-2026-0001-9. One a line.",
        ),
    ),
)
