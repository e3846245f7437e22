"""Who is treated and from when, in one replicate: a complete draw within strata, of clusters or of units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.stats.diagnosis.design import Design
from experiments.stats.draws import permutation, stream
from experiments.stats.plan import Plan
from experiments.stats.regression.day_draws import DayOrders, Rules, slots_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assigned:
    """One draw, by unit (n,): ``cluster``, ``stratum`` and ``arm`` codes (0 is the control; all 0 without arms).

    ``first`` is the first treated period, ``inf`` for never; without periods 1 is treated.
    """

    cluster: IntArray
    stratum: IntArray
    arm: IntArray
    first: FloatArray


def assign(design: Design, plan: Plan, seed: int, replicate: int) -> Assigned:
    """Draw arms, or starting dates where the plan compares no arms."""
    cluster = np.repeat(np.arange(design.n_assigned), sizes(design))
    stratum = np.arange(design.n_assigned) * design.n_strata // design.n_assigned
    codes = np.empty(design.n_assigned, dtype=np.int64)
    by_arm = plan.arms is not None
    shares = _arm_shares(design, plan) if by_arm else _start_shares(design)
    for number in range(design.n_strata):
        inside = np.flatnonzero(stratum == number)
        order = permutation(stream(seed, "design", f"assignment {number}", replicate), len(inside))
        codes[inside[order]] = np.repeat(np.arange(len(shares)), split(len(inside), shares))
    arm = codes if by_arm else np.zeros_like(codes)
    first = _first(design, codes, seed, replicate, by_arm=by_arm)
    return Assigned(cluster, stratum[cluster], arm[cluster], first[cluster])


def assign_days(design: Design, plan: Plan, seed: int, replicate: int) -> IntArray | None:
    """(n, T) the arm of each unit in each period, drawn as a crossover is; None where arms do not change.

    Raises
    ------
    NotEstimable : rules that no days can be drawn by.
    """
    rules, arms = design.days, plan.arms
    if rules is None or arms is None:
        return None
    labels = [arms.control, *arms.treatments]
    comparator = labels.index(rules.comparator) if rules.comparator in labels else 0
    slots = slots_of(_arm_shares(design, plan), rules.block_days)
    orders = DayOrders.of(Rules(slots, rules.longest_run, rules.washout, comparator))
    n_blocks = design.n_periods // rules.block_days
    [[drawn]] = orders.draw(design.n_units, n_blocks, 1, seed, f"design days {replicate}")
    return np.asarray(drawn, dtype=np.int64)


def sizes(design: Design) -> IntArray:
    """Units of each of what is assigned: clusters at the quantiles of a log-normal of the stated variation."""
    count = design.n_assigned
    spread = np.sqrt(np.log1p(design.cluster_cv**2))
    sized = np.exp(spread * special.ndtri((np.arange(count) + 0.5) / count))
    # Small and large clusters take turns, so that every stratum has both.
    order = np.argsort(np.arange(count) % 2, kind="stable")
    return 1 + split(design.n_units - count, list(sized[order] / sized.sum()))


def split(count: int, shares: Sequence[float]) -> IntArray:
    """Whole numbers that add up to `count`, in proportion to the shares: the largest remainders are rounded up."""
    exact = count * np.asarray(shares, dtype=np.float64) / float(np.sum(shares))
    whole = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:left]] += 1
    return whole


def _arm_shares(design: Design, plan: Plan) -> list[float]:
    assert plan.arms is not None
    return [design.shares.get(arm, 1.0) for arm in (plan.arms.control, *plan.arms.treatments)]


def _start_shares(design: Design) -> list[float]:
    """Never first, then each start."""
    each = (1 - design.never_share) / max(len(design.starts), 1)
    return [design.never_share, *(each for _ in design.starts)]


def _first(design: Design, codes: IntArray, seed: int, replicate: int, *, by_arm: bool) -> FloatArray:
    if not by_arm:
        return np.array([np.inf, *design.starts])[codes]
    if not design.starts:
        return np.where(codes > 0, 1.0, np.inf)
    # Treated arms start in turn, in an order of its own.
    place = permutation(stream(seed, "design", "starts", replicate), len(codes)) % len(design.starts)
    return np.where(codes > 0, np.array(design.starts, dtype=np.float64)[place], np.inf)
