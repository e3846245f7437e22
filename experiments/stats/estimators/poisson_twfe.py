"""Two-way fixed effects for counts: parallel trends in ratios, by Poisson pseudo-maximum likelihood."""

from dataclasses import dataclass

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.poisson_twfe_draws import drawn_fit
from experiments.stats.estimators.twfe import covariance_warnings, timing_warnings
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cluster_sums, cr1_factor
from experiments.stats.regression.two_way_balanced import solve_moments
from experiments.stats.regression.two_way_unbalanced import demean_two_way, refuse_disconnected
from experiments.stats.results import Dropped, Fit
from experiments.stats.sample import BoolArray, Sample
from experiments.stats.staggered.adoption import long_panel, renumbered

TOLERANCE = 1e-10
MAX_STEPS = 100
SEPARATED = 1e-9  # of the mean: a row that the model predicts never to have an event
NO_EVENTS = "no event in any row of the unit or of the period, so nothing can be learnt from it"


@dataclass(frozen=True, slots=True)
class CountFit:
    """Log rate ratios (k,) with their covariance (k, k), df t(G − 1); ``used`` the rows kept of those given."""

    coefficients: FloatArray
    covariance: FloatArray
    factor: float
    n_parameters: int
    n_clusters: int
    used: BoolArray
    separated: int
    steps: int


def poisson_twfe(
    outcome: FloatArray,
    treatment: FloatArray,
    unit: IntArray,
    period: IntArray,
    *,
    covariates: FloatArray | None = None,
    exposure: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    covariance: str = "CR1",
    names: tuple[str, ...] = (),
) -> CountFit:
    """Log rate ratio of a treatment that varies over units and periods.

    Parameters
    ----------
    outcome : (N,) counts, or any outcome that is not negative, one value for each unit and period seen.
    treatment : (N,) status, 0 to 1.
    unit, period : (N,) codes from 0 without gaps.
    covariates : (N, p) that vary over time.
    exposure : (N,) person-time or population, above 0; enters as a log offset.
    cluster : (N,) codes at or above the unit; None for the unit.
    weight : (N,) positive analysis weights.
    covariance : CR1, whose K counts slopes and period effects, or CR0.
    names : (p,) names of the covariates, for messages.

    Returns
    -------
    CountFit : the treatment's coefficient first.

    Notes
    -----
    ``E y_it = exposure·exp(α_i + λ_t + τD_it)``; iterated weighted least squares with both effects taken out by
    alternating means. Units and periods without events leave first: their effects are minus infinity. Valid
    whatever the distribution of y, as long as the mean is right.

    Raises
    ------
    NotEstimable : negative outcomes, no events on one side of the treatment, one cluster, a regressor without
        variation of its own, or no convergence.

    References
    ----------
    Santos Silva & Tenreyro (2006), *REStat*; Wooldridge (1999), *J Econometrics*; Correia, Guimarães & Zylkin
    (2020), *Stata Journal*. Same numbers as R fixest ``fepois``.
    """
    if (outcome < 0).any():
        raise NotEstimable("the outcome has negative values; a rate cannot be negative")
    used = _with_events(outcome, unit, period)
    y, treated = outcome[used], treatment[used]
    for side, words in ((treated > 0, "treated"), (treated == 0, "untreated")):
        if not y[side].any():
            raise NotEstimable(
                f"no events among the {words}: every {words} row had 0, so the rate ratio has no estimate"
            )
    groups = renumbered((unit if cluster is None else cluster)[used])
    units, times = renumbered(unit[used]), renumbered(period[used])
    refuse_disconnected(units, times)
    columns = treated[:, None] if covariates is None else np.column_stack([treated, covariates[used]])
    offset = np.zeros(len(y)) if exposure is None else np.log(exposure[used])
    weights = np.ones(len(y)) if weight is None else weight[used] / weight[used].mean()
    labels = ("treatment", *(names or tuple(f"x{j + 1}" for j in range(columns.shape[1] - 1))))
    solved = _solve(y, columns, units, times, offset, weights, labels)
    scores = cluster_sums(
        solved.residual * ((y - solved.mean) * weights)[:, None], groups, int(groups.max()) + 1
    )
    n_clusters, n_parameters = len(scores), columns.shape[1] + int(times.max()) + 1
    if n_clusters < 2:
        raise NotEstimable("there is only one cluster")
    factor = cr1_factor(len(y), n_parameters, n_clusters) if covariance == "CR1" else 1.0
    matrix = factor * (solved.bread @ (scores.T @ scores) @ solved.bread)
    lost = int((solved.mean < SEPARATED * y.mean()).sum())
    return CountFit(solved.coefficients, matrix, factor, n_parameters, n_clusters, used, lost, solved.steps)


