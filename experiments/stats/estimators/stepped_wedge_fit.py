"""The stepped wedge as an estimate of a plan: the schedule as it was registered, its terms, and its redrawn order."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from centre import distributions
from experiments.stats import domain
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.stepped_wedge import NEVER, SteppedWedge, crossings, stepped_wedge
from experiments.stats.estimators.stepped_wedge_random import RandomWedge, stepped_wedge_random
from experiments.stats.estimators.twfe import lost_rows
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.redraw import DrawnThings
from experiments.stats.registered import Registered
from experiments.stats.regression.assignments import Assignments, assignments, how_many
from experiments.stats.regression.cells import (
    Redrawn,
    RedrawnSchedules,
    block_size,
    cells,
    redrawn_schedules,
)
from experiments.stats.regression.nested_intercepts import NestedIntercepts
from experiments.stats.regression.randomisation import by_cluster
from experiments.stats.regression.two_way import TwoWayFit
from experiments.stats.results import Dropped, Fit, Term
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

TRANSITION = "in transition"
ENOUGH = 40  # clusters below which CR1 is too small
AVERAGE = "event_time average"
NO_TERMS = "the schedule cannot tell the effects by time since the crossing apart, so there are no terms"
LEANS = (
    "the error leans on the model: clusters and their periods that differ by normal amounts, and rows of a cluster "
    "that resemble each other as much in any two periods; where near periods resemble each other more it can be too "
    "small, so read CR2 beside it"
)
GROWING = (
    "the estimate takes the effect as the same from the crossing on; where it grows or fades the estimate can even "
    "have the wrong sign: read the event times in terms, and roth_santanna or callaway_santanna beside it"
)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The stepped wedge for one estimate of the plan."""
    start = scheduled(sample)
    _check_sequences(sample, start)
    if spec.options["cluster_effects"] == "random":
        return _random(sample, start, spec, plan)
    kind = spec.covariance or "CR2"
    found = stepped_wedge(
        sample.outcome,
        sample.status,
        sample.cluster,
        sample.period,
        start=start,
        transition=spec.options["transition"],
        covariates=sample.covariates if sample.covariate_names else None,
        weight=sample.weight,
        # The plan was parsed against the same words.
        covariance="CR2" if kind == "randomisation" else kind,  # type: ignore[arg-type]
        names=sample.covariate_names,
    )
    n_treated = len(np.unique(sample.cluster[sample.status > 0]))
    lost = int((~found.used).sum())
    dropped = (*((Dropped(TRANSITION, lost),) if lost else ()), *lost_rows(found.fit))
    terms = _terms(found, plan)
    if kind == "randomisation":
        return _redrawn(sample, start, found, spec, plan, n_treated, terms, dropped)
    contrast = np.eye(len(found.fit.coefficients))[0]
    df = found.fit.df(contrast)
    return Fit(
        estimate=float(found.fit.coefficients[0]),
        std_error=float(np.sqrt(found.fit.covariance[0, 0])),
        df=df,
        covariance=kind,
        n_obs=found.fit.n_obs,
        n_units=sample.n_units,
        n_clusters=found.fit.n_clusters,
        n_treated=n_treated,
        terms=terms,
        warnings=(GROWING, *_warnings(kind, found.fit.n_clusters, df), *_no_terms(found)),
        ssc=found.fit.ssc,
        dropped=dropped,
    )


def _random(sample: Sample, start: IntArray, spec: EstimateSpec, plan: Plan) -> Fit:
    """The estimate with random cluster effects, judged by the model's own error."""
    if sample.weight is not None:
        raise NotEstimable("a model with random cluster effects takes no weights here; use fixed ones")
    found = stepped_wedge_random(
        sample.outcome,
        sample.status,
        sample.cluster,
        sample.period,
        start=start,
        transition=spec.options["transition"],
        covariates=sample.covariates if sample.covariate_names else None,
        names=sample.covariate_names,
    )
    contrast, fit = found.contrast, found.fit
    whole = fit.between + (fit.by_period or 0.0) + fit.within
    lost = int((~found.used).sum())
    return Fit(
        estimate=float(contrast @ fit.coefficients),
        std_error=fit.std_error(contrast),
        df=fit.df(contrast),
        covariance="classical",
        n_obs=int(found.used.sum()),
        n_units=sample.n_units,
        n_clusters=found.n_clusters,
        n_treated=len(np.unique(sample.cluster[sample.status > 0])),
        icc=1 - fit.within / whole,
        terms=(*_random_terms(found, plan), *_variances(fit)),
        warnings=(GROWING, LEANS, *_no_terms(found)),
        ssc={
            "covariance": "classical",
            "factor": 1.0,
            "formula": "REML, Kenward–Roger",
            "n_clusters": found.n_clusters,
        },
        dropped=(Dropped(TRANSITION, lost),) if lost else (),
    )


