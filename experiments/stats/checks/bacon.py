"""The check ``bacon``: on whom a two-way estimate of a staggered roll-out rests."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.stats.checks.decomposition import Decomposition
from experiments.stats.checks.decomposition import bacon as decompose
from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.results import CheckRow
from experiments.stats.sample import Sample
from experiments.stats.staggered.bacon_weights import Comparison
from experiments.stats.staggered.panel import INCOMPLETE, balanced_panel, time_label

RED = 0.1
NAMES: Mapping[str, str] = {
    "treated_v_never": "treated with never treated",
    "earlier_v_later": "earlier with later adopters",
    "later_v_earlier": "later with earlier adopters, who are treated already",
}


def check(context: CheckContext) -> CheckRow:
    """The decomposition of the leading outcome that changes over time.

    Raises
    ------
    NotEstimable : no such estimate, or one whose panel has gaps, weights or covariates.
    """
    for spec, _ in context.fits():
        if ESTIMATOR_RULES[spec.estimator].panel and spec.columns.first_treated is not None:
            return _checked(spec, context.sample(spec))
    raise NotEstimable("no estimate of the plan names the period of first treatment")


def _checked(spec: EstimateSpec, sample: Sample) -> CheckRow:
    if spec.columns.unit is None:
        raise NotEstimable(
            "rows are not followed over time, so there is no two-way estimate of units and periods to take apart"
        )
    panel = balanced_panel(sample)
    if any(lost.reason == INCOMPLETE for lost in panel.dropped):
        raise NotEstimable("the decomposition needs a panel without gaps")
    if panel.weight is not None or sample.covariate_names:
        raise NotEstimable("the decomposition is of an estimate without weights and covariates")
    found = decompose(panel.outcome, panel.first_treated, panel.periods)
    forbidden = _share(found, "later_v_earlier")
    return CheckRow(
        verdict="red" if forbidden > RED else "ok",
        explanation=_words(spec, found, forbidden),
        statistic=forbidden,
        rows=tuple(
            _row(spec, part, float(estimate), sample)
            for part, estimate in zip(found.parts, found.estimates, strict=True)
        ),
    )


def _share(found: Decomposition, kind: str) -> float:
    return sum(part.weight for part in found.parts if part.kind == kind)


def _words(spec: EstimateSpec, found: Decomposition, forbidden: float) -> str:
    weights = np.array([part.weight for part in found.parts])
    parts = []
    for kind, name in NAMES.items():
        chosen = np.array([part.kind == kind for part in found.parts])
        if chosen.any():
            mean = float(weights[chosen] @ found.estimates[chosen] / weights[chosen].sum())
            parts.append(
                f"{100 * weights[chosen].sum():.0f} % of the weight compares {name} (mean {mean:.3g})"
            )
    advice = (
        "More than a tenth rests on units that are treated already: if effects change over time it is biased, and "
        "can have the wrong sign; rely on callaway_santanna."
        if forbidden > RED
        else "At most a tenth rests on units that are treated already."
    )
    return f"The two-way estimate for {spec.outcome} is {found.estimate:.3g}: {'; '.join(parts)}. {advice}"


def _row(spec: EstimateSpec, part: Comparison, estimate: float, sample: Sample) -> dict[str, Any]:
    return {
        "id": spec.id,
        "outcome": spec.outcome,
        "type": part.kind,
        "treated": time_label(part.treated, sample),
        "control": time_label(part.control, sample) if np.isfinite(part.control) else "never",
        "weight": part.weight,
        "estimate": estimate,
    }
