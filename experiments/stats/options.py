"""What a plan may say: every word with a fixed meaning, and what each estimator reads and accepts.

The engine's registry (``engine.ESTIMATORS``, ``engine.CHECKS``) has the same keys as the tables here; a
test keeps them together. A covariance of the contract that an estimator does not list is known but not part
of this version of the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal["primary", "secondary", "guardrail", "harm", "sensitivity", "exploratory"]
Estimand = Literal["ITT", "CACE", "ATT", "ATE"]
Alternative = Literal["two_sided", "less", "greater"]
Multiplicity = Literal["none", "bonferroni", "holm", "hochberg", "bh", "westfall_young"]
Scale = Literal["difference", "log_rate_ratio", "log_odds_ratio", "standardised"]
ControlGroup = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["varying", "universal"]
Estimation = Literal["dr", "ipw", "reg"]
Aggregation = Literal["none", "simple", "dynamic", "group", "calendar"]
Unbalanced = Literal["drop", "keep"]
RolloutAggregation = Literal["simple", "cohort", "calendar", "dynamic"]
RolloutBeta = Literal["efficient", "callaway_santanna", "sun_abraham"]
SyntheticInference = Literal["placebo", "jackknife", "bootstrap"]
Multipliers = Literal["rademacher", "webb"]
Effect = Literal["cluster_average", "individual_average"]
Spending = Literal["obrien_fleming", "pocock"]

ROLES: tuple[str, ...] = get_args(Role)
ESTIMANDS: tuple[str, ...] = get_args(Estimand)
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)
MULTIPLICITIES: tuple[str, ...] = get_args(Multiplicity)
# Roles that guard against harm are never made harder to trigger by adjusting their p values.
UNADJUSTED_ROLES = frozenset({"guardrail", "harm"})

WESTFALL_YOUNG = "westfall_young"
# What is drawn anew for all estimates of a family together; estimates of other kinds have no draw in common.
COMMON_DRAWS: Mapping[str, str] = {
    "difference_in_means": "assignment",
    "ancova": "assignment",
    "two_by_two": "multipliers",
    "twfe": "multipliers",
}
CONTRACT_COVARIANCES = (
    "classical",
    "HC1",
    "HC2",
    "HC3",
    "CR0",
    "CR1",
    "CR2",
    "wild_cluster_bootstrap",
    "randomisation",
    "driscoll_kraay",
    "analytic",
    "multiplier_bootstrap",
)
# How a synthetic control is judged; the contract has no words for it.
SYNTHETIC_COVARIANCES = get_args(SyntheticInference)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option that is one of a few words."""

    values: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """An option that is a whole number from ``low`` to ``high``."""

    low: int
    high: int
    default: int | None = None


@dataclass(frozen=True, slots=True)
class DataColumn:
    """An option that names a column of the data."""

    default: None = None


@dataclass(frozen=True, slots=True)
class Label:
    """An option that names a value of the data, such as one treatment arm."""

    default: None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """An option that lists shares of a whole, such as the information at each look."""

    default: None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """An option that is true, or left out."""

    default: bool = False


Option = Choice | Whole | DataColumn | Label | Shares | Flag


@dataclass(frozen=True, slots=True)
class EstimatorRule:
    """What one estimator needs, reads and accepts.

    ``requires`` lists groups of columns of which one each must be named; ``reads`` the columns that reach
    the sample. ``panel`` estimators have one row per unit and period, where the plan names units; without it a repeated
    unit is a cluster of its rows.
    """

    requires: tuple[tuple[str, ...], ...]
    reads: frozenset[str]
    covariances: tuple[str, ...]
    estimand: Estimand
    scale: Scale = "difference"
    options: Mapping[str, Option] = field(default_factory=dict)
    covariates: bool = True
    randomised: bool = True
    panel: bool = False


