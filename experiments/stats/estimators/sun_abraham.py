"""Sun and Abraham's interaction-weighted event study: an effect for each cohort and event time, then their means."""

from dataclasses import replace

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.callaway_santanna import callaway_santanna
from experiments.stats.estimators.event_study import EventStudy, as_fit
from experiments.stats.estimators.twfe import covariance_warnings, lost_rows
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.regression.two_way import TwoWayCovariance, TwoWayFit, fit_long
from experiments.stats.results import Dropped, Fit, Resampled
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import long_panel
from experiments.stats.staggered.effects import GroupTimeEffects
from experiments.stats.staggered.panel import Panel, number_label, time_label, wide_panel
from experiments.stats.staggered.redrawn_starts import PERMUTED, redraw_starts

NO_COMPARISON = "a period from which on no unit is untreated"
Cells = list[tuple[float, float]]
MOST_NUMBERS = 100_000_000  # held at once where the panel has gaps: 0.8 GB
LAST_COHORT = (
    "no unit is never treated: the last cohort (first treated in {last}) serves as a comparison only, and periods "
    "from then on are left out"
)


def sun_abraham(
    outcome: FloatArray,
    unit: IntArray,
    period: IntArray,
    first_treated: FloatArray,
    periods: FloatArray,
    *,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    covariance: TwoWayCovariance = "CR1",
) -> EventStudy:
    """Effects by period since adoption that no other cohort's effects get into.

    Parameters
    ----------
    outcome : (N,) rows sorted by unit and period.
    unit, period : (N,) codes from 0 without gaps.
    first_treated : (n,) first treated period of each unit, ``inf`` for never. Where nobody is never treated,
        the last cohort takes their place, and the rows from its first treated period on are left out.
    periods : (T,) the periods, increasing.
    cluster : (N,) codes at or above the unit; None for the unit.
    weight : (N,) positive analysis weights, constant within a unit.
    covariance : CR1, as of :func:`experiments.stats.estimators.twfe.twfe`, or CR0.

    Returns
    -------
    EventStudy : the effects by event time with their covariance, and the mean over all treated observations.

    Notes
    -----
    ``y_it = α_i + λ_t + Σ_g Σ_{e ≠ −1} δ_ge·1{g_i = g, t − g = e}``; ``θ_e = Σ_g n_g δ_ge / Σ_g n_g`` over the cohorts
    seen at e, n_g their units (or summed weights), taken as fixed: ``V = w′V_δ w``.

    Raises
    ------
    NotEstimable : one cohort and nobody never treated, no period before adoption, or what a two-way model refuses.

    References
    ----------
    Sun & Abraham (2021), *J Econometrics*. Same numbers as R fixest ``sunab``.
    """
    if np.isfinite(first_treated).all():
        last = float(first_treated.max())
        used = periods[period] < last
        given = (outcome, unit, period, cluster, weight)
        outcome, unit, period, cluster, weight = (None if one is None else one[used] for one in given)  # type: ignore[assignment]
        first_treated = np.where(first_treated == last, np.inf, first_treated)
        periods = periods[periods < last]
        if not np.isfinite(first_treated).any() or len(periods) < 2:
            raise NotEstimable(
                "every unit is first treated in the same period: there is nobody to compare with"
            )
    cells, reference = _cells(first_treated, periods)
    sizes = np.ones(len(first_treated)) if weight is None else weight[np.unique(unit, return_index=True)[1]]
    means = _means(cells, first_treated, sizes)
    groups = unit if cluster is None else cluster
    if len(outcome) == len(first_treated) * len(periods):
        panel = outcome.reshape(len(first_treated), len(periods))
        codes = np.unique(groups.reshape(panel.shape)[:, 0], return_inverse=True)[1]
        fit = _balanced(panel, first_treated, periods, cells, means, sizes, codes, covariance)
    else:
        fit = _unbalanced(
            outcome, unit, period, first_treated, periods, cells, means, groups, weight, covariance
        )
    return EventStudy(
        event_times=np.unique([e for _, e in cells]),
        estimates=fit.coefficients[:-1],
        covariance=fit.covariance[:-1, :-1],
        df=np.array([fit.df(pick) for pick in np.eye(len(means))[:-1]]),
        reference=reference,
        overall=float(fit.coefficients[-1]),
        overall_std_error=float(np.sqrt(fit.covariance[-1, -1])),
        overall_df=fit.df(np.eye(len(means))[-1]),
        fit=fit,
    )


