"""What the ISRCTN registry asks of a study, in this registry's own headings and order.

ISRCTN's wording and numbers are not copied: the ids are this registry's own.
"""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Target, own_reading

ISRCTN = Target(
    slug="isrctn",
    name="ISRCTN",
    edition="own reading, 1",
    use="The answers to copy into the form of the ISRCTN registry.",
    note="Headings and order are this registry’s own, not ISRCTN’s: compare them with its form before you submit.",
    items=(
        own_reading("public-title", "Title for the public", (Field("title.public_title"),)),
        own_reading("scientific-title", "Scientific title", (Field("title.scientific_title"),)),
        own_reading("acronym", "Acronym", (Field("title.acronym"),), "The trial has no acronym."),
        own_reading("summary", "Summary in plain words", (Field("title.plain_summary"),)),
        own_reading(
            "registration",
            "Number and date here",
            (*parts.NUMBER, *parts.REGISTERED),
            facts.NOT_YET_REGISTERED,
        ),
        own_reading("other-numbers", "Other numbers", parts.OTHER_IDS, "The protocol names no other number."),
        own_reading("investigators", "Investigators", parts.INVESTIGATORS),
        own_reading("contact", "Contact", otherwise=facts.NO_CONTACTS),
        own_reading("hypothesis", "Hypotheses", parts.HYPOTHESES),
        own_reading("ethics", "Ethics approval", parts.ETHICS),
        own_reading(
            "design",
            "Study design",
            (*parts.STUDY_TYPE, *parts.UNITS, *parts.SEQUENCE, *parts.BLINDED),
        ),
        own_reading(
            "comparison",
            "Comparison over time",
            parts.COMPARISON,
            facts.COMPARED_BY_DRAW,
        ),
        own_reading("problem", "Problem studied", parts.PROBLEM),
        own_reading("interventions", "Interventions", parts.ARMS),
        own_reading(
            "product",
            "Drug or device",
            otherwise="This registry is of trials of policing: it asks for no drug or medical device.",
        ),
        own_reading("primary-outcome", "Primary outcome", parts.PRIMARY),
        own_reading(
            "secondary-outcomes",
            "Other outcomes",
            parts.OTHERS,
            "The protocol has no outcome but the primary.",
        ),
        own_reading("dates", "Start and end", parts.TIMES),
        own_reading("status", "Status", (Fact(facts.status), Fact(facts.why_stopped, "Reason"))),
        own_reading("eligibility", "Eligibility", parts.ELIGIBLE),
        own_reading("target", "Target number", parts.SIZE),
        own_reading("enrolled", "Number in the trial", (Fact(facts.listed),), "No units are listed yet."),
        own_reading("recruitment", "Dates of recruitment", (Field("dates.first_unit", "First unit"),)),
        own_reading("places", "Countries and places", (*parts.COUNTRIES, *parts.SITES)),
        own_reading("sponsor", "Sponsor", parts.SPONSORS),
        own_reading("funding", "Funders", parts.FUNDING),
        own_reading("publication", "Publication and dissemination", (*parts.PUBLICATION, *parts.DUE)),
        own_reading("data-sharing", "Sharing of data", parts.SHARING),
        own_reading(
            "results",
            "Results",
            (*parts.RESULTS, Fact(facts.harms_with_results, "Harms")),
            facts.NO_RESULTS,
        ),
    ),
)
