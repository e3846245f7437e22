"""The allocation of cases that come one by one, as the protocol plans it: its scheme, and what is wrong with it."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import cast

from centre.errors import Problem
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import Design, Timing
from experiments.randomise import Arm
from experiments.randomise.trickle import Factor, TrickleMethod, TrickleScheme, scheme_problems

_DESIGNS = (Design.RCT_INDIVIDUAL, Design.WAITLIST)


def scheme_of(protocol: Protocol) -> TrickleScheme:
    """Return the scheme as cases are allotted by it. A number that was typed in decimals is taken exactly."""
    plan = protocol.allocation
    return TrickleScheme(
        method=cast(TrickleMethod, plan.method.value if plan.method else ""),
        arms=tuple(
            Arm(arm.id, protocol.shares[arm.id]) for arm in protocol.arms if arm.id in protocol.shares
        ),
        factors=tuple(
            Factor(one.name, one.levels, Fraction(1) if one.weight is None else _exact(one.weight))
            for one in plan.factors
        ),
        block_sizes=plan.block_sizes,
        imbalance=plan.imbalance.value if plan.imbalance else "range",  # type: ignore[arg-type]
        coin=None if plan.coin_probability is None else _exact(plan.coin_probability),
    )


def one_by_one_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield what stands between this plan and registration, each with its field."""
    if protocol.design.design not in _DESIGNS:
        message = (
            "Cases one by one are for a trial of people or cases; choose another method, or another design"
        )
        yield Problem("/allocation/method", message)
    if protocol.design.timing is not Timing.TRICKLE:
        yield Problem("/design/timing", "This method is for cases that come one by one, as they arrive")
    if protocol.allocation.strata:
        message = "Cases one by one are balanced on factors with levels: move the strata there"
        yield Problem("/allocation/strata", message)
    for found in scheme_problems(scheme_of(protocol)):
        if found.field != "ratio":  # the arms and their shares have problems of their own
            yield Problem(f"/allocation/{found.field}", found.message)


def _exact(number: float) -> Fraction:
    return Fraction(Decimal(repr(number)))