def _cells(first_treated: FloatArray, periods: FloatArray) -> tuple[Cells, float]:
    """Each cohort with each event time but the last before adoption."""
    cells: Cells = []
    references: set[float] = set()
    for cohort in np.unique(first_treated[np.isfinite(first_treated)]).tolist():
        since = periods - cohort
        if not (since < 0).any():
            raise NotEstimable("no period is seen before treatment")
        references.add(float(since[since < 0].max()))
        cells += [(cohort, e) for e in since.tolist() if e != since[since < 0].max()]
    if len(references) > 1:
        raise NotEstimable("the periods are not evenly spaced, so cohorts have no reference period in common")
    return cells, references.pop()


def _means(cells: Cells, first_treated: FloatArray, sizes: FloatArray) -> FloatArray:
    """(E + 1, K) weights of the cells in each event time's mean, and in that of all treated observations."""
    since = np.array([e for _, e in cells])
    size = np.array([sizes[first_treated == cohort].sum() for cohort, _ in cells])
    rows = [since == e for e in np.unique(since)] + [since >= 0]
    return np.array([np.where(row, size, 0.0) / size[row].sum() for row in rows])


def _balanced(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    cells: Cells,
    means: FloatArray,
    sizes: FloatArray,
    cluster: IntArray,
    kind: TwoWayCovariance,
) -> TwoWayFit:
    """The means in closed form: each cell is a change of a cohort less that of the never treated.

    The model is saturated, so a unit's residual is its distance from its cohort's mean change, and its influence on
    a cell is that distance over the cohort's size. No K by K matrix is made: K can be thousands.
    """
    n_clusters = int(cluster.max()) + 1
    scores, changes = np.zeros((n_clusters, len(means))), {}
    for cohort in np.unique(first_treated).tolist():
        inside = first_treated == cohort
        size = sizes[inside]
        changes[cohort] = size @ outcome[inside] / size.sum()
        part = size[:, None] * (outcome[inside] - changes[cohort]) / size.sum()
        np.add.at(scores, cluster[inside], part @ _contrasts(cohort, cells, means, periods).T)
    values = np.array([_change(changes, g, e, periods) for g, e in cells])
    n_obs, n_parameters = outcome.size, len(cells) + len(periods)
    factor = cr1_factor(n_obs, n_parameters, n_clusters) if kind == "CR1" else 1.0
    ssc = {
        "covariance": kind,
        "factor": factor,
        "formula": "G/(G-1)*(N-1)/(N-K)" if kind == "CR1" else "none",
        "n_obs": n_obs,
        "n_parameters": n_parameters,
        "n_clusters": n_clusters,
        "fixed_effects": "unit effects nested in clusters, not counted",
    }
    return TwoWayFit(
        means @ values,
        factor * scores.T @ scores,
        lambda contrast: float(n_clusters - 1),
        ssc,
        n_obs,
        len(outcome),
        len(periods),
        n_clusters,
    )


def _contrasts(cohort: float, cells: Cells, means: FloatArray, periods: FloatArray) -> FloatArray:
    """(E + 1, T) weight of each period of a cohort's outcomes in each mean."""
    found = np.zeros((len(means), len(periods)))
    place = {float(period): t for t, period in enumerate(periods)}
    sign = 1.0 if np.isfinite(cohort) else -1.0
    for k, (g, e) in enumerate(cells):
        if g == cohort or not np.isfinite(cohort):
            found[:, place[g + e]] += sign * means[:, k]
            found[:, int(np.searchsorted(periods, g)) - 1] -= sign * means[:, k]
    return found


def _change(changes: dict[float, FloatArray], cohort: float, since: float, periods: FloatArray) -> float:
    now, before = np.searchsorted(periods, [cohort + since, cohort]) - np.array([0, 1])
    gap = changes[cohort] - changes[np.inf]
    return float(gap[now] - gap[before])


