"""What the ISRCTN registry asks of a study, in this registry's own headings and order.

ISRCTN's wording and numbers are not copied: the ids are this registry's own.
"""

from typing import Final

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Target

_OWN: Final = "own_reading"

ISRCTN = Target(
    slug="isrctn",
    name="ISRCTN",
    edition="own reading, 1",
    use="The answers to copy into the form of the ISRCTN registry.",
    note="Headings and order are this registry’s own, not ISRCTN’s: compare them with its form before you submit.",
    items=(
        Item("public-title", "Title for the public", (Field("title.public_title"),), numbering=_OWN),
        Item("scientific-title", "Scientific title", (Field("title.scientific_title"),), numbering=_OWN),
        Item("acronym", "Acronym", (Field("title.acronym"),), "The trial has no acronym.", _OWN),
        Item("summary", "Summary in plain words", (Field("title.plain_summary"),), numbering=_OWN),
        Item(
            "registration",
            "Number and date here",
            (*parts.NUMBER, *parts.REGISTERED),
            facts.NOT_YET_REGISTERED,
            _OWN,
        ),
        Item("other-numbers", "Other numbers", parts.OTHER_IDS, "The protocol names no other number.", _OWN),
        Item("investigators", "Investigators", parts.INVESTIGATORS, numbering=_OWN),
        Item("contact", "Contact", otherwise=facts.NO_CONTACTS, numbering=_OWN),
        Item("hypothesis", "Hypotheses", parts.HYPOTHESES, numbering=_OWN),
        Item("ethics", "Ethics approval", parts.ETHICS, numbering=_OWN),
        Item(
            "design",
            "Study design",
            (*parts.STUDY_TYPE, *parts.UNITS, *parts.SEQUENCE, *parts.BLINDED),
            numbering=_OWN,
        ),
        Item(
            "comparison",
            "Comparison over time",
            parts.COMPARISON,
            "The protocol compares by a draw, not over time.",
            _OWN,
        ),
        Item("problem", "Problem studied", parts.PROBLEM, numbering=_OWN),
        Item("interventions", "Interventions", parts.ARMS, numbering=_OWN),
        Item(
            "product",
            "Drug or device",
            otherwise="This registry is of trials of policing: it asks for no drug or medical device.",
            numbering=_OWN,
        ),
        Item("primary-outcome", "Primary outcome", parts.PRIMARY, numbering=_OWN),
        Item(
            "secondary-outcomes",
            "Other outcomes",
            parts.OTHERS,
            "The protocol has no outcome but the primary.",
            _OWN,
        ),
        Item("dates", "Start and end", parts.TIMES, numbering=_OWN),
        Item("status", "Status", (Fact(facts.status), Fact(facts.why_stopped, "Reason")), numbering=_OWN),
        Item("eligibility", "Eligibility", parts.ELIGIBLE, numbering=_OWN),
        Item("target", "Target number", parts.SIZE, numbering=_OWN),
        Item("enrolled", "Number in the trial", (Fact(facts.listed),), "No units are listed yet.", _OWN),
        Item(
            "recruitment", "Dates of recruitment", (Field("dates.first_unit", "First unit"),), numbering=_OWN
        ),
        Item("places", "Countries and places", (*parts.COUNTRIES, *parts.SITES), numbering=_OWN),
        Item("sponsor", "Sponsor", parts.SPONSORS, numbering=_OWN),
        Item("funding", "Funders", parts.FUNDING, numbering=_OWN),
        Item(
            "publication", "Publication and dissemination", (*parts.PUBLICATION, *parts.DUE), numbering=_OWN
        ),
        Item("data-sharing", "Sharing of data", parts.SHARING, numbering=_OWN),
        Item("results", "Results", parts.RESULTS, facts.NO_RESULTS, _OWN),
    ),
)
