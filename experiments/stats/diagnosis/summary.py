"""What many runs of a plan say of it: bias, spread, power, coverage and size, each with its Monte Carlo error."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.diagnosis.design import Design, OutcomeShape
from experiments.stats.plan import EstimateSpec, Plan

FloatArray = NDArray[np.float64]
Runs = list[dict[str, Any]]
Number = dict[str, float | None]

FEWEST = 20  # runs below which nothing is said of an estimate


def summary(plan: Plan, design: Design, runs: Runs) -> dict[str, Any]:
    """Gather the diagnosands of every estimate.

    Parameters
    ----------
    plan, design : those of the runs.
    runs : what `replicates` returned, of all parts together, in any order.

    Returns
    -------
    dict
        ``replicates``, the number; and ``estimates``: for each its id, ``scale`` and ``truth``, and under the stated
        effect (factor 1) ``mean_estimate``, ``bias``, ``sd``, ``mean_std_error``, ``coverage`` and ``power``; under no
        effect (factor 0) ``size`` and ``null_coverage``; ``curve`` the power at every factor; ``not_estimable``
        the share of runs without an estimate and ``reasons`` why. Each number is an object of ``value`` and ``mcse``;
        null where it cannot be said.

    Notes
    -----
    Monte Carlo errors after Morris, White & Crowther (2019), *Statistics in Medicine* 38, table 6: ``sd/√n`` of a mean,
    ``sd/√(2(n − 1))`` of a standard deviation, ``√(p(1 − p)/n)`` of a share. That of a share is taken at
    ``(x + 2)/(n + 4)``, so that it is not nought where all runs agree.
    """
    ordered = sorted(runs, key=lambda run: (run["factor"], run["replicate"]))
    factors = sorted({run["factor"] for run in ordered})
    by_factor = {factor: [run for run in ordered if run["factor"] == factor] for factor in factors}
    return {
        "replicates": len({run["replicate"] for run in ordered}),
        "estimates": [
            _diagnosands(plan, design, spec, {factor: _of(runs, place) for factor, runs in by_factor.items()})
            for place, spec in enumerate(plan.estimates)
        ],
    }


def truth(design: Design, spec: EstimateSpec, scale: str, factor: float, *, has_uptake: bool) -> float | None:
    """The true effect of an estimate on its scale; None where the scale does not fit the outcome.

    Where not all receive the treatment, the effect of being assigned is that of the mean: the effect on those who
    receive it, times their share.
    """
    shape = design.outcomes[spec.outcome]
    taken = design.uptake if has_uptake and spec.estimand != "CACE" else 1.0
    effect = factor * shape.effect * taken
    before, after = shape.mean, shape.treated_mean(effect)
    if scale == "difference":
        return after - before if shape.kind != "count" else shape.mean * effect
    if scale == "log_rate_ratio":
        return math.log(after / before) if before > 0 and after > 0 else None
    if scale == "log_odds_ratio":
        return _logit(after) - _logit(before) if shape.kind == "binary" else None
    return (after - before) / math.sqrt(shape.variance)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _of(runs: Runs, place: int) -> Runs:
    return [run["estimates"][place] for run in runs]


def _diagnosands(plan: Plan, design: Design, spec: EstimateSpec, runs: dict[float, Runs]) -> dict[str, Any]:
    every = [row for rows in runs.values() for row in rows]
    good = [row for row in every if "reason" not in row]
    scale = str(good[0]["scale"]) if good else ""
    has_uptake = "received" in plan.roles().values()
    true = {
        factor: truth(design, spec, scale, factor, has_uptake=has_uptake) if good else None for factor in runs
    }
    shape: OutcomeShape = design.outcomes[spec.outcome]
    return {
        "id": spec.id,
        "role": spec.role,
        "outcome": spec.outcome,
        "estimator": spec.estimator,
        "scale": scale,
        "truth": true.get(1.0),
        **_under_effect(runs.get(1.0, []), true.get(1.0), plan.alpha),
        **_under_none(runs.get(0.0, []), true.get(0.0), plan.alpha),
        "curve": [
            {
                "factor": factor,
                "effect": factor * shape.effect,
                "power": _share(_rejected(_made(rows), plan.alpha)),
                "power_adjusted": _share(_rejected(_made(rows), plan.alpha, "p_value_adjusted")),
            }
            for factor, rows in runs.items()
        ],
        "not_estimable": _share([float("reason" in row) for row in every]),
        "reasons": _reasons(every),
    }


def _made(rows: Runs) -> Runs:
    return [row for row in rows if "reason" not in row]


def _under_effect(rows: Runs, true: float | None, alpha: float) -> dict[str, Any]:
    made = _made(rows)
    estimates = [row["estimate"] for row in made]
    errors = [row["std_error"] for row in made if row["std_error"] is not None]
    bias = [] if true is None else [value - true for value in estimates]
    return {
        "mean_estimate": _mean(estimates),
        "bias": _mean(bias),
        "sd": _sd(estimates),
        "mean_std_error": _mean(errors),
        "coverage": _share(_covered(made, true)),
        "power": _share(_rejected(made, alpha)),
        "power_adjusted": _share(_rejected(made, alpha, "p_value_adjusted")),
    }


def _under_none(rows: Runs, true: float | None, alpha: float) -> dict[str, Any]:
    made = _made(rows)
    return {"size": _share(_rejected(made, alpha)), "null_coverage": _share(_covered(made, true))}


def _rejected(rows: Runs, alpha: float, name: str = "p_value") -> list[float]:
    return [float(row[name] <= alpha) for row in rows if row[name] is not None]


def _covered(rows: Runs, true: float | None) -> list[float]:
    """Whether each interval holds the truth; an open end holds everything on its side."""
    if true is None:
        return []
    ends = [(row["conf_low"], row["conf_high"]) for row in rows]
    return [
        float((low is None or low <= true) and (high is None or true <= high))
        for low, high in ends
        if low is not None or high is not None
    ]


def _reasons(rows: Runs) -> list[dict[str, Any]]:
    counts = Counter(row["reason"] for row in rows if "reason" in row)
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    return [{"reason": reason, "count": count} for reason, count in ordered[:5]]


def _mean(values: Sequence[float]) -> Number:
    if len(values) < FEWEST:
        return {"value": None, "mcse": None}
    array = np.asarray(values, dtype=np.float64)
    return {"value": float(array.mean()), "mcse": float(array.std(ddof=1) / math.sqrt(len(array)))}


def _sd(values: Sequence[float]) -> Number:
    if len(values) < FEWEST:
        return {"value": None, "mcse": None}
    spread = float(np.std(np.asarray(values, dtype=np.float64), ddof=1))
    return {"value": spread, "mcse": spread / math.sqrt(2 * (len(values) - 1))}


def _share(values: Sequence[float]) -> Number:
    count = len(values)
    if count < FEWEST:
        return {"value": None, "mcse": None}
    inner = (sum(values) + 2) / (count + 4)
    return {"value": sum(values) / count, "mcse": math.sqrt(inner * (1 - inner) / count)}
