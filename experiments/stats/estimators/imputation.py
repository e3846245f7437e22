"""Borusyak, Jaravel and Spiess: impute what treated cells would have been, from the untreated cells alone."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from experiments.stats import domain
from experiments.stats.bands import banded_term, default_draws, gaussian_critical_value
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cluster_sums
from experiments.stats.results import Dropped, Fit, Resampled
from experiments.stats.sample import BoolArray, Sample
from experiments.stats.staggered.panel import Panel, number_label, wide_panel
from experiments.stats.staggered.redrawn_starts import PERMUTED, redraw_starts

NO_UNTREATED = "treated in a period without an untreated unit, so nothing there can be imputed"


@dataclass(frozen=True, slots=True)
class Imputation:
    """Effects by event time, in the outcome's units.

    Attributes
    ----------
    event_times, estimates, covariance : (E,), (E,) and (E, E), from event time 0.
    overall, std_error : the mean over all treated cells that can be imputed, and its standard error.
    cells : treated cells used; ``left_out`` : those in periods without an untreated unit.
    scores : (G, E + 1) sums within clusters of implied weights times residuals, the overall effect last.
    loading : (C, T) weights over cohorts' period means of which the overall effect is the sum; None where the panel
        has gaps, or units of different weight.
    """

    event_times: FloatArray
    estimates: FloatArray
    covariance: FloatArray
    overall: float
    std_error: float
    cells: int
    left_out: int
    scores: FloatArray
    loading: FloatArray | None = None

    @property
    def n_clusters(self) -> int:
        return len(self.scores)


def imputation(
    outcome: FloatArray,
    first_treated: FloatArray,
    periods: FloatArray,
    *,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
) -> Imputation:
    """Effects as treated outcomes less what unit and period effects of the untreated cells predict.

    Parameters
    ----------
    outcome : (n, T) outcomes of a panel, in the outcome's units; NaN where a unit was not seen.
    first_treated : (n,) first treated period, ``inf`` for never; every unit has an untreated cell.
    periods : (T,) the periods, increasing.
    cluster : (n,) codes at or above the unit; None for the unit.
    weight : (n,) positive analysis weights; None for equal weights.

    Returns
    -------
    Imputation : the effects by event time with their covariance, and the mean over treated cells.

    Notes
    -----
    ``α̂_i + λ̂_t`` by least squares on untreated cells; ``τ̂_it = y_it − α̂_i − λ̂_t``. The estimate is
    ``Σ v_it y_it`` with v summing to 0 over each unit and each period, and
    ``V = Σ_c (Σ_{it∈c} v_it ε̃_it)²``, ε̃ the residual of an untreated cell and, of a treated one, its
    distance from the mean of its cohort and period: conservative where effects differ within them. Unit effects
    are taken out first, so one T by T system is solved, for gaps in the panel too.

    Raises
    ------
    NotEstimable : nobody treated within the periods, one treated unit or cluster, untreated cells that fall into
        parts, or no period in which a treated cell has an untreated unit beside it.

    References
    ----------
    Borusyak, Jaravel & Spiess (2024), *REStud*. Same numbers as diff-diff ``ImputationDiD``.
    """
    n_units = len(outcome)
    codes = np.arange(n_units) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    size = np.ones(n_units) if weight is None else weight
    _refuse(first_treated, codes)
    cells = _Cells.of(outcome, first_treated, periods)
    if not cells.treated.any():
        raise NotEstimable("in every period after adoption all units are treated, so nothing can be imputed")
    open_cells = cells.untreated.astype(np.float64)
    counts = open_cells.sum(axis=1)
    share = open_cells * (size / counts)[:, None]
    system = np.diag(size @ open_cells) - share.T @ open_cells
    _refuse_parts(system, np.asarray(cells.untreated.any(axis=0)))
    gap = _gaps(np.where(cells.untreated | cells.treated, outcome, 0.0), open_cells, counts, size, system)
    unit, period = np.nonzero(cells.treated)
    which = np.searchsorted(cells.times, cells.since[unit, period])
    total = np.bincount(which, weights=size[unit]).astype(np.float64)
    values = np.bincount(which, weights=size[unit] * gap[unit, period]) / total
    overall = float(values @ total / total.sum())
    distance = _distances(gap, cells, first_treated, size)
    balance = _balancing(unit, period, which, size, share, system, total)
    own = np.zeros((n_units, len(total)))
    own[unit, which] = distance[unit, period] / total[which]
    own -= (distance * open_cells) @ balance
    scores = cluster_sums(size[:, None] * own, codes, int(codes.max()) + 1)
    scores = np.column_stack([scores, scores @ (total / total.sum())])
    covariance = scores.T @ scores
    return Imputation(
        cells.times,
        values,
        covariance[:-1, :-1],
        overall,
        float(np.sqrt(covariance[-1, -1])),
        len(unit),
        cells.left_out,
        scores,
        _loading(outcome, first_treated, cells, size, balance @ total / total.sum()),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Which cells are what: ``untreated`` and ``treated`` (n, T), the latter in periods with an untreated cell only.

    ``since`` (n, T) periods since adoption, ``times`` (E,) those of treated cells; ``left_out`` treated cells that are
    not in ``treated``.
    """

    untreated: BoolArray
    treated: BoolArray
    since: FloatArray
    times: FloatArray
    left_out: int

    @classmethod
    def of(cls, outcome: FloatArray, first_treated: FloatArray, periods: FloatArray) -> "_Cells":
        seen, before = np.isfinite(outcome), periods < first_treated[:, None]
        untreated, after = seen & before, seen & ~before
        treated = after & untreated.any(axis=0)
        since = periods - np.where(np.isfinite(first_treated), first_treated, 0.0)[:, None]
        return cls(untreated, treated, since, np.unique(since[treated]), int((after & ~treated).sum()))


