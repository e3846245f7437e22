"""Cases that come one by one: each is allotted when it is enrolled, by the seed and by those before it.

``allot(scheme, draw_key, levels, past)`` is one step; `log` chains the steps into a record that anyone with the
seed can replay. Pure, like the draw of a list: no database, no clock, no generator of random numbers.
"""

from experiments.randomise.trickle.allotting import Allotted, allot
from experiments.randomise.trickle.history import Past, Tally
from experiments.randomise.trickle.log import (
    ALGORITHM_ID,
    ALGORITHM_VERSION,
    Entry,
    broken,
    entry_sha256,
    facts_sha256,
    opening_record,
)
from experiments.randomise.trickle.scheme import (
    METHODS,
    Factor,
    FieldProblem,
    Imbalance,
    TrickleMethod,
    TrickleScheme,
    level_problems,
    scheme_problems,
)

__all__ = [
    "ALGORITHM_ID",
    "ALGORITHM_VERSION",
    "METHODS",
    "Allotted",
    "Entry",
    "Factor",
    "FieldProblem",
    "Imbalance",
    "Past",
    "Tally",
    "TrickleMethod",
    "TrickleScheme",
    "allot",
    "broken",
    "entry_sha256",
    "facts_sha256",
    "level_problems",
    "opening_record",
    "scheme_problems",
]
