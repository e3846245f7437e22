"""The design that a protocol states, as something to draw data from; what it does not state is given a plain value."""

from collections.abc import Mapping

from experiments.protocol.drawing import batch_scheme
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import AllocationMethod, CovariateMeasure, Design, Measure
from experiments.randomise.options import Crossover
from experiments.randomise.scheme import scheme_problems
from experiments.stats.diagnosis import design as stated
from experiments.stats.plan import Plan
from experiments.stats.registered import DayRules

# What an outcome looks like where nothing is stated: common enough that no arm or cluster is without it.
_SHAPES: Mapping[Measure, stated.OutcomeShape] = {
    Measure.COUNT: stated.OutcomeShape("count", 5.0, 1.5),
    Measure.BINARY: stated.OutcomeShape("binary", 0.3),
    Measure.CONTINUOUS: stated.OutcomeShape("continuous", 0.0, 1.0),
}
_KINDS: Mapping[CovariateMeasure, stated.CovariateKind] = {
    CovariateMeasure.COUNT: "count",
    CovariateMeasure.BINARY: "binary",
    CovariateMeasure.CONTINUOUS: "continuous",
    CovariateMeasure.CATEGORY: "category",
}
# Designs in which every treated unit starts at once.
_ONE_START = frozenset({Design.DID_2X2, Design.SYNTHETIC_CONTROL, Design.ITS})
# Designs in which everybody is treated in the end.
_EVERYONE = frozenset({Design.RCT_STEPPED_WEDGE, Design.WAITLIST})
PERIODS_AFTER = 6
PERIODS_BEFORE = 6
STARTS = 4
NEVER, UPTAKE = 0.6, 0.8
STRATA, LEAST_IN_STRATUM = 4, 8


def design_of(read: Protocol, plan: Plan) -> stated.Design:
    """Return the stated design, with no effect of any treatment."""
    n_units, n_clusters = _sizes(read, plan)
    parts = set(plan.roles().values())
    drawn_days = _days(read, plan, parts)
    n_periods, starts = _times(read, parts) if drawn_days is None else (drawn_days.n_days, ())
    return stated.Design(
        outcomes={spec.outcome: shape_of(read, spec.outcome) for spec in plan.estimates},
        n_units=n_units,
        n_clusters=n_clusters,
        n_strata=_strata(n_clusters or n_units) if "stratum" in parts else 1,
        shares={arm: float(share) for arm, share in read.shares.items()} or _equal_shares(read),
        n_periods=n_periods,
        starts=starts,
        never_share=0.0 if not starts or read.design.design in _EVERYONE else NEVER,
        icc=(read.sample_size.icc or 0.0) if n_clusters else 0.0,
        autocorrelation=0.5 if n_periods > 1 else 0.0,
        uptake=UPTAKE if "received" in parts else 1.0,
        covariates={
            covariate.column: _KINDS[covariate.measure or CovariateMeasure.CONTINUOUS]
            for covariate in read.covariates
        },
        days=None if drawn_days is None else _rules(drawn_days),
    )


def _equal_shares(read: Protocol) -> dict[str, float]:
    """Return the shares of a draw that asks for none: as many to each arm."""
    is_drawn = read.design.design is not None and read.design.design.is_randomised
    return {arm.id: 1.0 for arm in read.arms} if is_drawn else {}


def shape_of(read: Protocol, column: str) -> stated.OutcomeShape:
    """Return what an outcome of this measure looks like where the protocol does not say."""
    outcome = read.outcome_of_column(column)
    return _SHAPES[(outcome.measure if outcome else None) or Measure.CONTINUOUS]


def _sizes(read: Protocol, plan: Plan) -> tuple[int, int | None]:
    """Return units, and clusters where the plan reads them."""
    size = read.sample_size
    units = size.planned_units or 2
    if "cluster" not in plan.roles().values():
        return units, None
    clusters = size.planned_clusters or read.allocation.clusters_n
    if clusters is None:
        return units, None
    if units <= clusters:  # the units counted are the clusters
        units = clusters * max(round(read.allocation.cluster_size or 1), 1)
    return units, min(clusters, units)


def _times(read: Protocol, parts: set[str]) -> tuple[int, tuple[int, ...]]:
    """Return periods, and the periods in which treatment starts."""
    if "period" not in parts:
        return 1, ()
    before = read.qed.pre_periods_n or PERIODS_BEFORE
    first = before + 1 + read.qed.anticipation_periods
    if read.design.design in _ONE_START or not (parts & {"first_treated", "treatment"}):
        return before + PERIODS_AFTER, (first,)
    if read.design.design is Design.DID_STAGGERED or read.design.design in _EVERYONE:
        return first + STARTS + PERIODS_AFTER - 2, tuple(range(first, first + STARTS))
    return first + PERIODS_AFTER - 1, (first,)


def _days(read: Protocol, plan: Plan, parts: set[str]) -> Crossover | None:
    """Return how places and days are drawn, where the plan reads the days and the draw is stated whole."""
    if read.allocation.method is not AllocationMethod.CROSSOVER or "period" not in parts or plan.arms is None:
        return None
    scheme = batch_scheme(read)
    return None if scheme_problems(scheme) else scheme.crossover


def _rules(drawn: Crossover) -> DayRules:
    return DayRules(drawn.block_days, drawn.max_run, drawn.washout_days, drawn.comparator)


def _strata(n_assigned: int) -> int:
    return max(min(STRATA, n_assigned // LEAST_IN_STRATUM), 1)
