"""Looks at a trial before its end, as a plan registers them: the options, where they hold, what cannot go together."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from experiments.stats.options import (
    DRAWN_COVARIANCES,
    Choice,
    EstimatorRule,
    Flag,
    Option,
    Shares,
    Spending,
    Whole,
)

LEAST_STEP = 0.005  # of the information between two looks, for the grid of the boundaries to tell them apart
MOST_LOOKS = 20
OPTIONS: Mapping[str, Option] = {
    "looks": Shares(),
    "spending": Choice(get_args(Spending)),
    "stopped_at": Whole(1, MOST_LOOKS),
    "always_valid": Flag(),
    "planned": Whole(2, 10**9),
}
UNADJUSTED = "unadjusted"  # the term with the numbers of one look at the end
DEFAULT_SPENDING: Spending = "obrien_fleming"
# Trials whose estimate grows by units or clusters that arrive, so that what a look adds is independent of those before.
GROWING = frozenset(
    {
        "difference_in_means",
        "ancova",
        "lin",
        "logistic",
        "cluster_means",
        "mixed",
        "poisson",
        "negative_binomial",
    }
)
_GOES_WITH = {"spending": "looks", "stopped_at": "looks", "planned": "always_valid"}


def options_of(estimator: str, rule: EstimatorRule) -> Mapping[str, Option]:
    """Every option that the estimator takes, those of looks among them where they hold."""
    return {**rule.options, **OPTIONS} if estimator in GROWING else rule.options


def cannot_be_watched(estimator: str, option: str) -> str:
    """Why the estimator does not take an option of looks."""
    if estimator == "iv":
        return f"'{option}' does not hold for 'iv': watch the effect of being assigned, by ancova for one"
    return (
        f"'{option}' does not hold for '{estimator}', which follows the same units through time: it is for trials "
        "whose units arrive, and estimators that compare their arms"
    )


def fault_of(shares: Sequence[float]) -> str:
    """Why no looks can be made at these shares of the information; "" where they can."""
    steps = [after - before for before, after in zip((0.0, *shares), shares, strict=False)]
    if not steps or not all(map(math.isfinite, shares)) or min(steps) <= 0 or shares[-1] > 1:
        return "the shares of information at the looks must rise, above 0 and up to 1"
    if any(step < LEAST_STEP * share for step, share in zip(steps, shares, strict=True)):
        return f"two looks are closer than {LEAST_STEP:g} of the information; make one of them"
    return ""


def planned_fault_of(shares: Sequence[float]) -> str:
    """Why these cannot be all the looks of a trial; "" where they can."""
    if fault := fault_of(shares):
        return fault
    if len(shares) < 2 or shares[-1] != 1:
        return "name each look before the end and then the end itself, which is 1"
    return f"at most {MOST_LOOKS} looks can be registered" if len(shares) > MOST_LOOKS else ""


def in_words(shares: Sequence[float]) -> str:
    """Shares as people read them: 0.5, 0.75 and 1."""
    *before, last = (f"{share:.12g}" for share in shares)
    return f"{', '.join(before)} and {last}" if before else last


def problems(
    given: Mapping[str, Any], read: Mapping[str, Any], covariance: str | None
) -> Iterator[tuple[str, str]]:
    """What is wrong with the options of looks of one estimate, each with the key it is wrong at.

    Parameters
    ----------
    given : the options as they are written; ``read`` as they were understood.
    covariance : the one that the plan names.
    """
    shares, is_watched = read.get("looks"), bool(read.get("always_valid"))
    for option, needed in _GOES_WITH.items():
        if given.get(option) is not None and not read.get(needed):
            yield option, f"'{option}' goes with '{needed}': name that too, or leave it out"
    if shares and is_watched:
        yield (
            "always_valid",
            "choose between 'looks' and 'always_valid': an estimate has the one or the other",
        )
    if shares and (fault := planned_fault_of(shares)):
        yield "looks", fault
    if shares and (read.get("stopped_at") or 1) > len(shares):
        yield "stopped_at", f"'stopped_at' must be one of the {len(shares)} looks"
    if (shares or is_watched) and covariance in DRAWN_COVARIANCES:
        option = "looks" if shares else "always_valid"
        yield (
            option,
            f"'{option}' does not hold with '{covariance}', whose draws know of no other look; use CR2, or HC2 for "
            "units assigned alone, or what the estimator takes in their place",
        )
