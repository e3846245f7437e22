"""The SPIRIT 2025 checklist for a protocol: 34 items.

The open-science block is as published; the other numbers are this registry's reading and are marked so. Headings are
our own short words.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target, own_reading

_NOT_ASKED = "The protocol of this registry does not ask this."


SPIRIT = Target(
    slug="spirit",
    name="SPIRIT 2025 checklist",
    edition="2025",
    use="Where the protocol answers each item that a reader of protocols looks for.",
    note="The block on open science is numbered as published; all other numbers are this registry’s reading and are "
    "marked “own reading”. Headings are shortened.",
    items=(
        own_reading(
            "1",
            "Title and structured summary",
            (Field("title.public_title"), Field("title.scientific_title"), Field("title.plain_summary")),
        ),
        own_reading("2", "Version of the protocol", (Fact(facts.in_force),), facts.NOT_YET_REGISTERED),
        own_reading("3a", "Who wrote and runs the trial", parts.PEOPLE),
        own_reading("3b", "Sponsor", parts.SPONSORS),
        own_reading(
            "3c",
            "Part of sponsor and funder",
            (Field("team.independence"), Field("team.senior_sponsor", "Senior sponsor in the force")),
        ),
        own_reading("3d", "Oversight of the trial", parts.OVERSIGHT),
        Item("4", "Registration", (*parts.NUMBER, *parts.REGISTERED), facts.NOT_YET_REGISTERED),
        Item("5", "Access to the protocol and analysis plan", (Fact(facts.protocol_address), *parts.SAP)),
        Item("6", "Sharing of data", parts.SHARING),
        Item("7a", "Funding", parts.FUNDING),
        Item("7b", "Conflicts of interest", parts.CONFLICTS),
        Item("8", "Dissemination", parts.PUBLICATION),
        own_reading("9a", "Background and reason", parts.PRIOR),
        own_reading("9b", "Reason for the comparator", parts.COMPARED),
        own_reading(
            "10",
            "Objectives, benefits and harms",
            (*parts.HYPOTHESES, Field("safety.harms", "Harms watched")),
        ),
        own_reading("11", "Involvement of the public", parts.INVOLVED),
        own_reading(
            "12",
            "Design",
            (
                *parts.STUDY_TYPE,
                *parts.UNITS,
                Field("problem.framework", "Framework"),
                Field("problem.margin", "Margin"),
            ),
        ),
        own_reading("13", "Setting", parts.SITES),
        own_reading("14a", "Which units are eligible", parts.ELIGIBLE),
        own_reading(
            "14b",
            "Which sites and deliverers are eligible",
            (),
            "The protocol names its sites and deliverers, and asks no criteria for them.",
        ),
        own_reading("15a", "Interventions and comparator", parts.ARMS),
        own_reading("15b", "When the intervention may be modified", parts.MODIFIED),
        own_reading("15c", "Adherence, and how it is measured", (*parts.DELIVERY, *parts.FLOOR)),
        own_reading("15d", "Other operations and care at the same time", parts.APART),
        own_reading("16", "Outcomes", parts.OUTCOMES),
        own_reading("17", "Harms", parts.HARMS),
        own_reading("18", "Timeline", parts.TIMES),
        own_reading("19", "Sample size", parts.POWER),
        own_reading("20", "Recruitment", parts.PIPELINE),
        own_reading(
            "21a",
            "Who makes the sequence",
            (Field("allocation.who_assigns"), Field("allocation.custodian", "Keeps the allocation")),
            facts.NO_DRAW,
        ),
        own_reading("21b", "Type of sequence", parts.SEQUENCE, facts.NO_DRAW),
        own_reading("22", "Concealment", parts.CONCEALMENT, facts.NO_DRAW),
        own_reading("23", "Who enrols and assigns", parts.WHO_ASSIGNS, facts.NO_DRAW),
        own_reading("24a", "Who is blinded", parts.BLINDED),
        own_reading("24b", "How blinding is kept", parts.BLINDED_HOW),
        own_reading("24c", "How blinding is lifted", parts.UNBLINDING),
        own_reading(
            "25a",
            "How data are collected",
            (*parts.OUTCOMES, Field("design.contamination_plan", "Arms kept apart")),
        ),
        own_reading("25b", "Keeping units in the trial", (), _NOT_ASKED),
        own_reading(
            "26", "Management of data", (Field("ethics.dpia_reference", "Data protection impact assessment"),)
        ),
        own_reading("27a", "Statistical methods", (*parts.ESTIMATES, *parts.MULTIPLICITY, *parts.COMPARISON)),
        own_reading("27b", "Who is analysed", parts.ESTIMAND),
        own_reading("27c", "Missing data", (Field("decision.attrition_boundary", "Boundary of attrition"),)),
        own_reading("27d", "Further analyses", parts.MORE_ANALYSES, "None is planned."),
        own_reading("28a", "Committee that watches the data", parts.OVERSIGHT),
        own_reading("28b", "Interim analyses and stopping", parts.INTERIM),
        own_reading("29", "Monitoring of the trial", parts.DELIVERY),
        own_reading("30", "Ethics approval", parts.ETHICS),
        own_reading("31", "Amendments", parts.AMENDED, facts.NOT_YET_REGISTERED),
        own_reading("32a", "Consent", (Field("ethics.legal_power", "Legal power"),)),
        own_reading("32b", "Consent to further use of data or samples", (), _NOT_ASKED),
        own_reading(
            "33", "Confidentiality", (Field("ethics.dpia_reference", "Data protection impact assessment"),)
        ),
        own_reading("34", "Care after the trial", (), _NOT_ASKED),
    ),
)
