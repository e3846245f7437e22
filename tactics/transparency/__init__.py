"""Algorithmic transparency records: which fields each version of the standard has, and what an answer may be. Pure."""

from tactics.transparency.answers import NOT_APPLICABLE, cleaned, missing, typed
from tactics.transparency.documents import COLUMNS, STANDARD_NAME, differences, document, groups
from tactics.transparency.standard import LATEST, STANDARDS, Field, Section, Standard

__all__ = [
    "COLUMNS",
    "LATEST",
    "NOT_APPLICABLE",
    "STANDARDS",
    "STANDARD_NAME",
    "Field",
    "Section",
    "Standard",
    "cleaned",
    "differences",
    "document",
    "groups",
    "missing",
    "typed",
]
