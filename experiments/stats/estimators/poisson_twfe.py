"""Two-way fixed effects for counts: parallel trends in ratios, by Poisson pseudo-maximum likelihood."""

from dataclasses import dataclass

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.poisson_twfe_draws import drawn_fit
from experiments.stats.estimators.twfe import covariance_warnings, timing_warnings
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cluster_sums, cr1_factor
from experiments.stats.regression.two_way_poisson import CountRows, fit_counts, with_events
from experiments.stats.regression.two_way_unbalanced import refuse_disconnected
from experiments.stats.results import Dropped, Fit
from experiments.stats.sample import BoolArray, Sample
from experiments.stats.staggered.adoption import long_panel, renumbered

SEPARATED = (
    "no event, and the unit and period effects and the covariates can only give the row a rate of nought (it is "
    "separated), so nothing can be learnt from it"
)
NO_EVENTS = "no event in any row of the unit or of the period, so nothing can be learnt from it"


@dataclass(frozen=True, slots=True)
class CountFit:
    """Log rate ratios (k,) with their covariance (k, k), df t(G − 1).

    Attributes
    ----------
    used : (N,) which of the rows given bear on the fit.
    separated : how many rows left because only a rate of nought fits them, beyond those of units and periods
        without events.
    left_out : covariates that left with the separated rows, because they say nothing about the rest.
    """

    coefficients: FloatArray
    covariance: FloatArray
    factor: float
    n_parameters: int
    n_clusters: int
    used: BoolArray
    separated: int
    left_out: tuple[str, ...]
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
    of_interest: int = 1,
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
    of_interest : how many regressors, the treatment and then covariates, must have an estimate. Only covariates after
        them may leave with separated rows.

    Returns
    -------
    CountFit : the treatment's coefficient first, then those of the covariates that are not left out.

    Notes
    -----
    ``E y_it = exposure·exp(α_i + λ_t + τD_it)``; iterated weighted least squares with both effects taken out by
    alternating means. Units and periods without events leave first: their effects are minus infinity; so do rows
    that are separated in some other way, and a covariate that separates them. The estimates are those of all rows, in
    the limit; the rows that leave are not counted as observations. They can leave a panel in parts that share
    neither unit nor period: each part then has its own effects, and the treatment's ratio is common. Valid whatever the
    distribution of y, as long as the mean is right.

    Raises
    ------
    NotEstimable : negative outcomes, no events on one side of the treatment, a regressor of interest that separates
        rows, one cluster, a regressor without variation of its own, or no convergence.

    References
    ----------
    Santos Silva & Tenreyro (2006), *REStat*; Wooldridge (1999), *J Econometrics*; Correia, Guimarães & Zylkin
    (2020), *Stata Journal*, (2021), arXiv:1903.01633, for separation. Same numbers as R fixest ``fepois``.
    """
    if (outcome < 0).any():
        raise NotEstimable("the outcome has negative values; a rate cannot be negative")
    used = with_events(outcome, unit, period)
    y, treated = outcome[used], treatment[used]
    for side, words in ((treated > 0, "treated"), (treated == 0, "untreated")):
        if not y[side].any():
            raise NotEstimable(
                f"no events among the {words}: every {words} row had 0, so the rate ratio has no estimate"
            )
    units, times = renumbered(unit[used]), renumbered(period[used])
    refuse_disconnected(units, times)
    columns = treated[:, None] if covariates is None else np.column_stack([treated, covariates[used]])
    given = CountRows(
        y=y,
        columns=columns,
        unit=units,
        period=times,
        offset=np.zeros(len(y)) if exposure is None else np.log(exposure[used]),
        weight=np.ones(len(y)) if weight is None else weight[used] / weight[used].mean(),
        names=("treatment", *(names or tuple(f"x{j + 1}" for j in range(columns.shape[1] - 1)))),
        of_interest=of_interest,
    )
    solved, rows, apart = fit_counts(given)
    used[np.flatnonzero(used)[apart]] = False
    groups = renumbered((unit if cluster is None else cluster)[used])
    scores = cluster_sums(
        solved.residual * ((rows.y - solved.mean) * rows.weight)[:, None], groups, int(groups.max()) + 1
    )
    n_clusters, n_parameters = len(scores), rows.columns.shape[1] + int(rows.period.max()) + 1
    if n_clusters < 2:
        raise NotEstimable("there is only one cluster")
    factor = cr1_factor(len(rows.y), n_parameters, n_clusters) if covariance == "CR1" else 1.0
    return CountFit(
        coefficients=solved.coefficients,
        covariance=factor * (solved.bread @ (scores.T @ scores) @ solved.bread),
        factor=factor,
        n_parameters=n_parameters,
        n_clusters=n_clusters,
        used=used,
        separated=int(apart.sum()),
        left_out=tuple(name for name in given.names if name not in rows.names),
        steps=solved.steps,
    )


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
    units = np.unique(panel.unit[found.used])
    n_lost = int((~found.used).sum()) - found.separated
    dropped = ((NO_EVENTS, n_lost), (SEPARATED, found.separated))
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
            *(_left_out(found) if found.left_out else ()),
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
        dropped=(*panel.dropped, *(Dropped(reason, count) for reason, count in dropped if count)),
    )


def _left_out(found: CountFit) -> tuple[str, ...]:
    names = ", ".join(f"'{name}'" for name in found.left_out)
    return (
        f"left out with {found.separated} rows without an event, which only they tell from the rest: {names}; the "
        "estimate is the same as if all had stayed",
    )
