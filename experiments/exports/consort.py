"""The CONSORT 2025 checklist for a report: 30 items.

Items 1 to 12 are numbered as in table 1 of the statement (PMC11996237); the later numbers are this registry's reading
and are marked so. What only a report can say is left to the report, by name. Headings are our own short words.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target, own_reading

IN_THE_REPORT = "For the report: nothing of it can be read in this registry."


CONSORT = Target(
    slug="consort",
    name="CONSORT 2025 checklist",
    edition="2025",
    use="Where the record answers each item that a report must give, and what is left to the report.",
    note="Items 1 to 12 are numbered as published; the later numbers are this registry’s reading and are marked “own "
    "reading”. Headings are shortened. CONSORT is for randomised trials: for another design it is a guide.",
    items=(
        Item(
            "1a",
            "Title that says how units were allocated",
            (Field("title.scientific_title"), *parts.STUDY_TYPE),
        ),
        Item("1b", "Structured summary", (Field("title.plain_summary", "Summary of the protocol"),)),
        Item("2", "Registration", (*parts.NUMBER, *parts.REGISTERED), facts.NOT_YET_REGISTERED),
        Item("3", "Protocol and analysis plan", (Fact(facts.protocol_address), *parts.SAP)),
        Item("4", "Sharing of data", parts.SHARING),
        Item("5a", "Funding", parts.FUNDING),
        Item("5b", "Conflicts of interest", parts.CONFLICTS),
        Item("6", "Background and reason", parts.PRIOR),
        Item(
            "7", "Objectives, benefits and harms", (*parts.HYPOTHESES, Field("safety.harms", "Harms watched"))
        ),
        Item("8", "Involvement of the public", parts.INVOLVED),
        Item(
            "9",
            "Design",
            (
                *parts.STUDY_TYPE,
                *parts.UNITS,
                Field("problem.framework", "Framework"),
                Field("problem.margin", "Margin"),
            ),
        ),
        Item(
            "10",
            "Changes after the trial began",
            (*parts.AMENDED, *parts.DEVIATED),
            facts.NOT_YET_REGISTERED,
        ),
        Item("11", "Setting", parts.SITES),
        Item("12a", "Which units were eligible", parts.ELIGIBLE),
        Item(
            "12b",
            "Which sites and deliverers were eligible",
            (),
            "The protocol names its sites and deliverers, and asks no criteria for them.",
        ),
        own_reading("13", "Interventions and comparator", parts.ARMS),
        own_reading("14", "Outcomes", parts.OUTCOMES),
        own_reading("15", "Harms and how they are assessed", parts.HARMS),
        own_reading("16a", "Sample size", parts.POWER),
        own_reading("16b", "Interim analyses and stopping", parts.INTERIM),
        own_reading(
            "17a",
            "Who made the sequence",
            (Field("allocation.who_assigns"), Field("allocation.custodian", "Kept the allocation")),
            facts.NO_DRAW,
        ),
        own_reading("17b", "Type of sequence", parts.SEQUENCE, facts.NO_DRAW),
        own_reading("18", "Concealment", parts.CONCEALMENT, facts.NO_DRAW),
        own_reading("19", "Who enrolled and assigned", parts.WHO_ASSIGNS, facts.NO_DRAW),
        own_reading("20a", "Who was blinded", parts.BLINDED),
        own_reading("20b", "How blinding was kept", parts.BLINDED_HOW),
        own_reading("21a", "Statistical methods", (*parts.ESTIMATES, *parts.MULTIPLICITY, *parts.COMPARISON)),
        own_reading("21b", "Who was analysed", parts.ESTIMAND),
        own_reading("21c", "Missing data", (Field("decision.attrition_boundary", "Boundary of attrition"),)),
        own_reading("21d", "Further analyses", parts.MORE_ANALYSES, "None was planned."),
        own_reading(
            "22a",
            "Flow of units",
            (
                Fact(facts.listed, "Listed or enrolled"),
                Fact(facts.assigned, "Assigned"),
                Fact(facts.analysed, "Analysed"),
            ),
            "No units are listed yet.",
        ),
        own_reading(
            "22b",
            "Losses and exclusions, with reasons",
            (Fact(facts.losses),),
            facts.NO_LOSSES,
        ),
        own_reading("23a", "Dates", parts.TIMES),
        own_reading(
            "23b",
            "Why the trial ended or was stopped",
            (Fact(facts.why_stopped),),
            "No reason of an early end is recorded.",
        ),
        own_reading(
            "24a",
            "Delivery as it was",
            (Fact(facts.implementation),),
            facts.NOT_TOLD_YET,
        ),
        own_reading(
            "24b",
            "Other operations and care at the same time",
            (
                Field("design.concurrent_operations", "Planned: other operations"),
                Field("design.concurrent_trials", "Planned: other trials"),
            ),
            IN_THE_REPORT,
        ),
        own_reading("25", "Baseline data", (), IN_THE_REPORT),
        own_reading(
            "26",
            "Numbers analysed, effects and their precision",
            (*parts.RESULTS, Fact(facts.analysed, "Analysed")),
            facts.NO_RESULTS,
        ),
        own_reading("27", "Harms that came about", parts.HARMED, facts.NO_HARMS),
        own_reading("28", "Further analyses that were made", (), IN_THE_REPORT),
        own_reading("29", "Interpretation", (Fact(facts.interpretation),), IN_THE_REPORT),
        own_reading("30", "Limitations", (Fact(facts.limitations),), IN_THE_REPORT),
    ),
)
