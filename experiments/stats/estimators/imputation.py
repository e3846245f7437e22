"""Borusyak, Jaravel and Spiess: impute what treated cells would have been, from the untreated cells alone."""

from dataclasses import dataclass

import numpy as np

from experiments.stats.bands import banded_term, default_draws, gaussian_critical_value
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit
from experiments.stats.sample import Sample
from experiments.stats.staggered.panel import balanced_panel, number_label


@dataclass(frozen=True, slots=True)
class Imputation:
    """Effects by event time, in the outcome's units.

    Attributes
    ----------
    event_times, estimates, covariance : (E,), (E,) and (E, E), from event time 0.
    overall, std_error : the mean over all treated cells that can be imputed, and its standard error.
    cells : treated cells used; ``left_out`` : those in periods without an untreated unit.
    n_clusters : clusters of the standard errors.
    """

    event_times: FloatArray
    estimates: FloatArray
    covariance: FloatArray
    overall: float
    std_error: float
    cells: int
    left_out: int
    n_clusters: int


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
    outcome : (n, T) outcomes of a balanced panel, in the outcome's units.
    first_treated : (n,) first treated period, ``inf`` for never; nobody is treated in the first period.
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
    distance from the mean of its cohort and period: conservative where effects differ within them. All of it
    is linear in cohorts by periods, so one T by T system is solved.

    Raises
    ------
    NotEstimable : nobody treated within the periods, one treated unit or cluster, or no period in which a treated
        cell has an untreated unit beside it.

    References
    ----------
    Borusyak, Jaravel & Spiess (2024), *REStud*. Same numbers as diff-diff ``ImputationDiD``.
    """
    n_units, codes = len(outcome), np.arange(len(outcome)) if cluster is None else cluster
    sizes = np.ones(n_units) if weight is None else weight
    _refuse(first_treated, codes)
    dates, cohort = np.unique(first_treated, return_inverse=True)
    size = np.bincount(cohort, weights=sizes).astype(np.float64)
    untreated = (periods < dates[:, None]).astype(np.float64)
    known = untreated.any(axis=0)
    treated = (1 - untreated) * known
    if not treated.any():
        raise NotEstimable("in every period after adoption all units are treated, so nothing can be imputed")
    period_effect = _period_effects(outcome, cohort, sizes, size, untreated)
    open_cells = untreated[cohort]
    unit_effect = ((outcome - period_effect) * open_cells).sum(axis=1) / open_cells.sum(axis=1)
    gap = outcome - unit_effect[:, None] - period_effect
    times, targets = _targets(periods, dates, size, treated)
    scores = np.zeros((int(codes.max()) + 1, len(targets)))
    values = np.zeros(len(targets))
    implied = np.array([_implied(target, size, untreated) for target in targets])
    for g in range(len(dates)):
        inside = cohort == g
        part, own = gap[inside], sizes[inside]
        values += (targets[:, g] @ (own @ part / size[g])) * size[g]
        # Within a cohort and period the weights are equal but for the analysis weights.
        middle = (own**2) @ part / (own**2).sum()
        distance = own[:, None] * np.where(untreated[g] > 0, part, part - middle)
        np.add.at(scores, codes[inside], distance @ implied[:, g].T)
    covariance = scores.T @ scores
    return Imputation(
        times,
        values[:-1],
        covariance[:-1, :-1],
        float(values[-1]),
        float(np.sqrt(covariance[-1, -1])),
        int((treated.sum(axis=1) * np.bincount(cohort)).sum()),
        int((((1 - untreated) * ~known).sum(axis=1) * np.bincount(cohort)).sum()),
        len(scores),
    )


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


def _system(size: FloatArray, untreated: FloatArray) -> FloatArray:
    """(T, T) normal equations of the period effects, unit effects taken out."""
    counts = untreated.sum(axis=1)
    nested = (untreated * (size / counts)[:, None]).T @ untreated
    return np.asarray(np.diag(size @ untreated) - nested, dtype=np.float64)


def _period_effects(
    outcome: FloatArray, cohort: IntArray, sizes: FloatArray, size: FloatArray, untreated: FloatArray
) -> FloatArray:
    """(T,) period effects of the untreated cells, up to a constant that the unit effects take up."""
    means = np.array([sizes[cohort == g] @ outcome[cohort == g] / size[g] for g in range(len(size))])
    open_means = means * untreated
    level = open_means.sum(axis=1) / untreated.sum(axis=1)
    right = size @ (open_means - level[:, None] * untreated)
    return np.asarray(np.linalg.lstsq(_system(size, untreated), right, rcond=None)[0])


def _targets(
    periods: FloatArray, dates: FloatArray, size: FloatArray, treated: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(E,) event times, and (E + 1, C, T) weights of one unit's cell in each mean and in that of all treated cells."""
    since = np.where(treated > 0, periods - np.where(np.isfinite(dates), dates, 0)[:, None], -1.0)
    times = np.unique(since[treated > 0])
    chosen = [*((since == e) & (treated > 0) for e in times), treated > 0]
    return times, np.array([one / (size @ one).sum() for one in chosen])


def _implied(target: FloatArray, size: FloatArray, untreated: FloatArray) -> FloatArray:
    """(C, T) weight of every cell of a unit in one mean: those of untreated cells balance units and periods."""
    counts, own = untreated.sum(axis=1), target.sum(axis=1)
    right = size @ target - (size * own / counts) @ untreated
    by_period = np.linalg.lstsq(_system(size, untreated), right, rcond=None)[0]
    by_unit = (own - untreated @ by_period) / counts
    return np.asarray(target - untreated * (by_unit[:, None] + by_period))


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Imputation for one estimate of the plan."""
    panel = balanced_panel(sample)
    found = imputation(
        panel.outcome, panel.first_treated, panel.periods, cluster=panel.cluster, weight=panel.weight
    )
    draws = default_draws(len(found.event_times))
    critical = gaussian_critical_value(
        found.covariance, alpha=plan.alpha, seed=plan.seed, estimate_id=spec.id, draws=draws
    )
    errors, names = (
        np.sqrt(np.diag(found.covariance)),
        [f"event_time={number_label(e)}" for e in found.event_times],
    )
    lost = (
        f"{found.left_out} treated rows are in periods without an untreated unit and were left out: nothing there "
        "can be imputed"
    )
    return Fit(
        estimate=found.overall,
        std_error=found.std_error,
        df=None,
        covariance="analytic",
        n_obs=panel.n_obs,
        n_units=len(panel.outcome),
        n_clusters=found.n_clusters,
        n_treated=int(np.isfinite(panel.first_treated).sum()),
        terms=tuple(
            banded_term(name, float(value), float(error), df=None, alpha=plan.alpha, critical=critical)
            for name, value, error in zip(names, found.estimates, errors, strict=True)
        ),
        warnings=(lost,) if found.left_out else (),
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
        dropped=panel.dropped,
    )
