"""Placebo tests: an effect where there can be none, before the start and among those never treated."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.context import CheckContext, without_draws
from experiments.stats.draws import keys, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.resampling import tail_share
from experiments.stats.results import CheckRow, Fit
from experiments.stats.rows import estimate_numbers
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]

DRAWS = 199
LEAST_DRAWS = 39
MOST_WORK = 200_000_000  # rows times draws: minutes
LEAST_CONTROLS = 6
RANKED = frozenset({"synthetic_control", "synthetic_did"})


def placebo(observed: float, placebos: FloatArray) -> float:
    """P value of an estimate by its rank among placebos.

    Parameters
    ----------
    observed : the estimate, or its t statistic.
    placebos : (R,) the same where no effect can be.

    Returns
    -------
    float : ``(1 + #{|placebo| ≥ |observed|})/(R + 1)``.

    Raises
    ------
    NotEstimable : fewer than 19 placebos, so that no p value of 0.05 could be reached.
    """
    if len(placebos) < 19:
        raise NotEstimable(f"{len(placebos)} placebos cannot give a p value of 0.05: at least 19 are needed")
    return tail_share(placebos, observed)


def check(context: CheckContext) -> CheckRow:
    """The placebo in time, and in space, of the leading estimate that compares changes.

    Raises
    ------
    NotEstimable : the plan has no such estimate, or neither placebo can be made.
    """
    for spec, fit in context.fits():
        if ESTIMATOR_RULES[spec.estimator].panel:
            return _checked(spec, fit, context)
    raise NotEstimable("no estimate of the plan compares changes over time")


def _checked(spec: EstimateSpec, fit: Fit, context: CheckContext) -> CheckRow:
    sample = context.sample(spec)
    rows: list[Mapping[str, Any]] = []
    words: list[str] = []
    for kind, make in (("time", _in_time), ("space", _in_space)):
        try:
            row, said = make(spec, fit, context, sample)
        except NotEstimable as refusal:
            row, said = {"reason": refusal.reason}, f"No placebo in {kind}: {refusal.reason}."
        rows.append({"id": spec.id, "kind": kind, **row})
        words.append(said)
    if all("reason" in row for row in rows):
        raise NotEstimable("; ".join(str(row["reason"]) for row in rows))
    tested = next(row for row in rows if "reason" not in row)
    return CheckRow(
        verdict="red" if any(row.get("verdict") == "red" for row in rows) else "ok",
        explanation=f"{spec.id} ({spec.outcome}). {' '.join(words)}",
        p_value=tested["p_value"],
        rows=tuple(rows),
    )


def _in_time(
    spec: EstimateSpec, fit: Fit, context: CheckContext, sample: Sample
) -> tuple[dict[str, Any], str]:
    """The start moved back into the periods before anybody was treated."""
    # Whoever is treated from the first period on is left out by the estimate too.
    sample = sample.take(sample.unit_first_treated[sample.unit] > sample.period_values[0])
    first = sample.unit_first_treated
    before = int((sample.period_values < first.min()).sum())
    if before < 4:
        raise NotEstimable(
            f"{before} periods before the first start are too few to pretend an earlier one (4 are needed)"
        )
    shift = before // 2
    early = sample.earliest(before)
    # By position, so that a gap in the calendar does not matter.
    place = np.searchsorted(sample.period_values, first)
    moved = np.full(len(first), np.inf)
    inside = np.isfinite(first) & (place - shift < before)
    moved[inside] = sample.period_values[place[inside] - shift]
    pretended = replace(early, first_treated=moved[early.unit], treatment=None)
    # Judged as the estimate itself is: by draws where its clusters are few.
    found = context.fit(replace(spec, covariance=fit.covariance), pretended)
    if found.std_error is None and found.resampled is None:
        raise NotEstimable("the placebo has no p value")
    made = estimate_numbers(spec, found, context.plan.alpha)
    row = {
        "estimate": found.estimate,
        "std_error": found.std_error,
        **{key: made[key] for key in ("conf_low", "conf_high", "p_value")},
    }
    is_red = row["p_value"] is not None and row["p_value"] < context.plan.alpha
    said = (
        f"A start pretended {shift} periods earlier, on the {before} periods before anybody was treated, has an effect "
        f"of {found.estimate:.3g}"
        + (f" (p = {row['p_value']:.2g})" if row["p_value"] is not None else "")
        + (": the groups moved apart before the tactic." if is_red else ": nothing that was there before.")
    )
    return {"shift": shift, **row, "verdict": "red" if is_red else "ok"}, said


def _in_space(
    spec: EstimateSpec, fit: Fit, context: CheckContext, sample: Sample
) -> tuple[dict[str, Any], str]:
    """Clusters that were never treated, treated at random as the others were."""
    if spec.estimator in RANKED or fit.covariance == "randomisation":
        raise NotEstimable("the estimate itself is judged by such placebos")
    first = sample.unit_first_treated
    unit_cluster = sample.unit_cluster
    starts = np.full(sample.n_clusters, np.inf)
    np.minimum.at(starts, unit_cluster, first)
    free, used = np.flatnonzero(np.isinf(starts)), np.sort(starts[np.isfinite(starts)])
    if len(free) < LEAST_CONTROLS:
        raise NotEstimable(
            f"{len(free)} clusters are never treated: at least {LEAST_CONTROLS} are needed to pretend among them"
        )
    draws = min(DRAWS, MOST_WORK // sample.n_obs)
    if draws < LEAST_DRAWS:
        raise NotEstimable(f"{sample.n_obs:,} rows are too many to estimate again {LEAST_DRAWS} times")
    pretended = max(1, round(len(free) * len(used) / sample.n_clusters))
    controls = sample.take(np.isinf(starts)[sample.cluster])
    own = np.searchsorted(free, unit_cluster[np.isinf(starts)[unit_cluster]])
    values, reason = [], ""
    for r in range(draws):
        bits = stream(context.plan.seed, spec.id, "placebo in space", r)
        order = np.argsort(keys(bits, (len(free),)), kind="stable")[:pretended]
        dates = np.full(len(free), np.inf)
        dates[order] = used[(keys(bits, (pretended,)) % np.uint64(len(used))).astype(np.intp)]
        one = replace(controls, first_treated=dates[own][controls.unit], treatment=None)
        try:
            made = context.fit(without_draws(spec), one)
        except NotEstimable as refusal:
            reason = refusal.reason
            continue
        values.append(made.estimate / made.std_error if fit.std_error and made.std_error else made.estimate)
    observed = fit.estimate / fit.std_error if fit.std_error else fit.estimate
    if not values:
        raise NotEstimable(f"none could be made: {reason}")
    p = placebo(observed, np.array(values))
    said = (
        f"Among {len(values)} draws that treat {pretended} of the {len(free)} clusters never treated, one in "
        f"{1 / p:.3g} is as far from zero as the estimate."
    )
    return {"draws": len(values), "pretended": pretended, "p_value": p, "verdict": "ok"}, said
