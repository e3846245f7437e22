"""Rate ratios by period since adoption: the leads and lags of a two-way Poisson estimate."""

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.event_study import REFERENCE, event_times
from experiments.stats.estimators.poisson_twfe import poisson_twfe
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import long_panel
from experiments.stats.staggered.panel import number_label

MOST_NUMBERS = 100_000_000  # held at once: 0.8 GB


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Log rate ratios by event time, against the last period before adoption; the estimate is their plain mean.

    Raises
    ------
    NotEstimable : nobody is never treated, no period before adoption, or what a two-way Poisson model refuses.
    """
    panel = long_panel(sample)
    if np.isfinite(panel.first).all():
        raise NotEstimable(
            "no unit is never treated, so ratios by period since adoption need a second reference whose choice would "
            "decide the answer"
        )
    times = event_times(panel.unit, panel.period, panel.first, panel.periods)
    before = times[times < 0]
    if not len(before):
        raise NotEstimable("no period is seen before treatment")
    kept = times[times != before[-1]]
    if len(panel.outcome) * len(kept) > MOST_NUMBERS:
        raise NotEstimable(
            f"{len(panel.outcome):,} rows and {len(kept)} periods since adoption do not fit in memory at once"
        )
    since = panel.periods[panel.period] - panel.first[panel.unit]
    columns = (since[:, None] == kept).astype(np.float64)
    names = tuple(f"event_time={number_label(e)}" for e in kept.tolist())
    found = poisson_twfe(
        panel.outcome,
        columns[:, 0],
        panel.unit,
        panel.period,
        covariates=np.column_stack([columns[:, 1:], panel.covariates]),
        exposure=panel.exposure,
        cluster=panel.cluster,
        weight=panel.weight,
        names=(*names[1:], *sample.covariate_names),
        of_interest=len(kept),  # every period's ratio is read by its place, so none may leave
    )
    count = len(kept)
    values, matrix = found.coefficients[:count], found.covariance[:count, :count]
    share = np.where(kept >= 0, 1.0, 0.0) / max(1, int((kept >= 0).sum()))
    rows = {before[-1]: Term(f"event_time={number_label(float(before[-1]))}", 0.0, note=REFERENCE)}
    rows |= {
        e: Term(name, float(value), float(error))
        for e, name, value, error in zip(kept, names, values, np.sqrt(np.diag(matrix)), strict=True)
    }
    return Fit(
        estimate=float(share @ values),
        std_error=float(np.sqrt(share @ matrix @ share)),
        df=float(found.n_clusters - 1),
        covariance="CR1",
        scale="log_rate_ratio",
        n_obs=int(found.used.sum()),
        n_units=len(np.unique(panel.unit[found.used])),
        n_clusters=found.n_clusters,
        n_treated=panel.n_treated,
        terms=tuple(rows[e] for e in sorted(rows)),
        term_names=names,
        term_covariance=matrix,
    )
