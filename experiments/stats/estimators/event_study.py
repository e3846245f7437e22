"""Event study: two-way fixed effects with one effect for each period since adoption."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.bands import banded_term, default_draws, gaussian_critical_value
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.twfe import covariance_warnings, lost_rows
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.two_way import TwoWayCovariance, TwoWayFit, fit_balanced, fit_long
from experiments.stats.regression.two_way_balanced import DenseDesign, Design, PatternedDesign
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import LongPanel, long_panel
from experiments.stats.staggered.panel import number_label

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

REFERENCE = "reference period: zero by construction"


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Effects by event time.

    ``event_times`` (E,), ``estimates`` (E,), ``covariance`` (E, E) and ``df`` (E,) leave out the
    ``reference`` event time, which is zero by construction. ``overall`` is the plain mean
    of the effects from event time 0, with its standard error and degrees of freedom.
    """

    event_times: FloatArray
    estimates: FloatArray
    covariance: FloatArray
    df: FloatArray
    reference: float
    overall: float
    overall_std_error: float
    overall_df: float
    fit: TwoWayFit


def event_study(
    outcome: FloatArray,
    unit: IntArray,
    period: IntArray,
    first_treated: FloatArray,
    periods: FloatArray,
    *,
    covariates: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    covariance: TwoWayCovariance = "CR2",
) -> EventStudy:
    """Effects by period since adoption, with unit and period effects absorbed.

    Parameters
    ----------
    outcome : (N,) rows sorted by unit and period.
    unit, period : (N,) codes from 0 without gaps.
    first_treated : (n,) first treated period of each unit, ``inf`` for never.
    periods : (T,) the periods, increasing.
    covariates : (N, p) that vary over time.
    cluster : (N,) codes at or above the unit; None for the unit.
    weight : (N,) positive analysis weights, constant within a unit.
    covariance : see :func:`experiments.stats.estimators.twfe.twfe`.

    Returns
    -------
    EventStudy : the effects by event time with their covariance, and the mean of those after adoption.

    Notes
    -----
    ``y_it = α_i + λ_t + Σ_{e ≠ −1} δ_e·1{t − g_i = e}``; every observed event time has its own
    effect (no bins), the reference is the last before adoption.

    Raises
    ------
    NotEstimable : nobody is never treated (two references would be needed and their choice
        would decide the answer), no period before adoption, or what a two-way model refuses.

    References
    ----------
    Sun & Abraham (2021), *J Econometrics*; Borusyak, Jaravel & Spiess (2024), *REStud*, on references.
    """
    if np.isfinite(first_treated).all():
        raise NotEstimable(
            "no unit is never treated, so an event study needs a second reference period whose choice would "
            "decide the answer; use callaway_santanna with control_group 'not_yet_treated'"
        )
    times = event_times(unit, period, first_treated, periods)
    before = times[times < 0]
    if not len(before):
        raise NotEstimable("no period is seen before treatment")
    reference = float(before[-1])
    kept = times[times != reference]
    names = [f"event_time={number_label(e)}" for e in kept.tolist()]
    groups = unit if cluster is None else cluster
    if len(outcome) == len(first_treated) * len(periods):
        fit = _balanced(outcome, first_treated, periods, kept, names, covariates, groups, weight, covariance)
    else:
        since = periods[period] - first_treated[unit]
        columns = (since[:, None] == kept).astype(np.float64)
        regressors = columns if covariates is None else np.column_stack([columns, covariates])
        fit = fit_long(
            outcome,
            regressors,
            _named(names, covariates),
            unit=unit,
            period=period,
            cluster=groups,
            weight=weight,
            kind=covariance,
        )
    return _summary(fit, kept, reference)


def event_times(
    unit: IntArray, period: IntArray, first_treated: FloatArray, periods: FloatArray
) -> FloatArray:
    since = periods[period] - first_treated[unit]
    return np.unique(since[np.isfinite(since)])


def _balanced(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    kept: FloatArray,
    names: Sequence[str],
    covariates: FloatArray | None,
    cluster: IntArray,
    weight: FloatArray | None,
    kind: TwoWayCovariance,
) -> TwoWayFit:
    shape = (len(first_treated), len(periods))
    cohorts, pattern = np.unique(first_treated, return_inverse=True)
    table = ((periods - cohorts[:, None])[:, None, :] == kept[:, None]).astype(np.float64)
    design: Design = PatternedDesign(table, pattern)
    if covariates is not None:
        dummies = [table[pattern, e] for e in range(len(kept))]
        design = DenseDesign([*dummies, *(column.reshape(shape) for column in covariates.T)])
    return fit_balanced(
        outcome.reshape(shape),
        design,
        _named(names, covariates),
        cluster=np.unique(cluster.reshape(shape)[:, 0], return_inverse=True)[1],
        weight=None if weight is None else weight.reshape(shape)[:, 0],
        kind=kind,
    )


