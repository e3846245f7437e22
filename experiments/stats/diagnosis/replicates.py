"""Runs the plan on some of the replicates: which ones run together, and where, cannot change a number."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from experiments.stats import engine
from experiments.stats.diagnosis.design import Design
from experiments.stats.diagnosis.drawing import Replicate
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import EstimateRow

FACTORS = (
    0.0,
    0.5,
    1.0,
    1.5,
    2.0,
)  # times the stated effect: none for the size, the others for the power curve

Progress = Callable[[float, str], None]


def replicates(
    plan: Plan,
    design: Design,
    *,
    seed: int,
    numbers: Sequence[int],
    factors: Sequence[float] = FACTORS,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Run the plan's estimates on each replicate, under each effect.

    Parameters
    ----------
    plan, design, seed : as in `drawing.Replicate`. The plan's checks are not run: a diagnosis is about its estimates,
        and takes those with looks as looked at once.
    numbers : the replicates to run, from 0 on.
    factors : times the stated effects.
    progress : called with a fraction from 0 to 1 and a few words; what it raises stops the runs.

    Returns
    -------
    list
        One plain object for each replicate and factor, in that order: its ``replicate``, ``factor``, and for each
        estimate in the plan's order its numbers, or the reason why it has none.
    """
    bare = replace(plan, checks=(), estimates=tuple(map(_looked_at_once, plan.estimates)))
    found = []
    for done, number in enumerate(numbers):
        drawn = Replicate(plan, design, seed=seed, number=number)
        for place, factor in enumerate(factors):
            if progress is not None:
                share = (done + place / len(factors)) / len(numbers)
                progress(share, f"Replicate {done + 1} of {len(numbers)}")
            rows = engine.run(bare, drawn.table(factor), registered=drawn.registered).estimates
            found.append({"replicate": number, "factor": factor, "estimates": [_kept(row) for row in rows]})
    return found


def _looked_at_once(spec: EstimateSpec) -> EstimateSpec:
    """The estimate without its looks, which nobody makes here: a simulated trial never stops before its end."""
    return replace(spec, options={**spec.options, "looks": None}) if spec.options.get("looks") else spec


def _kept(row: EstimateRow) -> dict[str, Any]:
    if not row.is_ok:
        return {"reason": row.reason}
    return {
        "scale": row.scale,
        "estimate": row.estimate,
        "std_error": row.std_error,
        "p_value": row.p_value,
        "p_value_adjusted": row.p_value_adjusted,
        "conf_low": row.conf_low,
        "conf_high": row.conf_high,
    }
