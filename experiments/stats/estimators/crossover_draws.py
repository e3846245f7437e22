"""The days of a crossover drawn again: by the registered draw, or by the rules that the plan names."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.crossover import Crossover
from experiments.stats.labels import number_label
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.redraw import drawn_columns
from experiments.stats.registered import DayRules, DrawnDays, Registered
from experiments.stats.regression.assignments import in_figures
from experiments.stats.regression.cells import (
    Cells,
    Redrawn,
    RedrawnSchedules,
    block_size,
    cells,
    redrawn_schedules,
)
from experiments.stats.regression.covariance import cr1_factor
from experiments.stats.regression.day_draws import DayOrders, Rules, slots_of
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

CONTROL, TREATED = 0, 1
NO_RULES = (
    "a crossover is judged by drawing its days again, and how they were drawn is not known: run it under its "
    "registration, name the rules in the options block_days, max_run and washout, or use CR2"
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The test, over how many ways in words, and what else to say of them."""

    test: RedrawnSchedules
    words: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Days:
    """How the days of the data were drawn: ``column`` (T,) which drawn day each period is, of whole ``blocks``."""

    orders: DayOrders
    column: IntArray
    blocks: int
    said: tuple[str, ...] = ()


def replayed(
    two: Sample, treated: FloatArray, day: IntArray, found: Crossover, spec: EstimateSpec, plan: Plan
) -> Replayed:
    """Judge a crossover by the days that could have been drawn.

    Parameters
    ----------
    two, treated : the rows of the two arms, and (N,) 1 for treatment.
    day : (N,) whole numbers.
    found : the estimate.
    spec, plan : with the draws, and the registered draw or its rules.

    Raises
    ------
    NotEstimable : covariates, rules that are not known, arms that they did not give, or too few ways.
    """
    if two.covariate_names:
        raise NotEstimable("the days of a crossover can be drawn again without covariates only; use CR2")
    drawn = _drawn(two, treated, day, spec, plan.registered)
    possible = drawn.orders.ways(drawn.blocks) ** two.n_units
    _check_ways(possible, drawn.orders.rules.slots, spec, plan)
    test = _test(two, treated, found, drawn, spec, plan)
    words = (
        f"{spec.options['draws']:,} of {in_figures(possible)} ways in which the days of the {two.n_units} places "
        "could have been drawn"
    )
    return Replayed(test, words, drawn.said)


def _check_ways(possible: int, slots: tuple[int, ...], spec: EstimateSpec, plan: Plan) -> None:
    """Refuse so few ways that no p value could reach the plan's level; with equal arms each way has a mirror image."""
    sides = 2 if spec.alternative == "two_sided" and slots[CONTROL] == slots[TREATED] else 1
    if possible < sides / plan.alpha:  # which no whole number is too large for
        raise NotEstimable(
            f"the days could have been drawn in {possible} ways only, so no p value below {sides}/{possible} is "
            f"possible and the test can never reach {plan.alpha:g}; use CR2"
        )


def _drawn(
    two: Sample, treated: FloatArray, day: IntArray, spec: EstimateSpec, registered: Registered | None
) -> _Days:
    if registered is not None and registered.days is not None:
        return _by_registration(two, treated, spec, registered, registered.days)
    if registered is not None and registered.has_draw:
        raise NotEstimable(
            "the registered draw was not of places and days, so no days can be drawn again; use CR2"
        )
    return _by_options(two, treated, day, spec)


