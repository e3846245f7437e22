"""The stated design: how many, in what groups, when treated, and what the outcomes look like without the tactic."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from experiments.stats.errors import NotEstimable, Problem
from experiments.stats.registered import DayRules
from experiments.stats.regression.day_draws import DayOrders, Rules, slots_of

Kind = Literal["count", "binary", "continuous"]
CovariateKind = Literal["count", "binary", "continuous", "category"]

MOST_ROWS = 500_000
MOST_MEAN = 100_000.0
MOST_FACTOR = 2.0  # the power curve goes to twice the stated effect


@dataclass(frozen=True, slots=True)
class OutcomeShape:
    """One outcome without the tactic, and what the tactic does to those who receive it.

    Attributes
    ----------
    kind : count, binary or continuous.
    mean : per unit and period without the tactic; the share of ones of a binary outcome.
    spread : the standard deviation of a continuous outcome; variance over mean of a count (1 is Poisson, and more
        is overdispersion); not read for a binary one.
    effect : relative change of a count's mean (-0.2 is a fifth less), change of a share in points of 1, or change
        of a mean in the outcome's units.
    """

    kind: Kind
    mean: float
    spread: float = 1.0
    effect: float = 0.0

    @property
    def variance(self) -> float:
        """The variance of one value without the tactic."""
        if self.kind == "binary":
            return self.mean * (1 - self.mean)
        return self.spread * self.mean if self.kind == "count" else self.spread**2

    def treated_mean(self, effect: float) -> float:
        """The mean under an effect."""
        return self.mean * (1 + effect) if self.kind == "count" else self.mean + effect


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that data of the registered shape are drawn from.

    Attributes
    ----------
    outcomes : the shape of each outcome column.
    n_units : units; each has one row in each period.
    n_clusters : what is assigned where units are assigned together; None where each is assigned alone.
    cluster_cv : standard deviation over mean of the clusters' sizes.
    n_strata : strata of equal size, within which arms are drawn.
    shares : arm to its share of the draw; by the plan's labels.
    n_periods : 1 where nothing is followed over time.
    starts : the periods in which treatment starts, in a design over time; later periods are treated too.
    never_share : the share that is never treated, where starting dates and not arms are assigned.
    icc : correlation of two units of a cluster in one period, on the outcome's own scale.
    autocorrelation : correlation of a unit's (and of a cluster's) outcome with itself one period on; it decays as
        a power of the distance.
    attrition : the share of units whose outcome is lost at random; over time, from a random period on.
    uptake : the share of the treated who receive the treatment, where the plan reads who did.
    r_squared : the share of the outcome's variance that the plan's covariates explain; designs of one period only.
    covariates : kind of each covariate's column; continuous where it is not named.
    days : the rules of a draw of places and days, in which arms change from period to period; None in any other.
    """

    outcomes: Mapping[str, OutcomeShape]
    n_units: int
    n_clusters: int | None = None
    cluster_cv: float = 0.0
    n_strata: int = 1
    shares: Mapping[str, float] = field(default_factory=dict)
    n_periods: int = 1
    starts: tuple[int, ...] = ()
    never_share: float = 0.0
    icc: float = 0.0
    autocorrelation: float = 0.0
    attrition: float = 0.0
    uptake: float = 1.0
    r_squared: float = 0.0
    covariates: Mapping[str, CovariateKind] = field(default_factory=dict)
    days: DayRules | None = None

    @property
    def n_assigned(self) -> int:
        """How many are assigned: clusters, or units."""
        return self.n_clusters or self.n_units


def to_json(design: Design) -> dict[str, Any]:
    """The design as plain objects, for keeping and hashing."""
    written = asdict(design)
    return {**written, "starts": list(design.starts)}


def from_json(value: Mapping[str, Any]) -> Design:
    """The design that `to_json` wrote."""
    outcomes = {column: OutcomeShape(**shape) for column, shape in value["outcomes"].items()}
    days = DayRules(**value["days"]) if value.get("days") else None
    return Design(**{**value, "outcomes": outcomes, "starts": tuple(value["starts"]), "days": days})


