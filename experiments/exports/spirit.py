"""The SPIRIT 2025 checklist for a protocol: 34 items.

The open-science block is as published; the other numbers are this registry's reading and are marked so. Headings are
our own short words.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Numbering, Part, Target

NO_DRAW = "The protocol has no draw."
_NOT_ASKED = "The protocol of this registry does not ask this."


def _own(
    item: str,
    heading: str,
    answers: tuple[Part, ...] = (),
    otherwise: str = "The protocol does not answer this.",
) -> Item:
    numbering: Numbering = "own_reading"
    return Item(item, heading, answers, otherwise, numbering)


SPIRIT = Target(
    slug="spirit",
    name="SPIRIT 2025 checklist",
    edition="2025",
    use="Where the protocol answers each item that a reader of protocols looks for.",
    note="The block on open science is numbered as published; all other numbers are this registry’s reading and are "
    "marked “own reading”. Headings are shortened.",
    items=(
        _own(
            "1",
            "Title and structured summary",
            (Field("title.public_title"), Field("title.scientific_title"), Field("title.plain_summary")),
        ),
        _own("2", "Version of the protocol", (Fact(facts.in_force),), facts.NOT_YET_REGISTERED),
        _own("3a", "Who wrote and runs the trial", parts.PEOPLE),
        _own("3b", "Sponsor", parts.SPONSORS),
        _own(
            "3c",
            "Part of sponsor and funder",
            (Field("team.independence"), Field("team.senior_sponsor", "Senior sponsor in the force")),
        ),
        _own("3d", "Oversight of the trial", parts.OVERSIGHT),
        Item("4", "Registration", (*parts.NUMBER, *parts.REGISTERED), facts.NOT_YET_REGISTERED),
        Item("5", "Access to the protocol and analysis plan", (Fact(facts.protocol_address), *parts.SAP)),
        Item("6", "Sharing of data", parts.SHARING),
        Item("7a", "Funding", parts.FUNDING),
        Item("7b", "Conflicts of interest", parts.CONFLICTS),
        Item("8", "Dissemination", parts.PUBLICATION),
        _own("9a", "Background and reason", parts.PRIOR),
        _own("9b", "Reason for the comparator", parts.COMPARED),
        _own(
            "10",
            "Objectives, benefits and harms",
            (*parts.HYPOTHESES, Field("safety.harms", "Harms watched")),
        ),
        _own("11", "Involvement of the public", parts.INVOLVED),
        _own(
            "12",
            "Design",
            (
                *parts.STUDY_TYPE,
                *parts.UNITS,
                Field("problem.framework", "Framework"),
                Field("problem.margin", "Margin"),
            ),
        ),
        _own("13", "Setting", parts.SITES),
        _own("14a", "Which units are eligible", parts.ELIGIBLE),
        _own(
            "14b",
            "Which sites and deliverers are eligible",
            (),
            "The protocol names its sites and deliverers, and asks no criteria for them.",
        ),
        _own("15a", "Interventions and comparator", parts.ARMS),
        _own("15b", "When the intervention may be modified", parts.MODIFIED),
        _own("15c", "Adherence, and how it is measured", (*parts.DELIVERY, *parts.FLOOR)),
        _own("15d", "Other operations and care at the same time", parts.APART),
        _own("16", "Outcomes", parts.OUTCOMES),
        _own("17", "Harms", parts.HARMS),
        _own("18", "Timeline", parts.TIMES),
        _own("19", "Sample size", parts.POWER),
        _own("20", "Recruitment", parts.PIPELINE),
        _own(
            "21a",
            "Who makes the sequence",
            (Field("allocation.who_assigns"), Field("allocation.custodian", "Keeps the allocation")),
            NO_DRAW,
        ),
        _own("21b", "Type of sequence", parts.SEQUENCE, NO_DRAW),
        _own("22", "Concealment", parts.CONCEALMENT, NO_DRAW),
        _own("23", "Who enrols and assigns", parts.WHO_ASSIGNS, NO_DRAW),
        _own("24a", "Who is blinded", parts.BLINDED),
        _own("24b", "How blinding is kept", parts.BLINDED_HOW),
        _own("24c", "How blinding is lifted", parts.UNBLINDING),
        _own(
            "25a",
            "How data are collected",
            (*parts.OUTCOMES, Field("design.contamination_plan", "Arms kept apart")),
        ),
        _own("25b", "Keeping units in the trial", (), _NOT_ASKED),
        _own(
            "26", "Management of data", (Field("ethics.dpia_reference", "Data protection impact assessment"),)
        ),
        _own("27a", "Statistical methods", (*parts.ESTIMATES, *parts.MULTIPLICITY, *parts.COMPARISON)),
        _own("27b", "Who is analysed", parts.ESTIMAND),
        _own("27c", "Missing data", (Field("decision.attrition_boundary", "Boundary of attrition"),)),
        _own("27d", "Further analyses", parts.MORE_ANALYSES, "None is planned."),
        _own("28a", "Committee that watches the data", parts.OVERSIGHT),
        _own("28b", "Interim analyses and stopping", parts.INTERIM),
        _own("29", "Monitoring of the trial", parts.DELIVERY),
        _own("30", "Ethics approval", parts.ETHICS),
        _own("31", "Amendments", parts.AMENDED, facts.NOT_YET_REGISTERED),
        _own("32a", "Consent", (Field("ethics.legal_power", "Legal power"),)),
        _own("32b", "Consent to further use of data or samples", (), _NOT_ASKED),
        _own("33", "Confidentiality", (Field("ethics.dpia_reference", "Data protection impact assessment"),)),
        _own("34", "Care after the trial", (), _NOT_ASKED),
    ),
)