_TRIAL = frozenset({"unit", "cluster", "arm", "stratum", "weight"})
_PANEL = frozenset({"unit", "cluster", "period", "first_treated", "treatment", "weight"})
_LINEAR = ("classical", "HC1", "HC2", "HC3", "CR0", "CR1", "CR2")
_TIMING = ("first_treated", "treatment")
# Judged by draws and not by an error.
DRAWN_COVARIANCES = ("wild_cluster_bootstrap", "randomisation")
_DRAWS: Mapping[str, Option] = {
    "weights": Choice(get_args(Multipliers)),
    "reps": Whole(99, 99_999),
    "draws": Whole(99, 99_999, 9_999),
}
_ARM: Mapping[str, Option] = {"arm": Label()}
_REDRAWN: Mapping[str, Option] = {"draws": Whole(99, 99_999, 9_999)}

ESTIMATOR_RULES: Mapping[str, EstimatorRule] = {
    "difference_in_means": EstimatorRule(
        (("arm",),),
        _TRIAL,
        (*_LINEAR, *DRAWN_COVARIANCES),
        "ITT",
        options={**_ARM, **_DRAWS},
        covariates=False,
    ),
    "ancova": EstimatorRule(
        (("arm",),), _TRIAL, (*_LINEAR, *DRAWN_COVARIANCES), "ITT", options={**_ARM, **_DRAWS}
    ),
    "lin": EstimatorRule(
        (("arm",),), _TRIAL, (*_LINEAR, "randomisation"), "ITT", options={**_ARM, **_REDRAWN}
    ),
    "logistic": EstimatorRule((("arm",),), _TRIAL, ("HC1", "CR1", "CR2"), "ITT", options=_ARM),
    "iv": EstimatorRule(
        (("arm",), ("received",)),
        _TRIAL | {"received"},
        ("HC1", "CR1", "CR2", "randomisation"),
        "CACE",
        options={**_ARM, **_REDRAWN},
    ),
    "cluster_means": EstimatorRule(
        (("arm",), ("cluster", "unit")),
        _TRIAL,
        ("classical", "HC1", "HC2", "HC3", "CR2", "randomisation"),
        "ITT",
        options={
            **_ARM,
            **_REDRAWN,
            "effect": Choice(get_args(Effect), "cluster_average"),
            "scale": Choice(("difference", "log_rate"), "difference"),
            "exposure": DataColumn(),
        },
    ),
    "mixed": EstimatorRule((("arm",), ("cluster", "unit")), _TRIAL, ("classical",), "ITT", options=_ARM),
    "poisson": EstimatorRule(
        (("arm",),),
        _TRIAL,
        ("HC1", "HC2", "HC3", "CR0", "CR1", "CR2", "randomisation"),
        "ITT",
        scale="log_rate_ratio",
        options={**_ARM, **_REDRAWN, "exposure": DataColumn()},
    ),
    "negative_binomial": EstimatorRule(
        (("arm",),),
        _TRIAL,
        ("HC1", "HC2", "HC3", "CR0", "CR1", "CR2", "randomisation"),
        "ITT",
        scale="log_rate_ratio",
        options={**_ARM, **_REDRAWN, "exposure": DataColumn()},
    ),
    "two_by_two": EstimatorRule(
        (("unit",), ("period",), _TIMING),
        _PANEL | {"arm"},
        (*_LINEAR, *DRAWN_COVARIANCES),
        "ATT",
        options=_DRAWS,
        randomised=False,
        panel=True,
    ),
    "twfe": EstimatorRule(
        (("unit",), ("period",), _TIMING),
        _PANEL,
        ("classical", "HC1", "CR0", "CR1", "CR2", "driscoll_kraay", *DRAWN_COVARIANCES),
        "ATT",
        options={"second_cluster": Choice(("period",)), **_DRAWS},
        randomised=False,
        panel=True,
    ),
    "event_study": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        ("classical", "HC1", "CR0", "CR1", "CR2", "driscoll_kraay"),
        "ATT",
        randomised=False,
        panel=True,
    ),
    "poisson_twfe": EstimatorRule(
        (("unit",), ("period",), _TIMING),
        _PANEL,
        ("CR1", "CR0", "randomisation"),
        "ATT",
        scale="log_rate_ratio",
        options={"exposure": DataColumn(), "draws": Whole(99, 99_999, 9_999)},
        randomised=False,
        panel=True,
    ),
    "sun_abraham": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        ("CR1", "CR0", "randomisation"),
        "ATT",
        options={"draws": Whole(99, 99_999, 999)},
        covariates=False,
        randomised=False,
        panel=True,
    ),
    "imputation": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        ("analytic", "randomisation"),
        "ATT",
        options={"draws": Whole(99, 99_999, 999)},
        covariates=False,
        randomised=False,
        panel=True,
    ),
    "synthetic_control": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        ("placebo",),
        "ATT",
        covariates=False,
        randomised=False,
        panel=True,
    ),
    "synthetic_did": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        SYNTHETIC_COVARIANCES,
        "ATT",
        options={"reps": Whole(99, 99_999, 499)},
        covariates=False,
        randomised=False,
        panel=True,
    ),
    "triple_difference": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL,
        (*_LINEAR, "randomisation"),
        "ATT",
        options={"affected": DataColumn(), "draws": Whole(99, 99_999, 9_999)},
        covariates=False,
        randomised=False,
        panel=True,
    ),
    "roth_santanna": EstimatorRule(
        (("unit",), ("period",), ("first_treated",)),
        _PANEL | {"stratum"},
        ("analytic", "randomisation"),
        "ATE",
        options={
            "aggregation": Choice(get_args(RolloutAggregation), "simple"),
            "beta": Choice(get_args(RolloutBeta), "efficient"),
            "draws": Whole(99, 99_999, 999),
        },
        covariates=False,
        randomised=False,
        panel=True,
    ),
    # A cluster has one row in a period or many, so it is no panel of units.
    "stepped_wedge": EstimatorRule(
        (("cluster", "unit"), ("period",), _TIMING),
        _PANEL | {"stratum", "sequence"},
        ("CR2", "CR1", "randomisation", "classical"),
        "ITT",
        options={
            "cluster_effects": Choice(("fixed", "random"), "fixed"),
            "transition": Whole(0, 120, 0),
            "draws": Whole(99, 99_999, 9_999),
        },
        randomised=False,
    ),
    "crossover": EstimatorRule(
        (("unit",), ("period",), ("arm",)),
        frozenset({"unit", "period", "arm", "weight"}),
        ("CR2", "CR1", "randomisation"),
        "ITT",
        options={
            **_ARM,
            "block_days": Whole(2, 28),
            "max_run": Whole(1, 28),
            "washout": Whole(0, 27),
            **_REDRAWN,
        },
    ),
    # Without a unit each row is another one: repeated cross-sections.
    "callaway_santanna": EstimatorRule(
        (("period",), ("first_treated",)),
        _PANEL,
        ("analytic", "multiplier_bootstrap", "randomisation"),
        "ATT",
        options={
            "control_group": Choice(get_args(ControlGroup), "never_treated"),
            "base_period": Choice(get_args(BasePeriod), "varying"),
            "estimation": Choice(get_args(Estimation), "dr"),
            "aggregation": Choice(get_args(Aggregation), "simple"),
            "anticipation": Whole(0, 120, 0),
            "unbalanced": Choice(get_args(Unbalanced), "drop"),
            "reps": Whole(99, 99_999),
            "draws": Whole(99, 99_999, 999),
        },
        randomised=False,
        panel=True,
    ),
}
# Under staggered starts these compare with units that are treated already.
PLAIN_TWO_WAY = frozenset({"twfe", "event_study", "poisson_twfe"})
# The columns a check reads beyond those of the estimates.
CHECK_READS: Mapping[str, frozenset[str]] = {
    "balance": frozenset({"unit", "cluster", "arm", "stratum"}),
    "attrition": frozenset({"unit", "cluster", "arm", "stratum"}),
    "sample_ratio": frozenset({"unit", "cluster", "arm"}),
    "allocation_match": frozenset({"unit", "arm", "period"}),
    "dose": frozenset({"unit", "cluster", "arm", "stratum", "dose"}),
    "pre_trends": frozenset(),
    "bacon": frozenset(),
    "honest_did": frozenset(),
    "placebo": frozenset(),
    "displacement": frozenset(),
    "leave_one_out": frozenset(),
}
CHECK_NAMES: tuple[str, ...] = tuple(CHECK_READS)