def _refuse(first_treated: FloatArray, cluster: IntArray) -> None:
    adopts = np.isfinite(first_treated)
    if not adopts.any():
        raise NotEstimable("no unit is treated within the periods of the data")
    if adopts.sum() < 2:
        raise NotEstimable("only one unit is treated, so the spread between treated units cannot be measured")
    if len(np.unique(cluster[adopts])) < 2:
        raise NotEstimable(
            "all treated units are in one cluster, so the spread between clusters cannot be measured"
        )


def _refuse_parts(system: FloatArray, known: BoolArray) -> None:
    """Refuse untreated cells that fall into parts: the system is the Laplacian of periods that share a unit."""
    linked = csgraph.connected_components(system[np.ix_(known, known)] != 0, directed=False)[0]
    if linked > 1:
        raise NotEstimable(
            f"the rows before treatment fall into {linked} parts that share no unit and no period, so period effects "
            "cannot be compared between them"
        )


def _gaps(
    outcome: FloatArray, open_cells: FloatArray, counts: FloatArray, size: FloatArray, system: FloatArray
) -> FloatArray:
    """(n, T) outcomes less the unit and period effects of the untreated cells."""
    centred = outcome - outcome.mean()
    level = (centred * open_cells).sum(axis=1) / counts
    right = size @ ((centred - level[:, None]) * open_cells)
    period_effect = np.linalg.lstsq(system, right, rcond=None)[0]
    unit_effect = ((centred - period_effect) * open_cells).sum(axis=1) / counts
    return np.asarray(centred - unit_effect[:, None] - period_effect)


def _distances(gap: FloatArray, cells: _Cells, first_treated: FloatArray, size: FloatArray) -> FloatArray:
    """(n, T) residuals: of untreated cells the gap, of treated ones its distance from its cohort's mean in the period.

    Within a cohort and period the implied weights are equal but for the analysis weights, which enter squared.
    """
    found = np.where(cells.untreated, gap, 0.0)
    for date in np.unique(first_treated[np.isfinite(first_treated)]):
        inside = np.flatnonzero(first_treated == date)
        here = cells.treated[inside] * (size[inside] ** 2)[:, None]
        middle = (here * gap[inside]).sum(axis=0) / np.maximum(here.sum(axis=0), np.finfo(float).tiny)
        found[inside] += np.where(cells.treated[inside], gap[inside] - middle, 0.0)
    return found