def _variances(fit: NestedIntercepts) -> tuple[Term, ...]:
    by_period = () if fit.by_period is None else (Term("variance_by_period", fit.by_period),)
    return (Term("variance_between", fit.between), *by_period, Term("variance_within", fit.within))


def _random_terms(found: RandomWedge, plan: Plan) -> tuple[Term, ...]:
    fit = found.by_exposure
    if fit is None:
        return ()

    def term(name: str, contrast: FloatArray) -> Term:
        value, error = float(contrast @ fit.coefficients), fit.std_error(contrast)
        return Term(name, value, error, *distributions.interval(value, error, fit.df(contrast), plan.alpha))

    # The constant is the first column.
    each = _contrasts(found.exposures, len(fit.coefficients), first=1)
    return tuple(term(name, one) for name, one in each)


def _contrasts(exposures: IntArray, width: int, first: int) -> list[tuple[str, FloatArray]]:
    """Each period since the crossing, and their plain mean."""
    count = len(exposures)
    found = [(f"event_time={time}", np.eye(width)[first + j]) for j, time in enumerate(exposures.tolist())]
    if count > 1:
        inside = (np.arange(width) >= first) & (np.arange(width) < first + count)
        found.append((AVERAGE, np.where(inside, 1 / count, 0.0)))
    return found


def scheduled(sample: Sample) -> IntArray:
    """(G,) the period in which each cluster crosses over, by the plan's column or by its first treated row."""
    found = crossings(sample.status, sample.cluster, sample.period)
    if sample.treatment is not None or sample.first_treated is None:
        return found
    first = sample.first_treated[np.unique(sample.cluster, return_index=True)[1]]
    if not np.array_equal(first[sample.cluster], sample.first_treated):
        raise NotEstimable(
            "the rows of a cluster have different periods of first treatment, and 'cluster' is what crosses over as a "
            "whole"
        )
    place = np.searchsorted(sample.period_values, first)
    return np.where(np.isfinite(first), place, NEVER).astype(np.intp)


def _check_sequences(sample: Sample, start: IntArray) -> None:
    """Refuse a sequence whose clusters do not cross over together, and a cluster in two sequences."""
    if sample.sequence is None:
        return
    first = np.unique(sample.cluster, return_index=True)[1]
    sequence = sample.sequence[first]
    if not np.array_equal(sequence[sample.cluster], sample.sequence):
        raise NotEstimable("a cluster is in two sequences; each crosses over by one")
    for code, name in enumerate(sample.sequence_names):
        dates = np.unique(start[sequence == code])
        if len(dates) > 1:
            raise NotEstimable(
                f"the clusters of the sequence '{name}' cross over in {len(dates)} different periods, so the data do "
                "not hold the schedule that was registered; use the schedule, whatever was delivered"
            )


def _terms(found: SteppedWedge, plan: Plan) -> tuple[Term, ...]:
    """The effect in each period since the crossing, and their plain mean."""
    fit = found.by_exposure
    if fit is None:
        return ()
    each = _contrasts(found.exposures, len(fit.coefficients), first=0)
    return tuple(_term(name, fit, one, plan.alpha) for name, one in each)


def _term(name: str, fit: TwoWayFit, contrast: FloatArray, alpha: float) -> Term:
    value = float(contrast @ fit.coefficients)
    error = float(np.sqrt(contrast @ fit.covariance @ contrast))
    try:
        df = fit.df(contrast)
    except NotEstimable as refusal:
        return Term(name, value, note=refusal.reason)
    return Term(name, value, error, *distributions.interval(value, error, df, alpha))


def _no_terms(found: SteppedWedge | RandomWedge) -> tuple[str, ...]:
    if found.by_exposure is not None:
        return ()
    return (NO_TERMS,)


def _warnings(kind: str, n_clusters: int, df: float | None) -> tuple[str, ...]:
    if kind != "CR2" and n_clusters < ENOUGH:
        return (
            f"{kind} is too small with {n_clusters} clusters and rejects a true null too often; CR2 or the covariance "
            "'randomisation' keep nearer to its level",
        )
    return domain.df_warning(kind, df)


