"""What a check is given: the plan, and every estimate with its fit or the reason it has none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from experiments.stats.frame import Frame
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.registered import Registered
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


@dataclass(frozen=True, slots=True)
class Made:
    """One estimate of the plan: its fit, or None and the reason."""

    spec: EstimateSpec
    fit: Fit | None
    reason: str | None = None


# Covariances that cost draws, which an estimate that is made again and again can do without.
DRAWN = frozenset({"wild_cluster_bootstrap", "randomisation", "multiplier_bootstrap", "placebo", "bootstrap"})
FEWEST_REPS = 99


def without_draws(spec: EstimateSpec) -> EstimateSpec:
    """The estimate of which only the number is wanted: nothing is drawn for it that need not be."""
    options = {**spec.options, "reps": FEWEST_REPS} if "reps" in spec.options else spec.options
    return replace(spec, covariance=None if spec.covariance in DRAWN else spec.covariance, options=options)


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The state of the run after the estimates.

    ``sample`` builds the sample of an estimate again; ``fit`` makes an estimate from another sample; ``frame`` has the
    rows that no sample holds; ``registered`` what the registration says, None without one.
    """

    plan: Plan
    made: tuple[Made, ...]
    sample: Callable[[EstimateSpec], Sample]
    fit: Callable[[EstimateSpec, Sample], Fit]
    frame: Frame
    registered: Registered | None = None

    def fits(self) -> Iterator[tuple[EstimateSpec, Fit]]:
        """The estimates that were made, primary ones first, else in plan order."""
        for made in sorted(self.made, key=lambda made: made.spec.role != "primary"):
            if made.fit is not None:
                yield made.spec, made.fit
