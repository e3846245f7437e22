"""Synthetic control and synthetic difference in differences as estimates of a plan."""

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.synthetic_control import SyntheticControl, synthetic_control
from experiments.stats.estimators.synthetic_did import SyntheticDid, synthetic_did
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Resampled, Term
from experiments.stats.sample import Sample
from experiments.stats.staggered.block import Block, block_panel
from experiments.stats.staggered.panel import number_label

FloatArray = NDArray[np.float64]

SHOWN = 1e-6  # a weight below this is rounding
MOST_PATHS = 20_000  # numbers of placebo paths kept in the result
LOOSE_FIT = 0.25  # of the standard deviation before
DOMINANT = 0.8
FEW_TREATED = 10
CONTROLS_PER_PERIOD = 10  # fewer for each period before, and the jackknife's fixed weights fit the noise
COLLAPSED = "clusters were assigned, so their means are compared: an average over clusters"


def control_estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Synthetic control for one estimate of the plan."""
    if spec.alternative != "two_sided":
        raise NotEstimable("the placebo test of a synthetic control is two-sided: leave 'alternative' out")
    panel = block_panel(sample)
    found = synthetic_control(panel.outcome, panel.treated, panel.post, alpha=plan.alpha)
    controls = [name for name, is_treated in zip(panel.names, panel.treated, strict=True) if not is_treated]
    return Fit(
        estimate=found.estimate,
        std_error=None,
        df=None,
        covariance="placebo",
        n_obs=panel.n_obs,
        n_units=panel.n_units,
        n_clusters=len(panel.outcome),
        n_treated=panel.n_treated,
        terms=(
            *_gaps(found.gaps, panel),
            *_path("treated", found.treated, panel),
            *_path("synthetic", found.synthetic, panel),
            *_weights("weight", found.weights, controls),
            *_placebos(found, panel),
        ),
        warnings=tuple(_control_warnings(found, panel, controls, plan.alpha)),
        ssc={
            "covariance": "placebo",
            "formula": "rank of the ratio of root mean squared gaps, after over before, among placebos",
            "placebos": len(controls),
            "fit_before": found.fit,
            "ratio": found.ratio,
            "p_value_good_fits": found.p_value_good_fits,
        },
        dropped=panel.dropped,
        resampled=Resampled(found.p_value, found.conf_low, found.conf_high),
    )


def did_estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Synthetic difference in differences for one estimate of the plan."""
    panel = block_panel(sample)
    inference = spec.covariance or "placebo"
    found = synthetic_did(
        panel.outcome,
        panel.treated,
        panel.post,
        inference=inference,  # type: ignore[arg-type]  # the plan was parsed against the same words
        reps=spec.options["reps"],
        seed=plan.seed,
        estimate_id=spec.id,
    )
    controls = [name for name, is_treated in zip(panel.names, panel.treated, strict=True) if not is_treated]
    before = [label for label, is_post in zip(panel.labels, panel.post, strict=True) if not is_post]
    return Fit(
        estimate=found.estimate,
        std_error=found.std_error,
        df=None,
        covariance=inference,
        n_obs=panel.n_obs,
        n_units=panel.n_units,
        n_clusters=len(panel.outcome),
        n_treated=panel.n_treated,
        terms=(
            *_gaps(found.gaps, panel),
            *_weights("weight", found.unit_weights, controls),
            *_weights("time_weight", found.time_weights, before),
        ),
        warnings=tuple(_did_warnings(found, panel, inference)),
        ssc={
            "covariance": inference,
            "factor": 1.0,
            "replicates": len(found.replicates),
            "penalty": found.penalty,
            "df": "normal",
        },
        dropped=panel.dropped,
    )


def _gaps(gaps: FloatArray, panel: Block) -> list[Term]:
    return [
        Term(f"event_time={number_label(float(e))}", float(gap))
        for e, gap in zip(panel.event_times, gaps, strict=True)
    ]


def _path(name: str, values: FloatArray, panel: Block) -> list[Term]:
    return [
        Term(f"{name},t={label}", float(value)) for label, value in zip(panel.labels, values, strict=True)
    ]


def _weights(name: str, weights: FloatArray, labels: list[str]) -> list[Term]:
    return [
        Term(f"{name}={label}", float(weight))
        for label, weight in zip(labels, weights, strict=True)
        if weight > SHOWN
    ]


def _placebos(found: SyntheticControl, panel: Block) -> list[Term]:
    """Paths of the placebos, by the rank of their ratio instead of by name."""
    if found.placebo_gaps.size > MOST_PATHS:
        return []
    order = np.argsort(-found.placebo_ratios, kind="stable")
    return [
        Term(f"placebo={rank},t={label}", float(gap))
        for rank, place in enumerate(order, start=1)
        for label, gap in zip(panel.labels, found.placebo_gaps[place], strict=True)
    ]


def _control_warnings(found: SyntheticControl, panel: Block, controls: list[str], alpha: float) -> list[str]:
    """List what a reader has to know before trusting the numbers."""
    count = len(controls)
    said = []
    if found.p_value is None:
        said.append(
            f"there is no p value: with {count} controls none below 1/{count + 1} is possible, which is above {alpha:g}"
        )
    else:
        said.append(
            f"p value and interval rank the treated unit among {count} placebos, so the least possible is "
            f"1/{count + 1}; there is no standard error"
        )
        if found.p_value_good_fits is not None:
            said.append(
                "without placebos that fit more than five times worse before adoption, p = "
                f"{found.p_value_good_fits:.3g}"
            )
        if found.conf_low is None:
            said.append(
                "there is no interval: the gaps after adoption vary more than any constant effect explains"
            )
    if found.fit > LOOSE_FIT * found.spread:
        said.append(
            f"the synthetic control misses the treated path before adoption by {found.fit:.3g} on average, more than a "
            "quarter of its standard deviation: the gap after may be the same miss"
        )
    if found.weights.max() > DOMINANT:
        said.append(
            f"{100 * found.weights.max():.0f} % of the weight is on one control, so the estimate is nearly a "
            "comparison with it alone"
        )
    if panel.treated.sum() > 1:
        said.append(f"the {int(panel.treated.sum())} treated are averaged into one path")
    if found.placebo_gaps.size > MOST_PATHS:
        said.append(
            "the placebos' paths are too many to be kept in the result; their ranks are what p rests on"
        )
    if panel.is_collapsed:
        said.append(COLLAPSED)
    return said


def _did_warnings(found: SyntheticDid, panel: Block, inference: str) -> list[str]:
    """List what a reader has to know before trusting the numbers."""
    n_treated, said = int(panel.treated.sum()), []
    if inference == "placebo":
        said.append("the placebo error assumes that treated units vary as much as controls")
    elif inference == "bootstrap" and n_treated < FEW_TREATED:
        said.append(
            f"the bootstrap is unreliable with {n_treated} treated units; use the covariance 'placebo'"
        )
    elif inference == "jackknife" and len(found.unit_weights) < CONTROLS_PER_PERIOD * len(found.time_weights):
        said.append(
            f"the jackknife keeps the weights, so with {len(found.unit_weights)} controls for "
            f"{len(found.time_weights)} periods before its intervals may be narrow (92 in 100 held the effect with 40 "
            "for 12, 95 with 80 for 6); put the covariance 'placebo' beside it"
        )
    if found.unit_weights.max() > DOMINANT:
        said.append(f"{100 * found.unit_weights.max():.0f} % of the unit weight is on one control")
    if panel.is_collapsed:
        said.append(COLLAPSED)
    return said
