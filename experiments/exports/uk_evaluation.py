"""What the UK Evaluation Registry of the Cabinet Office holds: status, design, dates and links.

Its duty is for evaluations by central government; whether a trial here falls under it, its team must say.
"""

from typing import Final

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target

_OWN: Final = "own_reading"

UK_EVALUATION = Target(
    slug="uk-evaluation-registry",
    name="UK Evaluation Registry",
    edition="own reading, 1",
    use="The answers to copy into the Cabinet Office’s Evaluation Registry, where a trial has to be in it.",
    note="Headings are this registry’s own. Whether this trial must be in that registry is not decided here.",
    items=(
        Item("title", "Title", (Field("title.public_title"),), numbering=_OWN),
        Item("description", "Description", (Field("title.plain_summary"),), numbering=_OWN),
        Item(
            "intervention",
            "What is evaluated",
            (Fact(facts.tactic, "Tactic"), *parts.TREATED),
            numbering=_OWN,
        ),
        Item(
            "type",
            "Type of evaluation",
            otherwise="This registry holds evaluations of impact only, and does not ask for the type.",
            numbering=_OWN,
        ),
        Item("design", "Design", parts.STUDY_TYPE, numbering=_OWN),
        Item(
            "status",
            "Status",
            (Fact(facts.status, "Conduct"), Fact(facts.results_status, "Results")),
            numbering=_OWN,
        ),
        Item(
            "organisations",
            "Organisations",
            (
                Field("team.sponsor", "Sponsor"),
                Fact(facts.forces, "Forces", ("/sites/0",)),
                Field("funding.sources", "Funding"),
            ),
            numbering=_OWN,
        ),
        Item("people", "People", parts.PEOPLE, numbering=_OWN),
        Item("contact", "Contact", otherwise=facts.NO_CONTACTS, numbering=_OWN),
        Item("issue", "Problem", parts.PROBLEM, numbering=_OWN),
        Item("outcomes", "Outcomes", parts.OUTCOMES, numbering=_OWN),
        Item("participants", "Units and their number", (*parts.UNITS, *parts.SIZE), numbering=_OWN),
        Item("ethics", "Ethics and data protection", parts.ETHICS, numbering=_OWN),
        Item("dates", "Dates", parts.TIMES, numbering=_OWN),
        Item(
            "plan",
            "Plan, with its registration",
            (Fact(facts.protocol_address), *parts.NUMBER, *parts.REGISTERED),
            numbering=_OWN,
        ),
        Item("report-due", "Report due", parts.DUE, numbering=_OWN),
        Item("report", "Report", parts.RESULTS, facts.NO_RESULTS, _OWN),
        Item(
            "unpublished",
            "Why it is not published",
            (Fact(facts.why_stopped),),
            "No reason is recorded.",
            _OWN,
        ),
        Item(
            "cost",
            "Cost of the evaluation",
            otherwise="This registry does not record what an evaluation costs.",
            numbering=_OWN,
        ),
    ),
)
