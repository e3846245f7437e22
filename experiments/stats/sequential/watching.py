"""What an estimate's registered looks, or its confidence sequence, make of its estimate and error."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.stats.effects import interval_term
from experiments.stats.errors import NotEstimable
from experiments.stats.looks import DEFAULT_SPENDING, UNADJUSTED, in_words
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Watched
from experiments.stats.sequential.anytime import LEAST, confidence_sequence
from experiments.stats.sequential.boundaries import group_sequential
from experiments.stats.sequential.stage_wise import on_normal_scale, stage_wise

LEAST_DF = 15.0  # below it boundaries of the normal err too often for a t: see `stage_wise`
# Of skewed streams watched from 30 units on 5.4 % missed, from 20 on 7.1 % and from 10 on 11.7 %: 4,000 simulations.
LEAST_WATCHED = 30
# Of trials that end as this one does, the share that would have gone on so far: rare, and not to be believed.
RARE, INCREDIBLE = 0.01, 1e-4
_SPENDING = {"obrien_fleming": "O'Brien–Fleming spending", "pocock": "Pocock spending"}


def watched(fit: Fit, spec: EstimateSpec, plan: Plan) -> Fit:
    """The fit with what its looks make of it; the fit as it is where the plan registers none.

    The estimate, error and interval of one look at the end stay beside it as the term ``unadjusted``.

    Raises
    ------
    NotEstimable : an estimate that is judged by draws, or by a t with too few degrees of freedom, too few units, or a
        result that a trial with these looks does not come to.
    """
    if spec.options.get("looks"):
        found, said = _at_the_last_look(fit, spec, plan)
    elif spec.options.get("always_valid"):
        found, said = _at_any_time(fit, spec, plan)
    else:
        return fit
    if fit.terms:
        said.append("the numbers in terms know of no look before the end")
    usual = interval_term(UNADJUSTED, fit.estimate, _std_error(fit), fit.df, plan.alpha)
    return replace(fit, watched=found, terms=(usual, *fit.terms), warnings=(*said, *fit.warnings))


def _std_error(fit: Fit) -> float:
    """The error, where it and its reference distribution can carry looks."""
    if fit.std_error is None or fit.resampled is not None:
        raise NotEstimable(
            f"'{fit.covariance}' judges this estimate by a test of its own, which knows of no look before the end; "
            "name CR2 (HC2 for units assigned alone) if there are enough to judge by it, or leave the looks out"
        )
    if fit.df is not None and fit.df < LEAST_DF:
        raise NotEstimable(
            f"{fit.covariance} has {fit.df:.1f} degrees of freedom, and looks before the end need {LEAST_DF:g}: leave "
            "them out and look once, at the end"
        )
    return fit.std_error


def _at_the_last_look(fit: Fit, spec: EstimateSpec, plan: Plan) -> tuple[Watched, list[str]]:
    error, sign = _std_error(fit), -1.0 if spec.alternative == "less" else 1.0
    shares: Sequence[float] = spec.options["looks"]
    place = spec.options["stopped_at"] or len(shares)
    spending = spec.options["spending"] or DEFAULT_SPENDING
    sides = 2 if spec.alternative == "two_sided" else 1
    design = group_sequential(shares[:place], alpha=plan.alpha, sides=sides, spending=spending)
    found = stage_wise(design, sign * fit.estimate, error, alpha=plan.alpha, df=fit.df)
    low, high = sorted((sign * found.conf_low, sign * found.conf_high))
    statistic, bound = on_normal_scale(fit.estimate / error, fit.df), float(design.critical[-1])
    if found.stayed_inside < INCREDIBLE:
        raise NotEstimable(
            f"of trials that end with a z of {_signed(statistic)} fewer than 1 in 10,000 would have stayed inside the "
            "boundaries of the earlier looks, so they were hardly made: name the look at which the trial stopped "
            "(stopped_at), or take the looks out by an amendment if there were none"
        )
    side, where = ("±" if sides == 2 else "−" if sign < 0 else ""), f"look {place}, where the trial stopped,"
    is_beyond = (abs(statistic) if sides == 2 else sign * statistic) >= bound
    said = [
        f"looks were registered at {in_words(shares)} of the information ({_SPENDING[spending]}): the p value, the "
        "estimate (median-unbiased) and the interval know of them, by the stage-wise ordering, and hold if each "
        "earlier look was made at its share and stayed inside its boundary",
        f"at {'the last look' if place == len(shares) else where} the boundary is {side}{bound:.3f}, and the "
        f"fixed-sample z is {_signed(statistic)}: {'beyond' if is_beyond else 'inside'} it",
    ]
    if found.stayed_inside < RARE:
        said.append(
            f"of trials that end with this z only {100 * found.stayed_inside:.2g} % would have stayed inside the "
            "boundaries of the earlier looks: make sure that those were made"
        )
    if place < len(shares) and not is_beyond:
        said.append(
            f"the trial stopped at look {place} of {len(shares)} inside its boundary: the numbers hold if the reason "
            "had nothing to do with the effect seen"
        )
    return Watched(sign * found.estimate, found.p_value, low, high), said


def _at_any_time(fit: Fit, spec: EstimateSpec, plan: Plan) -> tuple[Watched, list[str]]:
    error, count = _std_error(fit), fit.n_clusters
    if count < LEAST_WATCHED:
        raise NotEstimable(
            f"{count} units (or clusters, where those were assigned) are too few for an interval that holds at every "
            f"look: at least {LEAST_WATCHED} are needed"
        )
    planned = spec.options["planned"] or count
    made = confidence_sequence(
        np.array([fit.estimate]),
        np.array([error]),
        np.array([count]),
        planned=planned,
        alpha=plan.alpha,
        alternative=spec.alternative,
    )
    low, high = (float(end[0]) if np.isfinite(end[0]) else None for end in (made.conf_low, made.conf_high))
    tuned = "" if spec.options["planned"] else ", as many as are here, because the plan names no other number"
    said = [
        "the p value and the interval hold at this look and at every other, however often it is watched (a confidence "
        f"sequence, tuned to {planned:,} units or clusters{tuned}); the fixed-sample z is "
        f"{_signed(fit.estimate / error)}"
    ]
    if made.is_approximate:
        said.append(
            f"the sequence is approximate: it leans on large numbers, and {count} units or clusters are fewer than "
            f"{LEAST}"
        )
    return Watched(fit.estimate, float(made.p_value[0]), low, high), said


def _signed(statistic: float) -> str:
    return f"{statistic:.3f}".replace("-", "−")
