"""Error rates as a page shows them: by kind, one count with all its denominators, and what nobody has published."""

from collections.abc import Iterable
from typing import Any

from tactics.models import ErrorRate

MEANINGS = {
    ErrorRate.Kind.MISSED: "what it should have found and did not",
    ErrorRate.Kind.FALSE_ALERT: "what it pointed at and should not have",
    ErrorRate.Kind.REWORK: "what people had to do again or put right",
}
NONE = {
    ErrorRate.Kind.MISSED: "No miss rate is published: how often it overlooks what it should find is not known.",
    ErrorRate.Kind.FALSE_ALERT: "No false alert rate is published.",
    ErrorRate.Kind.REWORK: "No rework rate is published: how much of its work people do again is not known.",
}


def by_kind(rates: Iterable[ErrorRate]) -> list[dict[str, Any]]:
    """Return every kind, also those of which nothing is published. Rates of one count stand together."""
    found: dict[str, dict[tuple[Any, ...], list[ErrorRate]]] = {kind: {} for kind in ErrorRate.Kind}
    for rate in rates:
        found[rate.kind].setdefault(rate.of_one_count, []).append(rate)
    return [
        {
            "title": kind.label,
            "meaning": MEANINGS[kind],
            "none": NONE[kind],
            "counts": [{"first": same[0], "rates": same} for same in found[kind].values()],
        }
        for kind in ErrorRate.Kind
    ]
