"""Disclosure control over what is released: nothing published may point to a person.

Checks return concerns for the two checkers; some of them block. Pure: no Django, no files.
"""

from experiments.disclosure.estimates import check_differences, check_document
from experiments.disclosure.figures import check_figure
from experiments.disclosure.policy import DEFAULT, PEOPLE, Concern, Policy, is_blocked
from experiments.disclosure.release import released_document
from experiments.disclosure.rounding import round_count, round_significant
from experiments.disclosure.sums import check_sum
from experiments.disclosure.tables import ReleasedList, ReleasedTable, release_list, release_table

__all__ = [
    "DEFAULT",
    "PEOPLE",
    "Concern",
    "Policy",
    "ReleasedList",
    "ReleasedTable",
    "check_differences",
    "check_document",
    "check_figure",
    "check_sum",
    "is_blocked",
    "release_list",
    "release_table",
    "released_document",
    "round_count",
    "round_significant",
]
