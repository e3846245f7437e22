"""Arms that change day by day in each place: permuted blocks under a longest run and a washout."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import groupby
from math import factorial, prod
from typing import Any

from experiments.randomise.drawn import Drawn, Schedule, share_text
from experiments.randomise.engine import tag
from experiments.randomise.options import Crossover
from experiments.randomise.scheme import Scheme
from experiments.randomise.things import Things
from experiments.randomise.units import Problem

MOST_ORDERS = 5_000  # different orders of one block
LEAST_ACCEPTED = Fraction(1, 200)  # share of orders that fit, whatever came before
MOST_CELLS = 100_000  # places times days

# The arm of the last day, how long it has run, and the comparator's days since treatment (capped at the washout;
# None while nothing has to be washed out).
State = tuple[str, int, int | None]
START: State = ("", 0, None)


def step(state: State, arm: str, plan: Crossover) -> State | None:
    """Return the state after one more day, or None where the rules forbid that arm."""
    last, run, clear = state
    length = run + 1 if arm == last else 1
    if length > plan.max_run:
        return None
    if not plan.washout_days:
        return arm, length, None
    if arm == plan.comparator:
        return arm, length, None if clear is None else min(clear + 1, plan.washout_days)
    if arm != last and clear is not None and clear < plan.washout_days:
        return None
    return arm, length, 0


def after(state: State, order: Sequence[str], plan: Crossover) -> State | None:
    """Return the state after a whole block, or None where it breaks a rule."""
    here: State | None = state
    for arm in order:
        here = step(here, arm, plan) if here is not None else None
    return here


def crossover(things: Things, draw_key: bytes) -> Drawn:
    """Draw each place's blocks one after another; a block that breaks a rule is drawn again, and that is counted."""
    scheme, plan = things.scheme, things.scheme.crossover
    assert plan is not None
    slots = _slots(scheme, plan)
    arms: dict[str, tuple[str, ...]] = {}
    drawn_again: dict[str, int] = {}
    for place in things.ids:
        state: State = START
        days: list[str] = []
        drawn_again[place] = 0
        for block in range(1, plan.n_days // plan.block_days + 1):
            attempt = 0
            order = _order(slots, draw_key, place, block, attempt)
            while (reached := after(state, order, plan)) is None:
                attempt += 1
                order = _order(slots, draw_key, place, block, attempt)
            drawn_again[place] += attempt
            state = reached
            days += order
        arms[place] = tuple(days)
    shares = daily_shares(scheme)
    details = {
        "orders": {place: list(days) for place, days in arms.items()},
        "drawn_again": drawn_again,
        "run_lengths": run_lengths(scheme, arms.values()),
        "daily": [
            {label: Counter(column)[label] for label in scheme.labels}
            for column in zip(*arms.values(), strict=True)
        ],
        "daily_probabilities": [{label: share_text(share) for label, share in day.items()} for day in shares],
    }
    blank = dict.fromkeys(arms, "")
    return Drawn(blank, blank, {each: {} for each in arms}, details, schedule=Schedule(arms, shares))


def _slots(scheme: Scheme, plan: Crossover) -> list[str]:
    each = plan.block_days // sum(scheme.ratios)
    return [arm.label for arm in scheme.arms for _ in range(arm.ratio * each)]


def _order(slots: Sequence[str], draw_key: bytes, place: str, block: int, attempt: int) -> list[str]:
    """Return the arms of one block: its slots in the order of their tags."""
    tags = [
        tag(draw_key, place, "block", str(block), "attempt", str(attempt), "slot", str(slot))
        for slot in range(len(slots))
    ]
    return [slots[slot] for slot in sorted(range(len(slots)), key=tags.__getitem__)]


def run_lengths(scheme: Scheme, days: Any) -> dict[str, dict[str, int]]:
    """Count the runs of each arm by their length in days."""
    counted: dict[str, Counter[int]] = {label: Counter() for label in scheme.labels}
    for place in days:
        for arm, run in groupby(place):
            counted[arm][len(list(run))] += 1
    return {label: {str(length): runs[length] for length in sorted(runs)} for label, runs in counted.items()}


def daily_shares(scheme: Scheme) -> tuple[Mapping[str, Fraction], ...]:
    """Return each day's exact probability of each arm, the same in every place.

    The orders of a block that fit what came before are equally likely, so the blocks are a Markov chain whose states
    are `State`: its probabilities are carried forward as fractions, and nothing is simulated.
    """
    plan = scheme.crossover
    assert plan is not None
    follow = _following(scheme, plan)
    weights: dict[State, Fraction] = {START: Fraction(1)}
    days: list[dict[str, Fraction]] = []
    for _ in range(plan.n_days // plan.block_days):
        block = [dict.fromkeys(scheme.labels, Fraction(0)) for _ in range(plan.block_days)]
        reached: dict[State, Fraction] = defaultdict(Fraction)
        for state, weight in weights.items():
            fitting = follow(state)
            n_fitting = len(fitting)
            counts = [Counter(column) for column in zip(*(order for order, _ in fitting), strict=True)]
            for shares, counted in zip(block, counts, strict=True):
                for label, times in counted.items():
                    shares[label] += weight * times / n_fitting
            for end, times in Counter(end for _, end in fitting).items():
                reached[end] += weight * times / n_fitting
        weights = reached
        days += block
    return tuple(days)


def _following(scheme: Scheme, plan: Crossover) -> Any:
    """Return a function from a state to the orders of a block that fit it, each with the state after it."""
    orders = list(_orders(tuple(_slots(scheme, plan))))

    @cache
    def follow(state: State) -> list[tuple[tuple[str, ...], State]]:
        ends = ((order, after(state, order, plan)) for order in orders)
        return [(order, end) for order, end in ends if end is not None]

    return follow


def _orders(slots: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield each different order of the slots once."""
    if not slots:
        yield ()
    for label in dict.fromkeys(slots):
        place = slots.index(label)
        for rest in _orders(slots[:place] + slots[place + 1 :]):
            yield (label, *rest)


def crossover_problems(things: Things) -> list[Problem]:
    """Everything that keeps these rules from being drawn: too many orders, or a block that almost never fits."""
    scheme, plan = things.scheme, things.scheme.crossover
    assert plan is not None
    if (cells := len(things.ids) * plan.n_days) > MOST_CELLS:
        return [Problem(None, f"{cells:,} places and days; at most {MOST_CELLS:,} can be drawn")]
    slots = Counter(_slots(scheme, plan))
    n_orders = factorial(plan.block_days) // prod(factorial(times) for times in slots.values())
    if n_orders > MOST_ORDERS:
        message = (
            f"A block of {plan.block_days} days has {n_orders:,} orders; at most {MOST_ORDERS:,}: shorten it"
        )
        return [Problem(None, message)]
    follow, seen, waiting = _following(scheme, plan), {START}, [START]
    while waiting:
        state = waiting.pop()
        fitting = follow(state)
        if len(fitting) < n_orders * LEAST_ACCEPTED:
            message = (
                f"Only {len(fitting)} of {n_orders:,} orders of a block would fit after some others: "
                "allow longer runs, a shorter washout or longer blocks"
            )
            return [Problem(None, message)]
        found = {end for _, end in fitting} - seen
        seen |= found
        waiting += found
    return []
