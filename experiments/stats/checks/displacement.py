"""Displacement: whether crime moved round the corner, or the effect spread there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.context import CheckContext
from experiments.stats.counts import CountDifference, DisplacementQuotient, Pair, wdd, wdq
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.results import CheckRow, Fit
from experiments.stats.rows import estimate_numbers
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

BUFFER = "_buffer"
NO_BUFFER = (
    f"no estimate is about a buffer: name the column of counts around each unit like the outcome with '{BUFFER}' at "
    "its end, and make an estimate of it"
)


@dataclass(frozen=True, slots=True)
class Displacement:
    """What happened in an area and around it, in counts for each treated area and period.

    ``quotient`` describes; ``local``, ``zone`` and ``total`` are weighted displacement differences with intervals.
    """

    quotient: DisplacementQuotient | None
    local: CountDifference
    zone: CountDifference
    total: CountDifference


def displacement(
    response: Pair,
    zone: Pair,
    control: Pair,
    zone_control: Pair,
    *,
    time_weights: Pair = (1.0, 1.0),
    area_weights: Pair = (1.0, 1.0),
    alpha: float = 0.05,
) -> Displacement:
    """Weigh what a treated area gained against what its surroundings lost.

    Parameters
    ----------
    response, control : counts before and after in the treated areas and in the controls.
    zone, zone_control : the same in the buffers around them.
    time_weights : length of the times before and after.
    area_weights : number of treated areas and of controls.
    alpha : two-sided level.

    Returns
    -------
    Displacement : the differences in the area, around it and together, and the quotient where it is defined.

    Raises
    ------
    NotEstimable : a negative count, or no event at all.

    References
    ----------
    Bowers & Johnson (2003), *J Quantitative Criminology*; Wheeler & Ratcliffe (2018), *Crime Science*.
    """
    areas = (*area_weights, *area_weights)
    local = wdd(response, control, time_weights=time_weights, area_weights=areas, alpha=alpha)
    around = wdd(zone, zone_control, time_weights=time_weights, area_weights=areas, alpha=alpha)
    total = wdd(
        response,
        control,
        zone_treated=zone,
        zone_control=zone_control,
        time_weights=time_weights,
        area_weights=areas,
        alpha=alpha,
    )
    rates = [(pair[0] / time_weights[0], pair[1] / time_weights[1]) for pair in (response, zone, control)]
    try:
        quotient: DisplacementQuotient | None = wdq(*rates)
    except NotEstimable:
        quotient = None
    return Displacement(quotient, local, around, total)


def check(context: CheckContext) -> CheckRow:
    """The buffer of the leading outcome that has one.

    Raises
    ------
    NotEstimable : no estimate is about a buffer, or the counts cannot be compared.
    """
    made = {spec.outcome: (spec, fit) for spec, fit in reversed(list(context.fits()))}
    for spec, fit in context.fits():
        buffer = made.get(spec.outcome + BUFFER)
        if buffer is not None:
            return _checked(spec, fit, *buffer, context)
    raise NotEstimable(NO_BUFFER)


def _checked(
    spec: EstimateSpec, fit: Fit, around: EstimateSpec, found: Fit, context: CheckContext
) -> CheckRow:
    numbers = estimate_numbers(around, found, context.plan.alpha)
    row: dict[str, Any] = {
        "id": spec.id,
        "buffer_id": around.id,
        "outcome": spec.outcome,
        "buffer_estimate": found.estimate,
        "buffer_conf_low": numbers["conf_low"],
        "buffer_conf_high": numbers["conf_high"],
        "buffer_p_value": numbers["p_value"],
    }
    low = numbers["conf_low"]
    is_red = low is not None and low > 0 > fit.estimate
    said = [
        f"Around the units {around.outcome} changed by {found.estimate:.3g}"
        + (f" ({low:.3g} to {numbers['conf_high']:.3g})" if low is not None else "")
        + f", where the effect on {spec.outcome} is {fit.estimate:.3g}."
    ]
    said.append(
        "Crime rose around them while it fell inside: it may have moved."
        if is_red
        else "No rise around them stands out; a small one may still be there."
    )
    try:
        weighed = _weighed(context.sample(spec), context.sample(around), spec, context.plan.alpha)
    except NotEstimable as refusal:
        row["reason"] = refusal.reason
        said.append(f"No displacement quotient: {refusal.reason}.")
    else:
        row |= _parts(weighed)
        said.append(_words(weighed))
    return CheckRow(
        verdict="red" if is_red else "ok",
        explanation=" ".join(said),
        statistic=row.get("wdq"),
        p_value=numbers["p_value"],
        rows=(row,),
    )


def _weighed(inside: Sample, around: Sample, spec: EstimateSpec, alpha: float) -> Displacement:
    """The counts of the four kinds of areas before and after, for each treated area and period."""
    if not ESTIMATOR_RULES[spec.estimator].panel or inside.first_treated is None:
        raise NotEstimable("the estimate has no periods before and after to add counts up over")
    if spec.columns.unit is None:
        raise NotEstimable("rows are not followed over time, so counts do not add up to those of an area")
    dates = np.unique(inside.first_treated[np.isfinite(inside.first_treated)])
    if len(dates) != 1 or np.isfinite(inside.unit_first_treated).all():
        raise NotEstimable("counts before and after need one start, and units that are never treated")
    cells = [_cells(one, float(dates[0])) for one in (inside, around)]
    post = inside.period_values >= dates[0]
    treated = int(np.isfinite(inside.unit_first_treated).sum())
    return displacement(
        cells[0][True],
        cells[1][True],
        cells[0][False],
        cells[1][False],
        time_weights=(float((~post).sum()), float(post.sum())),
        area_weights=(float(treated), float(inside.n_units - treated)),
        alpha=alpha,
    )


def _cells(sample: Sample, date: float) -> dict[bool, Pair]:
    treated = np.isfinite(sample.first_treated) if sample.first_treated is not None else np.zeros(0, bool)
    post = sample.period_values[sample.period] >= date
    return {
        arm: (
            float(sample.outcome[(treated == arm) & ~post].sum()),
            float(sample.outcome[(treated == arm) & post].sum()),
        )
        for arm in (True, False)
    }


def _parts(found: Displacement) -> dict[str, Any]:
    row: dict[str, Any] = {"wdq": None if found.quotient is None else found.quotient.wdq}
    for name, one in (("local", found.local), ("zone", found.zone), ("total", found.total)):
        row |= {
            f"wdd_{name}": one.estimate,
            f"wdd_{name}_std_error": one.std_error,
            f"wdd_{name}_conf_low": one.conf_low,
            f"wdd_{name}_conf_high": one.conf_high,
        }
    return row


def _words(found: Displacement) -> str:
    total = found.total
    text = (
        f"Per treated unit and period, area and surroundings together changed by {total.estimate:.3g} "
        f"({total.conf_low:.3g} to {total.conf_high:.3g}, counts taken as Poisson)."
    )
    if found.quotient is None or found.quotient.wdq is None:
        return f"{text} The displacement quotient is not defined, because crime inside did not fall against control."
    value = found.quotient.wdq
    meaning = (
        "the surroundings gained too"
        if value > 0
        else "displacement outweighs the effect"
        if value < -1
        else "part of the effect moved"
        if value < 0
        else "nothing moved"
    )
    return f"{text} Displacement quotient {value:.2g}: {meaning} (a description, without an error)."
