"""The place-day crossover as an estimate of a plan: its days, its terms for carry-over, and what judges it."""

import datetime as dt
import re

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.effects import interval_term, two_arms
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.crossover import Crossover, crossover
from experiments.stats.estimators.crossover_draws import Replayed, replayed
from experiments.stats.estimators.twfe import lost_rows
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.two_way import TwoWayFit
from experiments.stats.results import Dropped, Fit, Term
from experiments.stats.sample import Sample

IntArray = NDArray[np.intp]

WHOLE = re.compile(r"-?[0-9]{1,15}(\.0*)?")
ENOUGH = 40  # places below which CR1 is too small
OTHER_ARM = "in an arm that is not compared"
NEVER = "a place that was seen in one arm only, so nothing can be learnt from it"
CARRY_OVER = "carry_over"
BESIDE = "effect beside carry_over"
SETTLED = "effect without post-switch days"
ONE_DAY = (
    "the estimate takes a day's arm to work on that day only; where it lasts into the next the estimate is off: read "
    "carry_over in terms, and the effect beside it"
)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The crossover for one estimate of the plan."""
    kind = spec.covariance or "CR2"
    two, treated = two_arms(sample, spec)
    day = day_numbers(two.period_names)[two.period]
    found = crossover(
        two.outcome,
        treated,
        two.unit,
        day,
        covariates=two.covariates if two.covariate_names else None,
        weight=two.weight,
        # The plan was parsed against the same words.
        covariance="CR2" if kind == "randomisation" else kind,  # type: ignore[arg-type]
        names=two.covariate_names,
    )
    counts = (
        (OTHER_ARM, sample.n_obs - two.n_obs),
        (NEVER, int((~found.used).sum())),
    )
    dropped = (*(Dropped(*one) for one in counts if one[1]), *lost_rows(found.fit))
    terms = _terms(found, plan.alpha)
    if kind == "randomisation":
        return _judged(replayed(two, treated, day, found, spec, plan), found, spec, plan, terms, dropped)
    df = found.fit.df(np.eye(len(found.fit.coefficients))[0])
    return Fit(
        estimate=float(found.fit.coefficients[0]),
        std_error=float(np.sqrt(found.fit.covariance[0, 0])),
        df=df,
        covariance=kind,
        n_obs=found.fit.n_obs,
        n_units=found.fit.n_units,
        n_clusters=found.fit.n_clusters,
        n_treated=found.fit.n_units,
        terms=terms,
        warnings=(ONE_DAY, *_warnings(kind, found.fit.n_clusters, df)),
        ssc=found.fit.ssc,
        dropped=dropped,
    )


def day_numbers(names: tuple[str, ...]) -> IntArray:
    """(T,) the days as whole numbers, so that yesterday is one less: dates count calendar days, numbers are themselves.

    Raises
    ------
    NotEstimable : periods that are neither, so that nobody can say which day came before.
    """
    try:
        return np.array([dt.date.fromisoformat(name).toordinal() for name in names], dtype=np.intp)
    except ValueError:
        pass
    for name in names:
        if not WHOLE.fullmatch(name):
            raise NotEstimable(
                f"the period '{name}' is no day: write days as dates, such as 2026-09-01, or as whole numbers"
            )
    return np.array([int(float(name)) for name in names], dtype=np.intp)


def _terms(found: Crossover, alpha: float) -> tuple[Term, ...]:
    """What yesterday's arm still does, and the effect without it, in two ways."""
    return (
        _term(CARRY_OVER, found.carry_over, 1, alpha),
        _term(BESIDE, found.carry_over, 0, alpha),
        _term(SETTLED, found.settled, 0, alpha),
    )


def _term(name: str, fit: TwoWayFit | NotEstimable, place: int, alpha: float) -> Term:
    if isinstance(fit, NotEstimable):
        return Term(name, None, note=fit.reason)
    contrast = np.eye(len(fit.coefficients))[place]
    value = float(fit.coefficients[place])
    try:
        df = fit.df(contrast)
    except NotEstimable as refusal:
        return Term(name, value, note=refusal.reason)
    error = float(np.sqrt(fit.covariance[place, place]))
    return interval_term(name, value, error, df, alpha)


def _warnings(kind: str, n_places: int, df: float) -> tuple[str, ...]:
    if kind != "CR2" and n_places < ENOUGH:
        return (
            f"{kind} is too small with {n_places} places and rejects a true null too often; CR2 or the covariance "
            "'randomisation' keep nearer to its level",
        )
    return domain.df_warning(kind, df)


def _judged(
    made: Replayed,
    found: Crossover,
    spec: EstimateSpec,
    plan: Plan,
    terms: tuple[Term, ...],
    dropped: tuple[Dropped, ...],
) -> Fit:
    test, n_places = made.test, found.fit.n_clusters
    return Fit(
        # One number whatever judges it: the draws come to it by another way, which rounds otherwise.
        estimate=float(found.fit.coefficients[0]),
        std_error=test.std_error,
        df=float(n_places - 1),
        covariance="randomisation",
        n_obs=found.fit.n_obs,
        n_units=found.fit.n_units,
        n_clusters=n_places,
        n_treated=found.fit.n_units,
        terms=terms,
        warnings=(
            f"p value and interval are of a randomisation test over {made.words}; the intervals of the terms are CR2's",
            *made.said,
            ONE_DAY,
        ),
        ssc={
            "covariance": "randomisation",
            "factor": test.factor,
            "formula": "studentised by CR1",
            "n_clusters": n_places,
            "draws": spec.options["draws"],
            "enumerated": False,
        },
        dropped=dropped,
        resampled=test.draws.resampled(
            test.estimate, test.std_error, alpha=plan.alpha, alternative=spec.alternative
        ),
    )
