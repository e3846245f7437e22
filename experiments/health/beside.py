"""Other trials in the same places, people or officers."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.health.verdict import Status, Verdict


@dataclass(frozen=True, slots=True)
class Beside:
    """Another trial that this one meets."""

    said: str
    is_declared: bool
    is_on: bool  # the other trial treats or measures now


def collisions(met: Sequence[Beside]) -> Verdict:
    """Judge whether the trials that this one meets are declared: red where one that is not runs now."""
    open_ones = [one for one in met if not one.is_declared]
    figures = {"met": len(met), "undeclared": len(open_ones)}
    if open_ones:
        status = Status.RED if any(one.is_on for one in open_ones) else Status.AMBER
        said = "; ".join(one.said for one in open_ones)
        return Verdict("collisions", status, f"Named in no protocol: {said}.", figures)
    if met:
        noun = "trial" if len(met) == 1 else "trials"
        return Verdict("collisions", Status.GREEN, f"Meets {len(met)} {noun}, as declared.", figures)
    return Verdict(
        "collisions", Status.GREEN, "No other trial acts on the same things in these days.", figures
    )