def _by_registration(
    two: Sample, treated: FloatArray, spec: EstimateSpec, registered: Registered, days: DrawnDays
) -> _Days:
    arms = [number_label(two.arm_names[0]), number_label(spec.options.get("arm") or two.arm_names[1])]
    shares = {number_label(arm): share for arm, share in registered.shares.items()}
    if sorted(shares) != sorted(arms):
        raise NotEstimable(
            f"the days were drawn over {len(shares)} arms, and only those of two that are both compared can be drawn "
            "again in this engine version; use CR2"
        )
    column = drawn_columns(two.period_names, days.days)
    _check_arms(two, treated, arms, column, days)
    rules = days.rules
    comparator = arms.index(number_label(rules.comparator)) if rules.washout else CONTROL
    slots = slots_of([shares[arm] for arm in arms], rules.block_days)
    orders = DayOrders.of(Rules(slots, rules.longest_run, rules.washout, comparator))
    return _Days(orders, column, len(days.days) // rules.block_days, _disagreement(spec, rules))


def _check_arms(two: Sample, treated: FloatArray, arms: list[str], column: IntArray, days: DrawnDays) -> None:
    """Refuse rows whose arms are not those that were drawn for their place and day."""
    unlisted = [name for name in two.unit_names if name not in days.arms]
    if unlisted:
        raise NotEstimable(
            f"{len(unlisted):,} units of the data are not in the list that was drawn, such as '{unlisted[0]}', so the "
            "registered draw cannot be made again"
        )
    table = np.array([[number_label(arm) for arm in days.arms[name]] for name in two.unit_names])
    expected = table[two.unit, column[two.period]]
    shown = np.array(arms)[treated.astype(np.intp)]
    wrong = np.flatnonzero(expected != shown)
    if len(wrong):
        row = int(wrong[0])
        raise NotEstimable(
            f"'{two.unit_names[two.unit[row]]}' is in the arm '{shown[row]}' on {two.period_names[two.period[row]]} in "
            f"the data and was drawn to '{expected[row]}': the registered draw cannot be made again on arms that it "
            "did not give"
        )


def _disagreement(spec: EstimateSpec, rules: DayRules) -> tuple[str, ...]:
    """Where the plan's rules are not the registered ones; those are what counts."""
    named = {
        "block_days": rules.block_days,
        "max_run": rules.longest_run,
        "washout": rules.washout,
    }
    if all(spec.options[name] in (None, value) for name, value in named.items()):
        return ()
    return (
        "the plan's rules of the days are not the registered ones; the draw is made again as it was registered",
    )


def _by_options(two: Sample, treated: FloatArray, day: IntArray, spec: EstimateSpec) -> _Days:
    size = spec.options["block_days"]
    if size is None:
        raise NotEstimable(NO_RULES)
    first = int(day.min())
    blocks = (int(day.max()) - first) // size + 1
    table = np.full((two.n_units, blocks * size), -1, dtype=np.intp)
    table[two.unit, day - first] = treated
    by_block = table.reshape(two.n_units, blocks, size)
    n_on, n_off = ((by_block == arm).sum(axis=2) for arm in (TREATED, CONTROL))
    counts = np.unique(n_on[n_on + n_off == size])
    if len(counts) != 1:
        wrong = f"{counts[0]} to {counts[-1]} are treated" if len(counts) else "no place has a whole block"
        raise NotEstimable(
            f"the days do not fall into blocks of {size} with as many treated in each, counted from the first "
            f"day: {wrong}"
        )
    treated_days = int(counts[0])
    rules = Rules(
        (size - treated_days, treated_days), spec.options["max_run"] or 0, spec.options["washout"] or 0
    )
    orders = DayOrders.of(rules)
    too_many = np.max(n_on) > treated_days or np.max(n_off) > size - treated_days
    if too_many or not orders.keep(table).all():
        raise NotEstimable(
            "the days of some places break the rules that the plan names (block_days, max_run, washout), so they were "
            "not drawn by them"
        )
    column = np.zeros(two.n_periods, dtype=np.intp)
    column[two.period] = day - first
    said = ("the rules of the days are the plan's word: how they were drawn is not registered here",)
    return _Days(orders, column, blocks, said)


def _test(
    two: Sample, treated: FloatArray, found: Crossover, drawn: _Days, spec: EstimateSpec, plan: Plan
) -> RedrawnSchedules:
    periods, period = np.unique(two.period, return_inverse=True)
    data = replace(cells(two.outcome, two.unit, period, two.weight), n_obs=found.fit.n_obs)
    observed = np.zeros(data.weight.shape)
    observed[two.unit, period] = treated
    column = drawn.column[periods]

    def schedules() -> Iterator[Redrawn]:
        yield from _redrawn(data, observed[None])
        size = block_size(data.weight.shape)
        for days in drawn.orders.draw(two.n_units, drawn.blocks, spec.options["draws"], plan.seed, spec.id):
            tables = (days[..., column] == TREATED).astype(np.float64)
            for first in range(0, len(tables), size):
                yield from _redrawn(data, tables[first : first + size])

    test = redrawn_schedules(data, observed, schedules(), is_exact=False)
    # Places that did not switch are drawn again, and are no clusters of the estimate.
    factor = cr1_factor(found.fit.n_obs, 1 + len(periods), found.fit.n_clusters)
    return replace(test, factor=factor, std_error=test.std_error * math.sqrt(factor / test.factor))


def _redrawn(data: Cells, tables: FloatArray) -> Iterator[Redrawn]:
    """Redrawn schedules; one leaves out the places that do not switch in it, as the observed one does."""
    seen = data.weight > 0
    switches = ((tables > 0) & seen).any(axis=2) & ((tables == 0) & seen).any(axis=2)
    whole = switches.all(axis=1)
    if whole.any():
        yield Redrawn(tables[whole])
    if not whole.all():
        rest = tables[~whole]
        used = np.broadcast_to(switches[~whole][..., None], rest.shape).astype(np.float64)
        yield Redrawn(rest, used)
