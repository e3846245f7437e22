"""CRIM-PORT 1.0, the protocol of Sherman and Strang (2009) for experiments in crime and policing.

The twelve headings and the parts of sections 1 and 2 follow the published form. What stands under the other headings is
this registry's reading, in its own words.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target, own_reading

CRIMPORT = Target(
    slug="crimport",
    name="CRIM-PORT protocol",
    edition="1.0",
    use="The protocol under the twelve headings of CRIM-PORT, to print or send.",
    note="The twelve headings are CRIM-PORT’s; what is asked under sections 3 to 12 is this registry’s reading.",
    items=(
        Item(
            "1",
            "Name and hypotheses: name",
            (Field("title.public_title"), Fact(facts.number), Field("title.scientific_title")),
        ),
        Item("1", "Name and hypotheses: investigators and their employers", parts.INVESTIGATORS),
        Item("1", "Name and hypotheses: hypotheses", parts.HYPOTHESES),
        Item(
            "1",
            "Name and hypotheses: treatments, outcomes and subgroups",
            (*parts.ARMS, *parts.OUTCOMES, parts.MORE_ANALYSES[0]),
        ),
        Item("2", "Organizational framework", (Field("team.independence"), *parts.SPONSORS)),
        own_reading("3", "Unit of analysis", parts.UNITS),
        own_reading("4", "Eligibility criteria", parts.ELIGIBLE),
        own_reading("5", "Pipeline: recruitment or extraction of cases", parts.PIPELINE),
        own_reading("6", "Timing", (Field("design.timing"), *parts.TIMES)),
        own_reading("7", "Random assignment: sequence", parts.SEQUENCE, facts.NO_DRAW),
        own_reading(
            "7",
            "Random assignment: who may assign, and how it is kept from view",
            (*parts.WHO_ASSIGNS, *parts.CONCEALMENT),
            facts.NO_DRAW,
        ),
        own_reading(
            "7",
            "Random assignment: comparison where nothing is drawn",
            parts.COMPARISON,
            facts.COMPARED_BY_DRAW,
        ),
        own_reading("8", "Treatment and comparison elements: treatment", parts.TREATED),
        own_reading("8", "Treatment and comparison elements: comparison", parts.COMPARED),
        own_reading(
            "8",
            "Treatment and comparison elements: kept apart",
            (*parts.APART, *parts.MODIFIED),
        ),
        own_reading("9", "Measuring and managing treatments", parts.DELIVERY),
        own_reading("10", "Measuring outcomes", (*parts.OUTCOMES, *parts.INTERIM)),
        own_reading(
            "11",
            "Analysis plan: outcome, size and what can be found",
            (*parts.PRIMARY, *parts.POWER),
        ),
        own_reading(
            "11",
            "Analysis plan: estimates",
            (*parts.ESTIMAND, *parts.ESTIMATES, *parts.MULTIPLICITY),
        ),
        own_reading("11", "Analysis plan: integrity floor", parts.FLOOR),
        own_reading("12", "Due date and dissemination plan", (*parts.DUE, *parts.PUBLICATION)),
        own_reading(
            "12",
            "Due date and dissemination plan: changes and results",
            (*parts.AMENDED, *parts.DEVIATED, *parts.RESULTS),
            facts.NOT_YET_REGISTERED,
        ),
    ),
)
