"""What a check is given: the plan, and every estimate with its fit or the reason it has none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


@dataclass(frozen=True, slots=True)
class Made:
    """One estimate of the plan: its fit, or None and the reason."""

    spec: EstimateSpec
    fit: Fit | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The state of the run after the estimates; ``sample`` builds the sample of an estimate again."""

    plan: Plan
    made: tuple[Made, ...]
    sample: Callable[[EstimateSpec], Sample]

    def fits(self) -> Iterator[tuple[EstimateSpec, Fit]]:
        """The estimates that were made, primary ones first, else in plan order."""
        for made in sorted(self.made, key=lambda made: made.spec.role != "primary"):
            if made.fit is not None:
                yield made.spec, made.fit