def _balancing(
    unit: IntArray,
    period: IntArray,
    which: IntArray,
    size: FloatArray,
    share: FloatArray,
    system: FloatArray,
    total: FloatArray,
) -> FloatArray:
    """(T, E) what a period adds to the weights of its untreated cells, so that every unit and period sums to 0.

    What a unit adds does not matter: its residuals before treatment sum to 0.
    """
    right, own = np.zeros((len(system), len(total))), np.zeros((len(share), len(total)))
    np.add.at(right, (period, which), size[unit])
    own[unit, which] = 1.0
    right -= share.T @ own
    return np.asarray(np.linalg.lstsq(system, right / total, rcond=None)[0])


def _loading(
    outcome: FloatArray, first_treated: FloatArray, cells: _Cells, size: FloatArray, by_period: FloatArray
) -> FloatArray | None:
    """Implied weights of cohorts' period means: a unit's sum to 0, and so do a period's."""
    if not np.isfinite(outcome).all() or np.any(size != size[0]):
        return None
    _, place, counts = np.unique(first_treated, return_index=True, return_counts=True)
    open_cells, own = cells.untreated[place], cells.treated[place] / cells.treated.sum()
    by_unit = (own.sum(axis=1) - open_cells @ by_period) / open_cells.sum(axis=1)
    return np.asarray(counts[:, None] * (own - open_cells * (by_unit[:, None] + by_period)))


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Imputation for one estimate of the plan."""
    panel = wide_panel(sample)
    found = imputation(
        panel.outcome, panel.first_treated, panel.periods, cluster=panel.cluster, weight=panel.weight
    )
    kind = spec.covariance or "analytic"
    resampled = _redrawn(found, panel, spec, plan) if kind == "randomisation" else None
    draws = default_draws(len(found.event_times))
    critical = gaussian_critical_value(
        found.covariance, alpha=plan.alpha, seed=plan.seed, estimate_id=spec.id, draws=draws
    )
    errors, names = (
        np.sqrt(np.diag(found.covariance)),
        [f"event_time={number_label(e)}" for e in found.event_times],
    )
    return Fit(
        estimate=found.overall,
        std_error=found.std_error,
        df=None,
        covariance=kind,
        n_obs=panel.n_obs - found.left_out,
        n_units=len(panel.outcome),
        n_clusters=found.n_clusters,
        n_treated=int(np.isfinite(panel.first_treated).sum()),
        terms=tuple(
            banded_term(name, float(value), float(error), df=None, alpha=plan.alpha, critical=critical)
            for name, value, error in zip(names, found.estimates, errors, strict=True)
        ),
        warnings=_warnings(found, panel, resampled),
        ssc={
            "covariance": "analytic",
            "factor": 1.0,
            "formula": "conservative: sums of implied weights times residuals within clusters",
            "n_clusters": found.n_clusters,
            "band": "Gaussian draws",
            "band_draws": draws,
        },
        term_names=tuple(names),
        term_covariance=found.covariance,
        dropped=(*panel.dropped, *((Dropped(NO_UNTREATED, found.left_out),) if found.left_out else ())),
        resampled=resampled,
    )


def _redrawn(found: Imputation, panel: Panel, spec: EstimateSpec, plan: Plan) -> Resampled:
    """The placebo test that deals the starting dates out anew over what was assigned."""

    def scored(outcome: FloatArray, first: FloatArray, size: FloatArray) -> tuple[float, FloatArray]:
        made = imputation(outcome, first, panel.periods, weight=size)
        return made.overall, made.scores[:, -1]

    return redraw_starts(
        panel, scored, found.loading, estimate=found.overall, std_error=found.std_error, spec=spec, plan=plan
    )


def _warnings(found: Imputation, panel: Panel, resampled: Resampled | None) -> tuple[str, ...]:
    if resampled is not None:
        return (PERMUTED.format(what="units" if found.n_clusters == len(panel.outcome) else "clusters"),)
    return domain.influence_warnings(panel.cluster, panel.first_treated)
