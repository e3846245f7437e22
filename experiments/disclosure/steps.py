"""Steps in time, of a survival curve or an event study: few at risk at a step are few people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.disclosure.policy import DEFAULT, Concern, Policy


@dataclass(frozen=True, slots=True)
class Step:
    """One step as released: None is hidden; ``n_events`` and ``n_at_risk`` are midpoints of their rounding."""

    time: float
    n_at_risk: int | None
    n_events: int | None


def check_steps(at_risk: Sequence[int], *, where: str, policy: Policy = DEFAULT) -> list[Concern]:
    """Find steps with fewer at risk than the threshold.

    Parameters
    ----------
    at_risk : data subjects at risk at each step, in order.
    """
    return [
        Concern("at-risk", f"{where}/{place}", f"Fewer than {policy.threshold} at risk", blocks=True)
        for place, n in enumerate(at_risk)
        if n < policy.threshold
    ]


def released_steps(
    times: Sequence[float], at_risk: Sequence[int], events: Sequence[int], policy: Policy = DEFAULT
) -> tuple[Step, ...]:
    """Round a life table so that no step is fewer people than the threshold.

    Parameters
    ----------
    times : (k,) the steps, in order.
    at_risk, events : (k,) data subjects at risk at each step, and with the event in it.

    Returns
    -------
    Cumulative events and numbers at risk, each at the midpoint of a band as wide as the threshold: two steps are
    the same or a whole threshold apart, so no difference of two is fewer. Steps with fewer at risk are hidden, and all
    after them.

    Raises
    ------
    ValueError : not as many of each, a negative count, or more events than are at risk.
    """
    if not len(times) == len(at_risk) == len(events):
        raise ValueError("every step has a time, a number at risk and a number of events")
    if any(not 0 <= n <= risk for n, risk in zip(events, at_risk, strict=True)):
        raise ValueError("events are 0 or more, and at most those at risk")
    found, total, is_open = [], 0, True
    for time, risk, n in zip(times, at_risk, events, strict=True):
        is_open &= risk >= policy.threshold
        total += n
        shown = (_midpoint(risk, policy), _midpoint(total, policy)) if is_open else (None, None)
        found.append(Step(time, *shown))
    return tuple(found)


def _midpoint(count: int, policy: Policy) -> int:
    return count // policy.threshold * policy.threshold + policy.threshold // 2
