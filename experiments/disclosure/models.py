"""Regressions and their kin: what a model gives away of the units behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.disclosure.policy import Policy

Row = Mapping[str, Any]
Found = tuple[str, str]


def small_models(row: Row, policy: Policy) -> Iterator[Found]:
    """Rule and message for each way in which an estimate only describes its own rows."""
    df = row["df"] if row["df"] is not None else row["n_clusters"] - 1
    if df < policy.residual_df:
        yield "residual-df", f"Fewer than {policy.residual_df} residual degrees of freedom"
    if len(row["terms"]) >= row["n_units"]:
        yield "saturated", "As many terms as units: this is a table of units"
    if row["std_error"] == 0:
        yield "saturated", "A standard error of 0: the model only describes its own rows"


def small_groups(groups: Mapping[str, int], policy: Policy) -> Iterator[Found]:
    """Rule and message for each group that a model tells apart and that has few units."""
    for name, n in groups.items():
        if n < policy.threshold:
            yield "dummy-units", f"Fewer than {policy.threshold} {name}; the model tells them apart"


def small_tables(table: Mapping[str, int], policy: Policy) -> Iterator[Found]:
    """Rule and message for each small cell of the table that an effect on a yes-or-no outcome is made of.

    The effect, its error and the size of the arms are enough to work the table out, rounded as they are, so the table
    must be one that could be shown.
    """
    for name, n in table.items():
        if n < policy.threshold:
            yield (
                "effect-table",
                f"Fewer than {policy.threshold} {name}: effect and error together give this away",
            )


def few_at_risk(steps: Mapping[str, int], policy: Policy) -> Iterator[Found]:
    """Rule and message for each step of an event study with few units."""
    for name, n in steps.items():
        if n < policy.threshold:
            yield "at-risk", f"Fewer than {policy.threshold} {name}"
