"""What a preregistration on the Open Science Framework states, in this registry's own headings."""

from typing import Final

from experiments.exports import facts, parts
from experiments.exports.crosswalk import Fact, Field, Item, Rows, Target

_OWN: Final = "own_reading"
_COVARIATES = (Rows("covariates", (Field("name"), Field("column", "column"), Field("measure", "values"))),)

OSF = Target(
    slug="osf",
    name="OSF preregistration",
    edition="own reading, 1",
    use="The answers to copy into a preregistration on the Open Science Framework.",
    note="Headings and order are this registry’s own: choose a template there, and compare.",
    items=(
        Item(
            "title", "Title", (Field("title.public_title"), Field("title.scientific_title")), numbering=_OWN
        ),
        Item("authors", "Authors", parts.PEOPLE, numbering=_OWN),
        Item("description", "Description", (Field("title.plain_summary"), *parts.PRIOR), numbering=_OWN),
        Item("hypotheses", "Hypotheses", parts.HYPOTHESES, numbering=_OWN),
        Item("study-type", "Study type and design", (*parts.STUDY_TYPE, *parts.UNITS), numbering=_OWN),
        Item("blinding", "Blinding", (*parts.BLINDED, *parts.BLINDED_HOW), numbering=_OWN),
        Item("randomisation", "Randomisation", (*parts.SEQUENCE, *parts.CONCEALMENT), numbering=_OWN),
        Item(
            "comparison",
            "Comparison over time",
            parts.COMPARISON,
            "The protocol compares by a draw, not over time.",
            _OWN,
        ),
        Item("existing-data", "Data that exist already", parts.SEEN, numbering=_OWN),
        Item("collection", "How data are collected", (*parts.PIPELINE, *parts.TIMES), numbering=_OWN),
        Item("sample-size", "Sample size and its reason", parts.POWER, numbering=_OWN),
        Item("stopping", "Stopping rule", parts.INTERIM, numbering=_OWN),
        Item("manipulated", "What is changed on purpose", parts.ARMS, numbering=_OWN),
        Item("measured", "What is measured", parts.OUTCOMES, numbering=_OWN),
        Item(
            "covariates", "Baseline variables", _COVARIATES, "The protocol names no baseline variable.", _OWN
        ),
        Item("models", "Statistical models", (*parts.ESTIMATES, *parts.ESTIMAND), numbering=_OWN),
        Item(
            "inference",
            "Criteria of inference",
            (*parts.MULTIPLICITY, Field("decision.decision_rule", "Decision rule")),
            numbering=_OWN,
        ),
        Item("exclusion", "Exclusion of data", (*parts.ELIGIBLE, *parts.FLOOR), numbering=_OWN),
        Item(
            "missing",
            "Missing data",
            (Field("decision.attrition_boundary", "Boundary of attrition"),),
            numbering=_OWN,
        ),
        Item("exploratory", "Further analyses", parts.MORE_ANALYSES, "None is planned.", _OWN),
        Item("sharing", "Sharing and licence", parts.SHARING, numbering=_OWN),
        Item(
            "here",
            "The record in this registry",
            (*parts.NUMBER, Fact(facts.in_force), Fact(facts.record_address)),
            facts.NOT_YET_REGISTERED,
            _OWN,
        ),
    ),
)