def _unbalanced(
    outcome: FloatArray,
    unit: IntArray,
    period: IntArray,
    first_treated: FloatArray,
    periods: FloatArray,
    cells: Cells,
    means: FloatArray,
    cluster: IntArray,
    weight: FloatArray | None,
    kind: TwoWayCovariance,
) -> TwoWayFit:
    """The regression on every cell's column."""
    if len(outcome) * len(cells) > MOST_NUMBERS:
        raise NotEstimable(
            f"a panel with gaps of {len(outcome)} rows and {len(cells)} effects does not fit in memory; use "
            "callaway_santanna, or a panel without gaps"
        )
    names = [f"first treated in {number_label(g)}, event_time={number_label(e)}" for g, e in cells]
    cohort, since = (np.array(part) for part in zip(*cells, strict=True))
    here = first_treated[unit]
    columns = ((here[:, None] == cohort) & ((periods[period] - here)[:, None] == since)).astype(np.float64)
    seen = columns.any(axis=0)
    if not seen.all():
        raise NotEstimable(f"no row is seen in the cell '{names[int(np.argmin(seen))]}'")
    fit = fit_long(
        outcome, columns, names, unit=unit, period=period, cluster=cluster, weight=weight, kind=kind
    )
    return replace(
        fit,
        coefficients=means @ fit.coefficients,
        covariance=means @ fit.covariance @ means.T,
        df=lambda contrast: fit.df(contrast @ means),
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Sun–Abraham for one estimate of the plan."""
    panel = long_panel(sample)
    is_redrawn = spec.covariance == "randomisation"
    kind = "CR1" if is_redrawn else spec.covariance or "CR1"
    found = sun_abraham(
        panel.outcome,
        panel.unit,
        panel.period,
        panel.first,
        panel.periods,
        cluster=panel.cluster,
        weight=panel.weight,
        covariance=kind,  # type: ignore[arg-type]  # the plan was parsed against the same words
    )
    warnings = (
        (LAST_COHORT.format(last=time_label(float(panel.first.max()), sample)),)
        if np.isfinite(panel.first).all()
        else ()
    )
    lost = len(panel.outcome) - found.fit.n_obs - sum(row.count for row in lost_rows(found.fit))
    dropped = (Dropped(NO_COMPARISON, lost),) if lost else ()
    overall = "mean over all treated observations"
    if not is_redrawn:
        said = (*warnings, *covariance_warnings(panel, kind, None))
        fit = as_fit(found, panel, spec, plan, kind, overall, said)
        return replace(fit, dropped=(*fit.dropped, *dropped))
    what = "units" if found.fit.n_clusters == panel.n_units else "clusters"
    fit = as_fit(found, panel, spec, plan, kind, overall, (PERMUTED.format(what=what), *warnings))
    return replace(
        fit,
        covariance="randomisation",
        resampled=_redrawn(found, wide_panel(sample), spec, plan),
        dropped=(*fit.dropped, *dropped),
    )


def _redrawn(found: EventStudy, panel: Panel, spec: EstimateSpec, plan: Plan) -> Resampled:
    """The placebo test that deals the starting dates out anew over what was assigned.

    Without gaps the overall effect is Callaway and Sant'Anna's with never treated controls, whose scores make a draw.
    """
    if np.isfinite(panel.first_treated).all():
        raise NotEstimable("starting dates can be redrawn where some units are never treated only; use 'CR1'")

    def effect(outcome: FloatArray, first: FloatArray, size: FloatArray | None) -> GroupTimeEffects:
        return callaway_santanna(outcome, first, panel.periods, weight=size, keep_scores=True)

    def scored(outcome: FloatArray, first: FloatArray, size: FloatArray) -> tuple[float, FloatArray]:
        made = effect(outcome, first, size)
        assert made.scores is not None
        return made.overall, made.scores[:, -1]

    loading = None
    if np.isfinite(panel.outcome).all() and panel.weight is None:
        loading = effect(panel.outcome, panel.first_treated, None).loading
    return redraw_starts(
        panel,
        scored,
        loading,
        estimate=found.overall,
        std_error=found.overall_std_error,
        spec=spec,
        plan=plan,
    )
