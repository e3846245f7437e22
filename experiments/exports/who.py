"""The WHO Trial Registration Data Set, version 1.3.1: 24 items.

Items 1 to 20 as given with SPIRIT 2025 (item 1b); 21 to 24 have been stable since version 1.3, and are marked as this
registry's reading. WHO has announced changes since: numbers are data here, so that a later list changes this table.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target, own_reading

WHO = Target(
    slug="who",
    name="WHO Trial Registration Data Set",
    edition="1.3.1",
    use="The 24 items that trial registries hold in common, for deposit in another registry.",
    note="Headings are shortened. The numbers of items 21 to 24 are this registry’s reading.",
    items=(
        Item("1", "Primary registry and number", parts.NUMBER, facts.NOT_YET_REGISTERED),
        Item("2", "Date of registration", parts.REGISTERED, facts.NOT_YET_REGISTERED),
        Item("3", "Secondary numbers", parts.OTHER_IDS, "The protocol names no other number."),
        Item("4", "Sources of support", parts.FUNDING),
        Item("5", "Primary sponsor", parts.SPONSORS),
        Item(
            "6",
            "Secondary sponsors",
            (Field("team.senior_sponsor", "Senior sponsor in the force"),),
        ),
        Item("7", "Contact for the public", otherwise=facts.NO_CONTACTS),
        Item("8", "Contact for scientific questions", parts.INVESTIGATORS, facts.NO_CONTACTS),
        Item("9", "Public title", (Field("title.public_title"),)),
        Item("10", "Scientific title", (Field("title.scientific_title"), Field("title.acronym", "Acronym"))),
        Item("11", "Countries", (*parts.COUNTRIES, Fact(facts.forces, "Force areas", ("/sites/0",)))),
        Item("12", "Problem studied", parts.PROBLEM),
        Item("13", "Interventions", parts.ARMS),
        Item("14", "Key criteria of inclusion and exclusion", parts.ELIGIBLE),
        Item(
            "15",
            "Study type",
            (
                *parts.STUDY_TYPE,
                Field("allocation.method", "Allocation"),
                *parts.BLINDED,
                Field("problem.framework", "Framework"),
            ),
        ),
        Item("16", "Date of first enrolment", (Field("dates.first_unit"),)),
        Item("17", "Sample size", (*parts.SIZE, Fact(facts.listed, "Units listed or enrolled"))),
        Item("18", "Recruitment status", (Fact(facts.status),)),
        Item("19", "Primary outcomes", parts.PRIMARY),
        Item("20", "Key secondary outcomes", parts.OTHERS, "The protocol has no outcome but the primary."),
        own_reading("21", "Ethics review", parts.ETHICS),
        own_reading("22", "Completion date", (Field("dates.follow_up_end"),)),
        own_reading(
            "23",
            "Summary results",
            (*parts.RESULTS, Fact(facts.harms_with_results, "Harms")),
            facts.NO_RESULTS,
        ),
        own_reading("24", "Statement on sharing data", parts.SHARING),
    ),
)