def _redrawn(
    sample: Sample,
    start: IntArray,
    found: SteppedWedge,
    spec: EstimateSpec,
    plan: Plan,
    n_treated: int,
    terms: tuple[Term, ...],
    dropped: tuple[Dropped, ...],
) -> Fit:
    if sample.covariate_names:
        raise NotEstimable("the order of a stepped wedge can be redrawn without covariates only; use CR2")
    test, drawn, n_sequences = replay_order(sample, start, spec, plan)
    n_clusters = sample.n_clusters
    return Fit(
        estimate=test.estimate,
        std_error=test.std_error,
        df=float(n_clusters - 1),
        covariance="randomisation",
        n_obs=found.fit.n_obs,
        n_units=sample.n_units,
        n_clusters=n_clusters,
        n_treated=n_treated,
        terms=terms,
        warnings=(
            f"p value and interval are of a randomisation test over {how_many(drawn)} ways in which the {n_clusters} "
            f"clusters could have been dealt out over {n_sequences} sequences; the intervals of the terms are CR2's",
            GROWING,
            *_no_terms(found),
        ),
        ssc={
            "covariance": "randomisation",
            "factor": test.factor,
            "formula": "studentised by CR1",
            "n_clusters": n_clusters,
            "draws": drawn.count,
            "enumerated": drawn.is_enumerated,
        },
        dropped=dropped,
        resampled=test.draws.resampled(
            test.estimate, test.std_error, alpha=plan.alpha, alternative=spec.alternative
        ),
    )


def replay_order(
    sample: Sample, start: IntArray, spec: EstimateSpec, plan: Plan
) -> tuple[RedrawnSchedules, Assignments, int]:
    """The test of a stepped wedge: which cluster has which sequence, drawn again inside each stratum."""
    dates, sequence = np.unique(start, return_inverse=True)
    drawn = assignments(
        sequence.astype(np.float64),
        _strata(sample, start, plan.registered),
        spec.options["draws"],
        plan.alpha,
        plan.seed,
        spec.id,
    )
    return _test(sample, dates, drawn, spec.options["transition"]), drawn, len(dates)


def _test(sample: Sample, dates: IntArray, drawn: Assignments, transition: int) -> RedrawnSchedules:
    start = dates[drawn.labels.astype(np.intp)]
    since = sample.period - start[sample.cluster]
    n_used = int(((since < 0) | (since >= transition)).sum())
    data = replace(cells(sample.outcome, sample.cluster, sample.period, sample.weight), n_obs=n_used)
    periods = np.arange(data.weight.shape[1])
    paths = (periods >= dates[:, None]).astype(np.float64)
    kept = paths - (periods >= dates[:, None] + transition) == 0
    observed = (periods >= start[:, None]).astype(np.float64)
    # A redrawn order leaves out other cells, and needs those that this one leaves out.
    if transition and not (data.weight > 0)[~kept[drawn.labels.astype(np.intp)]].all():
        raise NotEstimable(
            "the data hold no rows of the periods in transition, which another order would have used; use CR2"
        )

    def schedules() -> Iterator[Redrawn]:
        size = block_size(data.weight.shape)
        for block in drawn.blocks():
            for first in range(0, len(block), size):
                which = block[first : first + size].astype(np.intp)
                yield Redrawn(paths[which], kept[which].astype(np.float64) if transition else None)

    return redrawn_schedules(data, observed, schedules(), is_exact=drawn.is_enumerated)


def _strata(sample: Sample, start: IntArray, registered: Registered | None) -> IntArray:
    """(G,) the stratum of each cluster, inside which the order was drawn: the registration's, or the plan's."""
    if registered is not None and registered.assignment:
        return _registered_strata(sample, start, registered)
    if sample.stratum is None:
        return np.zeros(sample.n_clusters, dtype=np.intp)
    block = by_cluster(sample.stratum.astype(np.float64), sample.cluster, "lies in two strata")
    return block.astype(np.intp)


def _registered_strata(sample: Sample, start: IntArray, registered: Registered) -> IntArray:
    things = DrawnThings.of(
        registered, ((sample.cluster, sample.cluster_names), (sample.unit, sample.unit_names))
    )
    drawn = np.unique(np.stack([sample.cluster, things.codes]), axis=1)
    if not len(things.names) == drawn.shape[1] == sample.n_clusters:
        raise NotEstimable("the plan's clusters are not what was drawn to the sequences")
    labels = np.array([things.labels[things.names[code]] for code in drawn[1]])
    for label in np.unique(labels):
        dates = np.unique(start[drawn[0][labels == label]])
        if len(dates) > 1:
            raise NotEstimable(
                f"the clusters drawn to the sequence '{label}' cross over in {len(dates)} different periods in the "
                "data; use the schedule, whatever was delivered"
            )
    block: IntArray = things.block[drawn[1]]
    return block