@dataclass(frozen=True, slots=True)
class _Solution:
    coefficients: FloatArray
    bread: FloatArray
    residual: FloatArray
    mean: FloatArray
    steps: int


def _solve(
    y: FloatArray,
    columns: FloatArray,
    unit: IntArray,
    period: IntArray,
    offset: FloatArray,
    weight: FloatArray,
    names: tuple[str, ...],
) -> _Solution:
    """Iterated weighted least squares until neither coefficients nor fit move."""
    mean = (y + y.mean()) / 2
    predictor = np.log(mean)
    before, deviance = np.full(columns.shape[1], np.inf), np.inf
    for step in range(1, MAX_STEPS + 1):
        working = predictor - offset + (y - mean) / mean
        inner = weight * mean
        residual, _ = demean_two_way(np.column_stack([working, columns]), unit, period, inner)
        z, x = residual[:, 0], residual[:, 1:]
        weighted = x * inner[:, None]
        coefficients, bread = solve_moments(weighted.T @ x, weighted.T @ z, names)
        predictor = offset + working - (z - x @ coefficients)
        if not np.isfinite(predictor).all() or np.abs(predictor - offset).max() > 500:
            break
        mean = np.exp(predictor)
        now = float(weight @ (mean - y * predictor))
        moved = float(np.abs(coefficients - before).max())
        if moved < TOLERANCE * max(1.0, float(np.abs(coefficients).max())) and abs(
            now - deviance
        ) < 1e-9 * abs(now):
            return _Solution(coefficients, bread, x, mean, step)
        before, deviance = coefficients, now
    raise NotEstimable(
        f"the rates did not converge in {MAX_STEPS} steps: some combination of units, periods and treatment has no "
        "events, so its rate has no estimate"
    )


def _with_events(outcome: FloatArray, unit: IntArray, period: IntArray) -> BoolArray:
    """Rows of units and periods that have an event; taking some away can empty others."""
    used = np.ones(len(outcome), dtype=bool)
    while used.any():
        keep = used.copy()
        for codes in (unit, period):
            events = np.bincount(codes[used], weights=outcome[used], minlength=int(codes.max()) + 1)
            keep &= events[codes] > 0
        if keep.sum() == used.sum():
            return used
        used = keep
    raise NotEstimable("there is no event in the data")


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Two-way Poisson for one estimate of the plan."""
    panel = long_panel(sample)
    if spec.covariance == "randomisation":
        return drawn_fit(panel, sample, spec, plan)
    kind = spec.covariance or "CR1"
    found = poisson_twfe(
        panel.outcome,
        panel.status,
        panel.unit,
        panel.period,
        covariates=panel.covariates if sample.covariate_names else None,
        exposure=panel.exposure,
        cluster=panel.cluster,
        weight=panel.weight,
        covariance=kind,
        names=sample.covariate_names,
    )
    n_lost, units = int((~found.used).sum()), np.unique(panel.unit[found.used])
    separated = (
        f"{found.separated} rows are predicted never to have an event, because every row like them has none",
    )
    return Fit(
        estimate=float(found.coefficients[0]),
        std_error=float(np.sqrt(found.covariance[0, 0])),
        df=float(found.n_clusters - 1),
        covariance=kind,
        scale="log_rate_ratio",
        n_obs=int(found.used.sum()),
        n_units=len(units),
        n_clusters=found.n_clusters,
        n_treated=int(np.isfinite(panel.first[units]).sum()),
        warnings=(
            *timing_warnings(panel),
            *covariance_warnings(panel, kind, None),
            *(separated if found.separated else ()),
        ),
        ssc={
            "covariance": kind,
            "factor": found.factor,
            "formula": "G/(G-1)*(N-1)/(N-K)" if kind == "CR1" else "none",
            "n_obs": int(found.used.sum()),
            "n_parameters": found.n_parameters,
            "n_clusters": found.n_clusters,
            "fixed_effects": "unit effects nested in clusters, not counted",
            "steps": found.steps,
        },
        dropped=(*panel.dropped, *((Dropped(NO_EVENTS, n_lost),) if n_lost else ())),
    )
