"""What thresholds may be: a policy that a person typed, or why it is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold: its name for people, and the least and the most that it may be."""

    label: str
    least: float
    most: float
    is_whole: bool = True


# In the order in which they are asked for. Below five a number is no protection; above the most it hides everything.
THRESHOLDS: dict[str, Threshold] = {
    "threshold": Threshold("Fewest data subjects behind a number", 5, 100),
    "residual_df": Threshold("Fewest residual degrees of freedom of a model", 5, 100),
    "rounding_base": Threshold("Counts are multiples of", 1, 50),
    "significant_figures": Threshold("Significant figures of an effect", 2, 4),
    "dominance_n": Threshold("How many largest contributors are taken together", 1, 5),
    "dominance_share": Threshold("Share of a sum that they may not reach", 0.5, 0.99, is_whole=False),
    "p_ratio": Threshold(
        "All but the two largest, as a part of the largest, at least", 0.05, 0.5, is_whole=False
    ),
    "addresses": Threshold("Fewest addresses of an area on a map", 8, 1000),
}


def threshold_problems(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the message for each threshold that cannot be."""
    for name, rule in THRESHOLDS.items():
        value: Any = values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (rule.is_whole and not isinstance(value, int)):
            kind = "a whole number" if rule.is_whole else "a number"
            yield name, f"{rule.label}: enter {kind} from {rule.least:g} to {rule.most:g}"
        elif not rule.least <= value <= rule.most:
            yield name, f"{rule.label}: must be from {rule.least:g} to {rule.most:g}"
    for name in sorted(values.keys() - THRESHOLDS.keys()):
        yield name, f"{name} is no threshold"
    base, least = values.get("rounding_base"), values.get("threshold")
    if type(base) is int and type(least) is int and base > least:
        yield "rounding_base", "Counts are rounded to no more than the fewest data subjects"