def problems(design: Design) -> list[Problem]:
    """What cannot be drawn, each at the name of its field."""
    return [*_sizes(design), *_times(design), *_shares(design), *_outcomes(design)]


def _sizes(design: Design) -> Iterator[Problem]:
    if not 2 <= design.n_units * design.n_periods <= MOST_ROWS:
        yield Problem("n_units", f"Units times periods must be from 2 to {MOST_ROWS:,}")
    if design.n_clusters is not None and not 2 <= design.n_clusters <= design.n_units:
        yield Problem("n_clusters", "There must be at least 2 clusters, and no more clusters than units")
    if not 0 <= design.cluster_cv <= 3:
        yield Problem("cluster_cv", "The variation of cluster sizes must be from 0 to 3")
    if not 1 <= design.n_strata <= max(design.n_assigned // 2, 1):
        yield Problem("n_strata", "There must be at least 1 stratum, and at least 2 to assign in each")


def _times(design: Design) -> Iterator[Problem]:
    if design.n_periods < 1:
        yield Problem("n_periods", "There must be at least 1 period")
    elif design.days is not None:
        yield from _days(design, design.days)
    elif design.n_periods > 1 and not design.starts:
        yield Problem("starts", "Say in which periods treatment starts")
    if any(not 2 <= start <= design.n_periods for start in design.starts):
        yield Problem("starts", f"Treatment must start in a period from 2 to {design.n_periods}")
    if design.n_periods > 1 and design.r_squared:
        yield Problem("r_squared", "Over several periods the share explained by baseline variables must be 0")


def _days(design: Design, rules: DayRules) -> Iterator[Problem]:
    if design.n_periods % rules.block_days:
        yield Problem("n_periods", f"Days must be a whole number of blocks of {rules.block_days}")
    labels = list(design.shares)
    comparator = labels.index(rules.comparator) if rules.washout else 0
    try:
        slots = slots_of(list(design.shares.values()), rules.block_days)
        DayOrders.of(Rules(slots, rules.longest_run, rules.washout, comparator))
    except NotEstimable as refusal:
        yield Problem("n_periods", f"The days cannot be drawn: {refusal.reason}")


def _shares(design: Design) -> Iterator[Problem]:
    for name, words, below in (
        ("icc", "The ICC", 1.0),
        ("autocorrelation", "The autocorrelation", 1.0),
        ("attrition", "The share lost", 0.9),
        ("never_share", "The share never treated", 1.0),
        ("r_squared", "The share explained", 1.0),
    ):
        if not 0 <= getattr(design, name) < below:
            yield Problem(name, f"{words} must be at least 0 and less than {below:g}")
    if not 0 < design.uptake <= 1:
        yield Problem("uptake", "The share who receive the treatment must be above 0 and at most 1")


def _outcomes(design: Design) -> Iterator[Problem]:
    for column, shape in design.outcomes.items():
        far = MOST_FACTOR * shape.effect
        if shape.kind == "count":
            if not 0 < shape.mean <= MOST_MEAN:
                yield Problem(f"mean__{column}", f"A mean count must be above 0 and at most {MOST_MEAN:,.0f}")
            if not 1 <= shape.spread <= 1_000:
                yield Problem(f"spread__{column}", "Variance over mean must be from 1 to 1,000")
            if not -1 < far <= 100:
                yield Problem(
                    f"effect__{column}", "Twice the effect must leave a count above 0: more than -0.5"
                )
        elif shape.kind == "binary":
            if not 0 < shape.mean < 1:
                yield Problem(f"mean__{column}", "A share must be between 0 and 1")
            elif not 0 < shape.mean + far < 1:
                yield Problem(f"effect__{column}", "Twice the effect must leave the share between 0 and 1")
        elif shape.spread <= 0:
            yield Problem(f"spread__{column}", "The standard deviation must be above 0")
