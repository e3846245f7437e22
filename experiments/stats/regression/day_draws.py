"""Days drawn again as a crossover draws them: in each place permuted blocks, each redrawn until it keeps the rules.

An order that breaks a rule is drawn again, so the orders of a block that fit what came before are equally likely. They
are listed once for each state that a block can leave behind; a draw then looks one up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import BLOCK, stream, uniforms
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.assignments import every_order

IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

MOST_ORDERS = 5_000  # of one block, as where the draw is registered
NUMBERS = 4_000_000  # numbers held at once
# A state is (arm of the last day, days on end in it, days of the comparator since treatment); nothing has come yet, and
# nothing has to be washed out, are -1.
START = (-1, 0, -1)


@dataclass(frozen=True, slots=True)
class Rules:
    """By which days are drawn; arms by code.

    ``slots`` days of each arm in a block; ``longest_run`` the most days on end in one arm, 0 for any; ``washout`` the
    fewest days of the arm ``comparator`` between two runs of others.
    """

    slots: tuple[int, ...]
    longest_run: int = 0
    washout: int = 0
    comparator: int = 0

    @property
    def block_days(self) -> int:
        return sum(self.slots)


@dataclass(frozen=True, slots=True)
class DayOrders:
    """The orders of one block, and which of them fit each state.

    Attributes
    ----------
    rules : which they keep.
    orders : (o, b) arms of the days of a block.
    first, count : (S,) where a state's fitting orders begin in ``fitting``, and how many there are; state 0 is the
        start.
    fitting, after : the orders that fit, and the state each leaves behind.
    """

    rules: Rules
    orders: IntArray
    first: IntArray
    count: IntArray
    fitting: IntArray
    after: IntArray

    @classmethod
    def of(cls, rules: Rules) -> "DayOrders":
        """List the orders and follow them to every state that they reach.

        Raises
        ------
        NotEstimable : too many orders, or a state after which none fits.
        """
        n_orders = factorial(rules.block_days) // prod(map(factorial, rules.slots))
        if n_orders > MOST_ORDERS:
            raise NotEstimable(
                f"a block of {rules.block_days} days has {n_orders:,} orders; at most {MOST_ORDERS:,} can be "
                "drawn again"
            )
        orders = every_order(np.repeat(np.arange(len(rules.slots), dtype=np.intp), rules.slots))
        known, fitting, after, counts = {START: 0}, [], [], []
        states = [START]
        for state in states:  # which grows as new ones are reached
            fits, ends = _followed(orders, state, rules)
            if not fits.any():
                raise NotEstimable(
                    "no order of a block keeps the longest run and the washout after some others, so the days cannot "
                    "have been drawn by these rules"
                )
            fitting.append(np.flatnonzero(fits))
            reached = [(int(last), int(run), int(clear)) for last, run, clear in ends[fits]]
            for end in reached:
                if end not in known:
                    known[end] = len(states)
                    states.append(end)
            after.append(np.array([known[end] for end in reached], dtype=np.intp))
            counts.append(len(reached))
        count = np.array(counts, dtype=np.intp)
        first = np.cumsum(count) - count
        return cls(rules, orders, first, count, np.concatenate(fitting), np.concatenate(after))

    def ways(self, n_blocks: int) -> int:
        """In how many orders the blocks of one place can stand."""
        left = [1] * len(self.count)
        for _ in range(n_blocks):
            left = [
                sum(left[end] for end in self.after[start : start + count].tolist())
                for start, count in zip(self.first.tolist(), self.count.tolist(), strict=True)
            ]
        return left[0]

    def keep(self, days: IntArray) -> BoolArray:
        """Which rows of days (n, T) keep the longest run and the washout; a day that is not known (-1) breaks none."""
        return _followed(days, START, self.rules)[0]

    def draw(
        self, n_places: int, n_blocks: int, draws: int, seed: int, estimate_id: str
    ) -> Iterator[IntArray]:
        """Arms (r, P, T) of redrawn days, some draws at a time, `draws` in all."""
        size = max(1, NUMBERS // (n_places * n_blocks * self.rules.block_days))
        for number, start in enumerate(range(0, draws, BLOCK)):
            bits = stream(seed, estimate_id, "days", number)
            left = min(BLOCK, draws - start)
            while left:
                part = min(size, left)
                yield self._looked_up(uniforms(bits, (part, n_places, n_blocks)))
                left -= part

    def _looked_up(self, chances: NDArray[np.float64]) -> IntArray:
        shape = chances.shape
        chosen = np.empty(shape, dtype=np.intp)
        state = np.zeros(shape[:2], dtype=np.intp)
        for block in range(shape[2]):
            place = self.first[state] + (chances[..., block] * self.count[state]).astype(np.intp)
            chosen[..., block] = self.fitting[place]
            state = self.after[place]
        found: IntArray = self.orders[chosen].reshape(*shape[:2], -1)
        return found


def _followed(days: IntArray, state: tuple[int, int, int], rules: Rules) -> tuple[BoolArray, IntArray]:
    """Which rows of days (n, T) keep the rules after a state, and the states (n, 3) that they leave behind."""
    last, run, clear = (np.full(len(days), value, dtype=np.intp) for value in state)
    fits = np.ones(len(days), dtype=bool)
    for arm in days.T:
        same = arm == last
        run = np.where(arm < 0, 0, np.where(same, run + 1, 1)) if rules.longest_run else run
        fits &= run <= rules.longest_run
        if rules.washout:
            compared = arm == rules.comparator
            fits &= compared | same | (clear < 0) | (clear >= rules.washout) | (arm < 0)
            waited = np.where(clear < 0, -1, np.minimum(clear + 1, rules.washout))
            clear = np.where(arm < 0, -1, np.where(compared, waited, 0))
        last = arm
    return fits, np.stack([last, run, clear], axis=1)


def slots_of(shares: Sequence[float], block_days: int) -> tuple[int, ...]:
    """Days of each arm in a block, by the arms' shares.

    Raises
    ------
    NotEstimable : a block cannot hold them.
    """
    exact = [block_days * share / sum(shares) for share in shares]
    slots = tuple(round(days) for days in exact)
    if sum(slots) != block_days or any(
        abs(days - whole) > 1e-6 for days, whole in zip(exact, slots, strict=True)
    ):
        raise NotEstimable(f"a block of {block_days} days cannot hold the arms' registered shares")
    return slots
