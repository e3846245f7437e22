"""What the UK Evaluation Registry of the Cabinet Office holds: status, design, dates and links.

Its duty is for evaluations by central government; whether a trial here falls under it, its team must say.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Target, own_reading

UK_EVALUATION = Target(
    slug="uk-evaluation-registry",
    name="UK Evaluation Registry",
    edition="own reading, 1",
    use="The answers to copy into the Cabinet Office’s Evaluation Registry, where a trial has to be in it.",
    note="Headings are this registry’s own. Whether this trial must be in that registry is not decided here.",
    items=(
        own_reading("title", "Title", (Field("title.public_title"),)),
        own_reading("description", "Description", (Field("title.plain_summary"),)),
        own_reading(
            "intervention",
            "What is evaluated",
            (Fact(facts.tactic, "Tactic"), *parts.TREATED),
        ),
        own_reading(
            "type",
            "Type of evaluation",
            otherwise="This registry holds evaluations of impact only, and does not ask for the type.",
        ),
        own_reading("design", "Design", parts.STUDY_TYPE),
        own_reading(
            "status",
            "Status",
            (Fact(facts.status, "Conduct"), Fact(facts.results_status, "Results")),
        ),
        own_reading(
            "organisations",
            "Organisations",
            (
                Field("team.sponsor", "Sponsor"),
                Fact(facts.forces, "Forces", ("/sites/0",)),
                Field("funding.sources", "Funding"),
            ),
        ),
        own_reading("people", "People", parts.PEOPLE),
        own_reading("contact", "Contact", otherwise=facts.NO_CONTACTS),
        own_reading("issue", "Problem", parts.PROBLEM),
        own_reading("outcomes", "Outcomes", parts.OUTCOMES),
        own_reading("participants", "Units and their number", (*parts.UNITS, *parts.SIZE)),
        own_reading("ethics", "Ethics and data protection", parts.ETHICS),
        own_reading("dates", "Dates", parts.TIMES),
        own_reading(
            "plan",
            "Plan, with its registration",
            (Fact(facts.protocol_address), *parts.NUMBER, *parts.REGISTERED),
        ),
        own_reading("report-due", "Report due", parts.DUE),
        own_reading("report", "Report", parts.RESULTS, facts.NO_RESULTS),
        own_reading(
            "unpublished",
            "Why it is not published",
            (Fact(facts.not_published), Fact(facts.why_stopped, "Stopped")),
            "No reason is recorded.",
        ),
        own_reading(
            "cost",
            "Cost of the evaluation",
            otherwise="This registry does not record what an evaluation costs.",
        ),
    ),
)
