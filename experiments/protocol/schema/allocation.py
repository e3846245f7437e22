"""How units are drawn into arms, and by whom."""

import datetime as dt
from dataclasses import dataclass, field

from experiments.protocol import vocabulary as words
from experiments.protocol.batch import BalancePlan, CrossedFactor, CrossoverPlan, ExternalList, WedgePlan
from experiments.protocol.schema.basics import SHORT, added, free_text


@dataclass(frozen=True, slots=True)
class ArmShare:
    arm: str = free_text(40)
    share: int | None = None


@dataclass(frozen=True, slots=True)
class AllocationFactor:
    """What cases that come one by one are balanced on, with the levels that a case may have."""

    name: str = free_text(60)
    levels: tuple[str, ...] = ()
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class AllocationPlan:
    method: words.AllocationMethod | None = None
    ratio: tuple[ArmShare, ...] = ()
    strata: tuple[str, ...] = ()
    factors: tuple[AllocationFactor, ...] = ()
    block_sizes: tuple[int, ...] = ()
    imbalance: words.Imbalance | None = None
    coin_probability: float | None = None
    balance: BalancePlan = field(default=BalancePlan())
    wedge: WedgePlan = field(default=WedgePlan())
    crossover: CrossoverPlan = field(default=CrossoverPlan())
    crossed_factors: tuple[CrossedFactor, ...] = ()
    external: ExternalList = field(default=ExternalList())
    waiting_until: dt.date | None = None
    seed_policy: words.SeedPolicy | None = None
    clusters_n: int | None = None
    cluster_size: float | None = None
    concealment: str = free_text()
    concealment_level: words.Concealment | None = added(None)
    who_enrols: str = free_text(SHORT)
    who_assigns: str = added(max_length=SHORT)
    custodian: str = added(max_length=SHORT)
