"""Disclosure control over what is released: nothing published may point to a person.

Checks return concerns for the two checkers; some of them block. Pure: no Django, no files.
"""

from experiments.disclosure.differencing import Counted, check_differences, check_groups
from experiments.disclosure.estimates import Behind, check_document
from experiments.disclosure.figures import check_figure
from experiments.disclosure.history import History, ReleasedCounts
from experiments.disclosure.maps import check_areas
from experiments.disclosure.percentiles import check_percentile
from experiments.disclosure.policy import DEFAULT, PEOPLE, Concern, Policy, is_blocked
from experiments.disclosure.rates import check_share
from experiments.disclosure.release import released_document
from experiments.disclosure.report import Report, report
from experiments.disclosure.rounding import round_count, round_significant
from experiments.disclosure.rules import RULES, Rule
from experiments.disclosure.scan import check_file_name, check_text
from experiments.disclosure.steps import Step, check_steps, released_steps
from experiments.disclosure.sums import check_sum
from experiments.disclosure.tables import ReleasedList, ReleasedTable, release_list, release_table
from experiments.disclosure.thresholds import THRESHOLDS, Threshold, threshold_problems

__all__ = [
    "DEFAULT",
    "PEOPLE",
    "RULES",
    "THRESHOLDS",
    "Behind",
    "Concern",
    "Counted",
    "History",
    "Policy",
    "ReleasedCounts",
    "ReleasedList",
    "ReleasedTable",
    "Report",
    "Rule",
    "Step",
    "Threshold",
    "check_areas",
    "check_differences",
    "check_document",
    "check_figure",
    "check_file_name",
    "check_groups",
    "check_percentile",
    "check_share",
    "check_steps",
    "check_sum",
    "check_text",
    "is_blocked",
    "release_list",
    "release_table",
    "released_document",
    "released_steps",
    "report",
    "round_count",
    "round_significant",
    "threshold_problems",
]
