"""The check ``honest_did``: how far parallel trends may fail before the finding goes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.checks.honest import Method, Sensitivity, honest_did
from experiments.stats.checks.pre_trends import SYNTHETIC, reference_of, smaller_arm, with_leads
from experiments.stats.context import CheckContext
from experiments.stats.domain import ENOUGH_CLUSTERS
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.results import CheckRow, Fit

FloatArray = NDArray[np.float64]

PREFIX = "event_time="
OWN = frozenset({"event_study", "sun_abraham"})
MOST = 24  # periods on either side: the bounds compare neighbours, and distant ones rest on few units
METHODS: tuple[Method, ...] = ("relative_magnitude", "smoothness")


@dataclass(frozen=True, slots=True)
class _Window:
    """Effects by event time without gaps around the reference, (K + Q,) with their covariance."""

    estimates: FloatArray
    covariance: FloatArray
    n_pre: int
    n_post: int


def check(context: CheckContext) -> CheckRow:
    """Sensitivity of the leading estimate that compares changes over time.

    Raises
    ------
    NotEstimable : no such estimate, or no periods on both sides of the reference.
    """
    reasons = []
    for spec, fit in context.fits():
        if not ESTIMATOR_RULES[spec.estimator].panel:
            continue
        try:
            fewest = smaller_arm(context.sample(spec))
            found = _checked(spec, _window(spec, fit, context), context.plan.alpha)
            return found if fewest >= ENOUGH_CLUSTERS else _few(found, fewest)
        except NotEstimable as refusal:
            reasons.append(refusal.reason)
    raise NotEstimable(reasons[0] if reasons else "no estimate of the plan compares changes over time")


def _few(found: CheckRow, fewest: int) -> CheckRow:
    said = f" With {fewest} clusters in the smaller arm these intervals are too narrow."
    return replace(found, explanation=found.explanation + said)


def _window(spec: EstimateSpec, fit: Fit, context: CheckContext) -> _Window:
    if spec.estimator in SYNTHETIC:
        raise NotEstimable("a synthetic control does not rest on parallel trends")
    if spec.estimator not in OWN:
        universal = replace(spec, options={**spec.options, "base_period": "universal"})
        fit, _ = with_leads(universal, context.plan, context.sample(spec))
    if fit.term_covariance is None:
        raise NotEstimable("the effects by event time have no joint covariance")
    reference = reference_of(fit)
    values = {term.term: term.estimate for term in fit.terms}
    errors = np.diag(fit.term_covariance)
    place = {
        float(name.removeprefix(PREFIX)): number
        for number, name in enumerate(fit.term_names)
        if errors[number] > 0
    }
    # Neighbours must be neighbours: the run of event times without a gap on either side of the reference.
    before, after = _run(place, reference, -1.0), _run(place, reference, 1.0)
    if len(before) < 1 or len(after) < 1:
        raise NotEstimable("there is no period before adoption besides the reference, or none after it")
    most = max(1, min(MOST, fit.n_clusters // 4))
    before, after = before[:most][::-1], after[:most]
    chosen = [place[time] for time in (*before, *after)]
    return _Window(
        np.array([values[fit.term_names[number]] for number in chosen], dtype=np.float64),
        fit.term_covariance[np.ix_(chosen, chosen)],
        len(before),
        len(after),
    )


def _run(place: Mapping[float, int], start: float, step: float) -> list[float]:
    found = []
    time = start + step
    while time in place:
        found.append(time)
        time += step
    return found


def _checked(spec: EstimateSpec, window: _Window, alpha: float) -> CheckRow:
    rows: list[Mapping[str, Any]] = []
    found: dict[tuple[str, str], Sensitivity] = {}
    targets = {"first": None, "mean": np.full(window.n_post, 1 / window.n_post)}
    if window.n_post == 1:
        del targets["mean"]
    for target, weights in targets.items():
        for method in METHODS:
            made = honest_did(
                window.estimates,
                window.covariance,
                window.n_pre,
                window.n_post,
                method=method,
                weights=weights,
                alpha=alpha,
            )
            found[target, method] = made
            rows += _rows(spec, target, made)
    headline = found["first", "relative_magnitude"]
    low, high = headline.original
    is_there = not low <= 0 <= high
    is_fragile = is_there and headline.breakdown is not None and headline.breakdown < 1
    return CheckRow(
        verdict="red" if is_fragile else "ok",
        explanation=_words(spec, window, found, is_there),
        statistic=headline.breakdown if headline.breakdown is not None else headline.breakdown_beyond,
        rows=tuple(rows),
    )


def _rows(spec: EstimateSpec, target: str, made: Sensitivity) -> list[Mapping[str, Any]]:
    shared = {"id": spec.id, "outcome": spec.outcome, "target": target, "method": made.method}
    ends = {"breakdown": made.breakdown, "breakdown_beyond": made.breakdown_beyond}
    return [
        {
            **shared,
            "m": None,
            "conf_low": made.original[0],
            "conf_high": made.original[1],
            "note": "trends taken as parallel",
            **ends,
        },
        *(
            {**shared, "m": row.m, "conf_low": row.conf_low, "conf_high": row.conf_high, **ends}
            for row in made.rows
        ),
    ]


def _words(
    spec: EstimateSpec, window: _Window, found: Mapping[tuple[str, str], Sensitivity], is_there: bool
) -> str:
    whole = (
        f"{spec.id} ({spec.outcome}), {window.n_pre} periods before the reference and {window.n_post} after. "
    )
    if not is_there:
        return (
            f"{whole}The effect in the first period cannot be told from zero even if trends were parallel, so there is "
            "no finding to break."
        )
    relative, smooth = found["first", "relative_magnitude"], found["first", "smoothness"]
    if relative.breakdown is None:
        text = f"The effect in the first period stays apart from zero up to {relative.breakdown_beyond:.3g} times"
    else:
        text = f"The effect in the first period can no longer be told from zero from {relative.breakdown:.3g} times"
    text += " the largest change of the gap between neighbouring periods before adoption"
    if smooth.breakdown is None:
        text += f"; bends of the trend of up to {smooth.breakdown_beyond:.3g} a period leave it."
    else:
        text += f"; a trend that bends by {smooth.breakdown:.3g} a period is enough to undo it."
    return f"{whole}{text} Below 1, a change no larger than those seen before adoption could explain the finding."
