"""What a preregistration on the Open Science Framework states, in this registry's own headings."""

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Rows, Target, own_reading

_COVARIATES = (Rows("covariates", (Field("name"), Field("column", "column"), Field("measure", "values"))),)

OSF = Target(
    slug="osf",
    name="OSF preregistration",
    edition="own reading, 1",
    use="The answers to copy into a preregistration on the Open Science Framework.",
    note="Headings and order are this registry’s own: choose a template there, and compare.",
    items=(
        own_reading("title", "Title", (Field("title.public_title"), Field("title.scientific_title"))),
        own_reading("authors", "Authors", parts.PEOPLE),
        own_reading("description", "Description", (Field("title.plain_summary"), *parts.PRIOR)),
        own_reading("hypotheses", "Hypotheses", parts.HYPOTHESES),
        own_reading("study-type", "Study type and design", (*parts.STUDY_TYPE, *parts.UNITS)),
        own_reading("blinding", "Blinding", (*parts.BLINDED, *parts.BLINDED_HOW)),
        own_reading("randomisation", "Randomisation", (*parts.SEQUENCE, *parts.CONCEALMENT)),
        own_reading(
            "comparison",
            "Comparison over time",
            parts.COMPARISON,
            facts.COMPARED_BY_DRAW,
        ),
        own_reading("existing-data", "Data that exist already", parts.SEEN),
        own_reading("collection", "How data are collected", (*parts.PIPELINE, *parts.TIMES)),
        own_reading("sample-size", "Sample size and its reason", parts.POWER),
        own_reading("stopping", "Stopping rule", parts.INTERIM),
        own_reading("manipulated", "What is changed on purpose", parts.ARMS),
        own_reading("measured", "What is measured", parts.OUTCOMES),
        own_reading(
            "covariates", "Baseline variables", _COVARIATES, "The protocol names no baseline variable."
        ),
        own_reading("models", "Statistical models", (*parts.ESTIMATES, *parts.ESTIMAND)),
        own_reading(
            "inference",
            "Criteria of inference",
            (*parts.MULTIPLICITY, Field("decision.decision_rule", "Decision rule")),
        ),
        own_reading("exclusion", "Exclusion of data", (*parts.ELIGIBLE, *parts.FLOOR)),
        own_reading(
            "missing",
            "Missing data",
            (Field("decision.attrition_boundary", "Boundary of attrition"),),
        ),
        own_reading("exploratory", "Further analyses", parts.MORE_ANALYSES, "None is planned."),
        own_reading("sharing", "Sharing and licence", parts.SHARING),
        own_reading("deviations", "Deviations from the plan", parts.DEVIATED, facts.NOT_TOLD_YET),
        own_reading(
            "here",
            "The record in this registry",
            (*parts.NUMBER, Fact(facts.in_force), Fact(facts.record_address)),
            facts.NOT_YET_REGISTERED,
        ),
    ),
)