def _named(names: Sequence[str], covariates: FloatArray | None) -> list[str]:
    return [*names, *(f"x{j + 1}" for j in range(0 if covariates is None else covariates.shape[1]))]


def _summary(fit: TwoWayFit, kept: FloatArray, reference: float) -> EventStudy:
    width = len(kept)
    picks = np.eye(len(fit.coefficients))[:width]
    mean = np.append(kept >= 0, np.zeros(len(fit.coefficients) - width)) / (kept >= 0).sum()
    return EventStudy(
        event_times=kept,
        estimates=fit.coefficients[:width],
        covariance=fit.covariance[:width, :width],
        df=np.array([fit.df(pick) for pick in picks]),
        reference=reference,
        overall=float(mean @ fit.coefficients),
        overall_std_error=float(np.sqrt(mean @ fit.covariance @ mean)),
        overall_df=fit.df(mean),
        fit=fit,
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Event study for one estimate of the plan."""
    panel = long_panel(sample)
    kind = spec.covariance or "CR2"
    covariance_warnings(panel, kind, None)
    found = event_study(
        panel.outcome,
        panel.unit,
        panel.period,
        panel.first,
        panel.periods,
        covariates=panel.covariates if sample.covariate_names else None,
        cluster=panel.cluster,
        weight=panel.weight,
        covariance=kind,  # type: ignore[arg-type]  # the plan was parsed against the same words
    )
    note = "plain mean of the effects from event time 0"
    said = (*_timing_warnings(panel), *covariance_warnings(panel, kind, found.overall_df))
    return as_fit(found, panel, spec, plan, kind, note, said)


def as_fit(
    found: EventStudy,
    panel: LongPanel,
    spec: EstimateSpec,
    plan: Plan,
    kind: str,
    note: str,
    warnings: tuple[str, ...],
) -> Fit:
    """The engine's fit of effects by event time; `note` says what the leading estimate is."""
    terms, draws = _terms(found, spec, plan)
    return Fit(
        estimate=found.overall,
        std_error=found.overall_std_error,
        df=found.overall_df,
        covariance=kind,
        n_obs=found.fit.n_obs,
        n_units=found.fit.n_units,
        n_clusters=found.fit.n_clusters,
        n_treated=panel.n_treated,
        terms=terms,
        warnings=warnings,
        ssc={
            **found.fit.ssc,
            "estimate": note,
            "band": "Gaussian draws, multivariate t",
            "band_draws": draws,
        },
        term_names=tuple(f"event_time={number_label(e)}" for e in found.event_times.tolist()),
        term_covariance=found.covariance,
        dropped=(*panel.dropped, *lost_rows(found.fit)),
    )


def _terms(found: EventStudy, spec: EstimateSpec, plan: Plan) -> tuple[tuple[Term, ...], int]:
    """Terms in order of event time, the reference among them."""
    draws = default_draws(len(found.event_times))
    # The fewest degrees of freedom of any term keep the band outside every pointwise interval.
    critical = gaussian_critical_value(
        found.covariance,
        alpha=plan.alpha,
        seed=plan.seed,
        estimate_id=spec.id,
        df=float(found.df.min()),
        draws=draws,
    )
    errors = np.sqrt(np.diag(found.covariance))
    rows = {found.reference: Term(f"event_time={number_label(found.reference)}", 0.0, note=REFERENCE)}
    for e, value, error, df in zip(
        found.event_times.tolist(), found.estimates, errors, found.df, strict=True
    ):
        rows[e] = banded_term(
            f"event_time={number_label(e)}",
            float(value),
            float(error),
            df=float(df),
            alpha=plan.alpha,
            critical=critical,
        )
    return tuple(rows[e] for e in sorted(rows)), draws


def _timing_warnings(panel: LongPanel) -> tuple[str, ...]:
    if not panel.is_staggered:
        return ()
    return (
        f"adoption is staggered over {len(panel.dates)} dates: effects of one event time are mixed with "
        "those of others, leads included; prefer callaway_santanna with aggregation 'dynamic'",
    )
