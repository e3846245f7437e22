"""Rate ratios of few treated clusters, judged by pretending that others were treated."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.assignments import assignments, in_words
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.resampling import SPREAD, invert, tail_share
from experiments.stats.results import Fit, Resampled
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import LongPanel

FloatArray = NDArray[np.float64]

FARTHEST = 50.0  # log ratio: beyond e^50 no count is, and a search for an end of the interval stands still


def ratio_and_error(
    treated: FloatArray, before: FloatArray, after: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log rate ratios and their standard errors by cluster (CR0), one for each assignment.

    Parameters
    ----------
    treated : (R, G) 1 or 0.
    before, after : (G,) events of each cluster.

    Notes
    -----
    Without gaps and with one start, the two-way Poisson estimate is ``log(Y11 Y00/(Y10 Y01))`` of the events of the two
    arms after and before. A cluster's score is ``±(y_after − s·y)·(1/Y_after + 1/Y_before)``, s the share of its arm's
    events that came after. Infinite where an arm has no event on one side.
    """
    total = before + after
    ratio, variance = np.zeros(len(treated)), np.zeros(len(treated))
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.column_stack([before, after, after**2, after * total, total**2])
        inside = treated @ powers
        arms = inside, powers.sum(axis=0) - inside
        for sign, one in zip((1.0, -1.0), arms, strict=True):
            ratio += sign * (np.log(one[:, 1]) - np.log(one[:, 0]))
            share = one[:, 1] / (one[:, 0] + one[:, 1])
            spread = one[:, 2] - 2 * share * one[:, 3] + share**2 * one[:, 4]
            spread = np.where(spread > SPREAD * one[:, 4], spread, 0.0)
            variance += spread * (1 / one[:, 0] + 1 / one[:, 1]) ** 2
        error = np.sqrt(variance)
    known = np.isfinite(ratio) & np.isfinite(error)
    return np.where(known, ratio, np.inf), np.where(known, error, np.inf)


def drawn_fit(panel: LongPanel, sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The two-way Poisson fit of a plan whose p value comes from placebo assignments.

    Raises
    ------
    NotEstimable : gaps, covariates, several starts, an exposure that changes within a unit, no events on one side, or
        too few clusters to draw from.
    """
    _refuse(panel, sample)
    before, after, status = _by_cluster(panel)
    drawn = assignments(
        status, np.zeros(len(status), dtype=np.intp), spec.options["draws"], plan.alpha, plan.seed, spec.id
    )
    ratio, error = (float(value[0]) for value in ratio_and_error(status[None], before, after))
    if not np.isfinite(ratio):
        raise NotEstimable(
            "there are no events before or after adoption in one of the arms, so the ratio has no estimate"
        )
    factor = cr1_factor(len(panel.outcome), 1 + len(panel.periods), len(status))
    n_treated = int(status.sum())
    lone = min(n_treated, len(status) - n_treated) == 1
    return Fit(
        estimate=ratio,
        std_error=None if lone else error * factor**0.5,
        df=None if lone else float(len(status) - 1),
        covariance="randomisation",
        scale="log_rate_ratio",
        n_obs=len(panel.outcome),
        n_units=panel.n_units,
        n_clusters=len(status),
        n_treated=panel.n_treated,
        warnings=(
            f"p value and interval are of a placebo test over {in_words(drawn, n_treated, len(status))}; it is exact "
            "only if any of them was as likely to be treated as those that were",
            *(("there is no standard error: one cluster in an arm shows no spread",) if lone else ()),
        ),
        ssc={
            "covariance": "randomisation",
            "factor": factor,
            "formula": "studentised by CR0",
            "n_clusters": len(status),
            "draws": drawn.count,
            "enumerated": drawn.is_enumerated,
        },
        dropped=panel.dropped,
        resampled=_judged(drawn.table, drawn.is_enumerated, status, before, after, ratio, error, spec, plan),
    )


def _judged(
    table: FloatArray,
    is_enumerated: bool,
    status: FloatArray,
    before: FloatArray,
    after: FloatArray,
    ratio: float,
    error: float,
    spec: EstimateSpec,
    plan: Plan,
) -> Resampled:
    """The p value, and the constant ratios that are not rejected."""
    draws = table if is_enumerated else table[1:]

    def p_at(effect: float, direction: str = "two_sided") -> float:
        # What the treated would have had after adoption without such an effect.
        without = after * np.exp(np.clip(-effect * status, -FARTHEST, FARTHEST))
        reached = _studentised(*ratio_and_error(draws, before, without))
        observed = float(_studentised(*ratio_and_error(status[None], before, without))[0])
        return tail_share(reached, observed, alternative=direction, is_exact=is_enumerated)

    found = invert(p_at, ratio, error if error > 0 else 1.0, plan.alpha)
    return Resampled(p_at(0.0, spec.alternative), found.conf_low, found.conf_high)


def _studentised(ratio: FloatArray, error: FloatArray) -> FloatArray:
    """Ratios over their errors; one without spread cannot be told from any other, and counts as reaching it."""
    found = np.where(ratio < 0, -np.inf, np.inf)
    np.divide(ratio, error, out=found, where=np.isfinite(error) & (error > 0))
    return found


def _refuse(panel: LongPanel, sample: Sample) -> None:
    if panel.is_staggered:
        raise NotEstimable(
            f"units start at {len(panel.dates)} dates, and ratios are redrawn for one; make one estimate for each start"
        )
    if len(panel.outcome) != panel.n_units * len(panel.periods):
        raise NotEstimable("ratios can be redrawn in a panel without gaps only")
    if sample.covariate_names:
        raise NotEstimable("ratios can be redrawn without covariates only")
    expected = panel.periods[panel.period] >= panel.first[panel.unit]
    if not np.array_equal(panel.status, expected):
        raise NotEstimable("ratios can be redrawn where treatment is 0 or 1 and stays on only")
    if panel.exposure is not None and np.any((np.diff(panel.exposure) != 0) & (np.diff(panel.unit) == 0)):
        raise NotEstimable("ratios can be redrawn where the exposure of a unit does not change only")


def _by_cluster(panel: LongPanel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(G,) events before and after, and whether the cluster was treated."""
    weight = np.ones(len(panel.outcome)) if panel.weight is None else panel.weight
    post = panel.periods[panel.period] >= panel.dates[0]
    count = int(panel.cluster.max()) + 1
    before, after = (
        np.bincount(panel.cluster, weights=panel.outcome * weight * side, minlength=count).astype(np.float64)
        for side in (~post, post)
    )
    treated = np.bincount(panel.cluster, weights=np.isfinite(panel.first)[panel.unit], minlength=count)
    share = np.asarray(treated / np.bincount(panel.cluster, minlength=count), dtype=np.float64)
    if not np.isin(share, (0.0, 1.0)).all():
        raise NotEstimable("a cluster holds treated and other units, so the cluster is not what was assigned")
    return before, after, share
