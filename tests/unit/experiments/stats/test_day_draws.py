"""Days drawn again: as the registry draws them, against all orders written out, its exact shares and its own draws."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chi2

from experiments.randomise import Arm, Crossover, Scheme
from experiments.randomise.crossover import START, after, daily_shares
from experiments.stats.errors import NotEstimable
from experiments.stats.regression.day_draws import DayOrders, Rules, slots_of
from tests.unit.experiments.stats import crossovers

SCHEMES = {
    "half": Scheme("crossover", (Arm("C"), Arm("T")), crossover=Crossover(8, 4, 2)),
    "third": Scheme("crossover", (Arm("C", 2), Arm("T", 1)), crossover=Crossover(12, 6, 4, 2, "C")),
    "washed": Scheme("crossover", (Arm("C", 4), Arm("T", 3)), crossover=Crossover(14, 7, 3, 2, "C")),
    "other side": Scheme("crossover", (Arm("C"), Arm("T")), crossover=Crossover(12, 6, 3, 1, "T")),
    "three arms": Scheme("crossover", (Arm("C"), Arm("T"), Arm("U")), crossover=Crossover(12, 6, 2, 1, "C")),
}
DRAWS = 20_000


def orders_of(scheme: Scheme) -> DayOrders:
    plan = scheme.crossover
    assert plan is not None
    slots = slots_of([float(ratio) for ratio in scheme.ratios], plan.block_days)
    comparator = scheme.labels.index(plan.comparator) if plan.comparator else 0
    return DayOrders.of(Rules(slots, plan.max_run, plan.washout_days, comparator))


def redrawn(scheme: Scheme, draws: int = DRAWS) -> np.ndarray:
    """Return (R, T) days of one place."""
    plan = scheme.crossover
    assert plan is not None
    blocks = orders_of(scheme).draw(1, plan.n_days // plan.block_days, draws, 1, "H1")
    return np.concatenate(list(blocks))[:, 0]


def written_out(scheme: Scheme) -> dict[tuple[str, ...], float]:
    """Return every sequence of two blocks with its chance: orders that break a rule are drawn again, block by block."""
    plan = scheme.crossover
    assert plan is not None
    each = plan.block_days // sum(scheme.ratios)
    slots = [arm.label for arm in scheme.arms for _ in range(arm.ratio * each)]
    orders = sorted(set(permutations(slots)))
    first = [order for order in orders if after(START, order, plan)]
    chances = {}
    for one in first:
        state = after(START, one, plan)
        assert state is not None
        second = [order for order in orders if after(state, order, plan)]
        chances |= {(*one, *two): 1 / (len(first) * len(second)) for two in second}
    return chances


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_every_sequence_comes_as_often_as_it_is_drawn(scheme: Scheme) -> None:
    """Chi-square against the written-out chances; a seed is fixed, and 1 in 10,000 would be called wrong."""
    chances = written_out(scheme)
    labels = np.array(scheme.labels)
    found = Counter(map(tuple, labels[redrawn(scheme)].tolist()))
    assert set(found) <= set(chances)
    statistic = sum(
        (found[days] - DRAWS * chance) ** 2 / (DRAWS * chance) for days, chance in chances.items()
    )
    assert chi2.sf(statistic, len(chances) - 1) > 1e-4
    assert orders_of(scheme).ways(2) == len(chances)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_each_day_has_its_exact_share(scheme: Scheme) -> None:
    days = redrawn(scheme)
    for position, shares in enumerate(daily_shares(scheme)):
        for code, label in enumerate(scheme.labels):
            share = float(shares[label])
            error = max(np.sqrt(share * (1 - share) / DRAWS), 1e-12)
            assert abs(np.mean(days[:, position] == code) - share) < 4.5 * error


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_what_the_registry_draws_keeps_the_rules(scheme: Scheme) -> None:
    orders, place = orders_of(scheme), {label: code for code, label in enumerate(scheme.labels)}
    drawn = crossovers.drawn(50, scheme)
    days = np.array([[place[arm] for arm in order] for order in drawn.values()])
    assert orders.keep(days).all()
    assert orders.keep(redrawn(scheme, 200)).all()
    broken = days.copy()
    broken[:, 1:7] = place["T"]
    assert not orders.keep(broken).any()


def test_draws_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = orders_of(SCHEMES["washed"])
    whole = np.concatenate(list(orders.draw(7, 2, 1_200, 5, "H1")))
    monkeypatch.setattr("experiments.stats.regression.day_draws.NUMBERS", 7 * 14 * 30)
    parts = list(orders.draw(7, 2, 1_200, 5, "H1"))
    assert len(parts) > 3
    assert np.array_equal(whole, np.concatenate(parts))


def test_places_are_drawn_apart() -> None:
    """The correlation of two places' first days has a standard error of 1/√20,000."""
    days = np.concatenate(list(orders_of(SCHEMES["half"]).draw(2, 2, DRAWS, 3, "H1")))
    assert abs(np.corrcoef(days[:, 0, 0], days[:, 1, 0])[0, 1]) < 4 / np.sqrt(DRAWS)


def test_a_longest_run_of_no_days_is_no_limit() -> None:
    assert DayOrders.of(Rules((2, 2))).ways(3) == 6**3
    assert DayOrders.of(Rules((2, 2), 28)).ways(3) == 6**3


@pytest.mark.parametrize(
    ("slots", "rules", "words"),
    [
        ((8, 8), {}, "12,870 orders; at most 5,000"),
        ((2, 2), {"longest_run": 1, "washout": 2}, "no order of a block keeps"),
    ],
)
def test_refusals(slots: tuple[int, ...], rules: dict[str, int], words: str) -> None:
    with pytest.raises(NotEstimable, match=words):
        DayOrders.of(Rules(slots, **rules))


def test_shares_that_a_block_cannot_hold() -> None:
    assert slots_of([2.0, 1.0], 6) == (4, 2)
    with pytest.raises(NotEstimable, match="a block of 5 days cannot hold"):
        slots_of([2.0, 1.0], 5)
