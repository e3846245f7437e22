"""Looks at outcomes before the end: what a protocol must say of them, and whether its plan keeps to it."""

from collections.abc import Iterator

from centre.errors import Problem
from centre.text import is_blank
from experiments.protocol.schema import InterimLooks, Protocol
from experiments.protocol.vocabulary import InterimMethod
from experiments.stats.looks import DEFAULT_SPENDING, in_words
from experiments.stats.plan import Plan

PLAN = "/analysis_plan"
INTERIM = "/decision/interim"


def interim_gaps(protocol: Protocol) -> Iterator[Problem]:
    """Yield what the method of looking calls for, and what does not go with it."""
    said = protocol.decision.interim
    if said.method is None:
        return
    if said.not_applicable_because.strip():
        message = "A method of looking is chosen: take out why the question does not apply, or the method"
        yield Problem(f"{INTERIM}/not_applicable_because", message)
    in_steps = said.method is InterimMethod.GROUP_SEQUENTIAL
    if in_steps and not said.looks:
        yield Problem(f"{INTERIM}/looks", "Say at which shares of the information the looks happen")
    if in_steps and said.spending is None:
        yield Problem(f"{INTERIM}/spending", "Choose how the error rate is spent")
    if (
        not in_steps and said.looks
    ):  # spending says nothing without them, and a chosen radio cannot be unchosen
        message = "Looks at set shares go with the group sequential method: choose that, or take them out"
        yield Problem(f"{INTERIM}/looks", message)
    if said.method is not InterimMethod.FIXED and is_blank(said.stop_rule):
        yield Problem(f"{INTERIM}/stop_rule", "Say who looks, and what would stop the trial")


def looks_problems(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    """Yield each estimate whose looks are not those that the protocol registers."""
    said = protocol.decision.interim
    registered = said.looks if said.method is InterimMethod.GROUP_SEQUENTIAL else ()
    for place, spec in enumerate(plan.estimates):
        shares = tuple(spec.options.get("looks") or ())
        spending = spec.options.get("spending") or DEFAULT_SPENDING
        pointer = f"{PLAN}/estimates/{place}/options"
        if shares and shares != registered:
            message = (
                f"“{spec.id}” has looks at {in_words(shares)}, and the protocol registers {_looks(said)}"
            )
            yield Problem(f"{pointer}/looks", message)
        elif shares and spending != said.spending:
            message = (
                f"“{spec.id}” spends the error rate as {spending}, and the protocol registers {said.spending}"
            )
            yield Problem(f"{pointer}/spending", message)


def unwatched(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    """Yield the looks that the protocol registers and no estimate knows of."""
    said = protocol.decision.interim
    primary = [(place, spec) for place, spec in enumerate(plan.estimates) if spec.role == "primary"]
    pointer = f"{PLAN}/estimates/{primary[0][0]}/options" if primary else f"{PLAN}/estimates"
    is_known = any(spec.options.get("looks") for _, spec in primary)
    if said.method is InterimMethod.GROUP_SEQUENTIAL and said.looks and not is_known:
        names = ", ".join(f"“{spec.id}”" for _, spec in primary) or "the plan"
        message = f"The protocol registers {_looks(said)}, and no primary estimate has them ({names})"
        yield Problem(f"{pointer}/looks", message)
    is_watched = any(spec.options.get("always_valid") for spec in plan.estimates)
    if said.method is InterimMethod.CONFIDENCE_SEQUENCE and not is_watched:
        message = "The protocol registers a confidence sequence, and no estimate of the plan is always valid"
        yield Problem(f"{pointer}/always_valid", message)


def watched_warnings(plan: Plan) -> Iterator[Problem]:
    """Yield what the looks of a plan leave open."""
    for place, spec in enumerate(plan.estimates):
        pointer = f"{PLAN}/estimates/{place}/options"
        if spec.options.get("always_valid") and not spec.options.get("planned"):
            message = f"“{spec.id}” is always valid for a number of units set beforehand: name it, as planned"
            yield Problem(f"{pointer}/planned", message)
        if place_of_stop := spec.options.get("stopped_at"):
            message = f"“{spec.id}” is analysed as that of a trial that stopped at look {place_of_stop}"
            yield Problem(f"{pointer}/stopped_at", message)


def _looks(said: InterimLooks) -> str:
    if said.method is InterimMethod.GROUP_SEQUENTIAL and said.looks:
        return f"looks at {in_words(said.looks)}"
    if said.method is InterimMethod.CONFIDENCE_SEQUENCE:
        return "a confidence sequence, which has no set looks"
    return "no looks"
