"""The scheme of a trickle allocation: its method, arms, factors, block sizes and coin, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, prod
from typing import Any, Literal, get_args

from experiments.randomise.options import Arm
from experiments.randomise.scheme import arm_messages
from experiments.randomise.units import unacceptable

TrickleMethod = Literal["trickle_simple", "permuted_blocks", "minimisation"]
METHODS: tuple[TrickleMethod, ...] = get_args(TrickleMethod)
Imbalance = Literal["range", "standard_deviation", "variance"]
IMBALANCES: tuple[Imbalance, ...] = get_args(Imbalance)
LEAST_COIN, MOST_COIN = Fraction(6, 10), Fraction(95, 100)
MAX_BLOCK = 100
MAX_FACTORS, MAX_STRATA_FACTORS, MAX_LEVELS, MAX_STRATA = 8, 4, 20, 100
MAX_LEVEL = 40


@dataclass(frozen=True, slots=True)
class Factor:
    """What cases are balanced on, with the levels that a case may have; the weight is minimisation's."""

    name: str
    levels: tuple[str, ...]
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class TrickleScheme:
    """What is allotted and how.

    Attributes
    ----------
    method : one of METHODS.
    arms : arms with their whole-number shares. The order matters: it lays out a block and the line of shares.
    factors : permuted blocks run within each combination of levels; minimisation balances each factor by itself.
    block_sizes : the sizes that a block may have.
    imbalance : how minimisation measures the spread of the arms at one level.
    coin : the probability of the preferred arm; with unequal shares, of the arm with the smallest share.
    """

    method: TrickleMethod
    arms: tuple[Arm, ...]
    factors: tuple[Factor, ...] = ()
    block_sizes: tuple[int, ...] = ()
    imbalance: Imbalance = "range"
    coin: Fraction | None = None

    @property
    def shares(self) -> dict[str, Fraction]:
        """Return the exact share of each arm."""
        total = sum(arm.ratio for arm in self.arms)
        return {arm.label: Fraction(arm.ratio, total) for arm in self.arms}

    @property
    def smallest_block(self) -> int:
        """Return the least number of cases that the shares divide without a remainder."""
        return sum(arm.ratio for arm in self.arms) // gcd(*(arm.ratio for arm in self.arms))

    def as_json(self) -> dict[str, Any]:
        """Return the parameters as plain JSON; fractions are written as text, so that nothing is rounded."""
        found: dict[str, Any] = {
            "method": self.method,
            "arms": [{"label": arm.label, "ratio": arm.ratio} for arm in self.arms],
            "factors": [
                {"name": factor.name, "levels": list(factor.levels), "weight": str(factor.weight)}
                for factor in self.factors
            ],
        }
        if self.method == "permuted_blocks":
            found["block_sizes"] = list(self.block_sizes)
        if self.method == "minimisation":
            found |= {"imbalance": self.imbalance, "coin": str(self.coin)}
        return found

    @classmethod
    def from_json(cls, parameters: Mapping[str, Any]) -> TrickleScheme:
        """Read the parameters as they were written."""
        return cls(
            method=parameters["method"],
            arms=tuple(Arm(arm["label"], arm["ratio"]) for arm in parameters["arms"]),
            factors=tuple(
                Factor(one["name"], tuple(one["levels"]), Fraction(one["weight"]))
                for one in parameters["factors"]
            ),
            block_sizes=tuple(parameters.get("block_sizes", ())),
            imbalance=parameters.get("imbalance", "range"),
            coin=Fraction(parameters["coin"]) if "coin" in parameters else None,
        )

    def canonical(self) -> bytes:
        """Return the one way to write the scheme; its SHA-256 is part of the seed."""
        return json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with a scheme: the field, as a path below the allocation, and what to do."""

    field: str
    message: str


def scheme_problems(scheme: TrickleScheme) -> list[FieldProblem]:
    """Return everything wrong with the scheme; empty if cases can be allotted by it."""
    found = [FieldProblem("ratio", message) for message in arm_messages(scheme.arms)]
    if scheme.method not in METHODS:
        message = f"Unknown method '{scheme.method}'; choose one of {', '.join(METHODS)}"
        return [FieldProblem("method", message), *found]
    found += _factor_problems(scheme)
    if scheme.method == "permuted_blocks":
        found += _block_problems(scheme, knows_shares=not found)
    if scheme.method == "minimisation":
        found += _minimisation_problems(scheme)
    return found


def _block_problems(scheme: TrickleScheme, *, knows_shares: bool) -> Iterator[FieldProblem]:
    if len(set(scheme.block_sizes)) < 2:
        yield FieldProblem(
            "block_sizes", "Give at least two block sizes, so that nobody can tell where a block ends"
        )
    for place, size in enumerate(scheme.block_sizes):
        field = f"block_sizes/{place}"
        if size in scheme.block_sizes[:place]:
            yield FieldProblem(field, f"The block size {size} is given twice")
        if not 2 <= size <= MAX_BLOCK:
            yield FieldProblem(field, f"A block has from 2 to {MAX_BLOCK} cases")
        elif knows_shares and size % scheme.smallest_block:
            yield FieldProblem(field, f"Block size must be a multiple of {scheme.smallest_block}")
    if len(scheme.factors) > MAX_STRATA_FACTORS:
        yield FieldProblem(
            "factors", f"Blocks take at most {MAX_STRATA_FACTORS} factors; use minimisation for more"
        )
    strata = prod(len(factor.levels) for factor in scheme.factors)
    if strata > MAX_STRATA:
        message = (
            f"{strata:,} strata would leave most blocks unfinished; use at most {MAX_STRATA}, or minimisation"
        )
        yield FieldProblem("factors", message)


def _minimisation_problems(scheme: TrickleScheme) -> Iterator[FieldProblem]:
    if not scheme.factors:
        yield FieldProblem("factors", "Name the factors that minimisation balances")
    if scheme.imbalance not in IMBALANCES:
        yield FieldProblem("imbalance", f"Choose one of: {', '.join(IMBALANCES)}")
    if scheme.coin is None:
        yield FieldProblem("coin_probability", "Enter the probability of the preferred arm, such as 0.8")
    elif scheme.coin >= 1:
        yield FieldProblem(
            "coin_probability", "With probability 1 the next arm could be foretold; use 0.95 or less"
        )
    elif not LEAST_COIN <= scheme.coin <= MOST_COIN:
        yield FieldProblem("coin_probability", "The probability of the preferred arm is from 0.6 to 0.95")


def _factor_problems(scheme: TrickleScheme) -> Iterator[FieldProblem]:
    if scheme.factors and scheme.method == "trickle_simple":
        yield FieldProblem("factors", "A simple draw ignores factors; leave them out or change method")
    if len(scheme.factors) > MAX_FACTORS:
        yield FieldProblem("factors", f"At most {MAX_FACTORS} factors are possible")
    names = Counter(factor.name for factor in scheme.factors)
    for place, factor in enumerate(scheme.factors):
        at = f"factors/{place}"
        if not factor.name.strip():
            yield FieldProblem(f"{at}/name", "Name the factor")
        elif reason := unacceptable(factor.name):
            yield FieldProblem(f"{at}/name", f"The name of the factor {reason}")
        elif names[factor.name] > 1:
            yield FieldProblem(f"{at}/name", f"Two factors are called “{factor.name}”")
        if factor.weight <= 0:
            yield FieldProblem(f"{at}/weight", "The weight of a factor is above 0")
        yield from _level_list_problems(at, factor)


def _level_list_problems(at: str, factor: Factor) -> Iterator[FieldProblem]:
    if not 2 <= len(factor.levels) <= MAX_LEVELS:
        yield FieldProblem(f"{at}/levels", f"A factor has from 2 to {MAX_LEVELS} levels")
    for level, times in Counter(factor.levels).items():
        if not level.strip() or (reason := unacceptable(level)):
            why = "is blank" if not level.strip() else reason
            yield FieldProblem(f"{at}/levels", f"A level of the factor {why}")
        elif len(level) > MAX_LEVEL:
            yield FieldProblem(f"{at}/levels", f"A level has at most {MAX_LEVEL} characters")
        if times > 1:
            yield FieldProblem(f"{at}/levels", f"The level “{level}” is given twice")


def level_problems(scheme: TrickleScheme, levels: Mapping[str, str]) -> list[FieldProblem]:
    """Return what is wrong with the levels of one case: missing, unknown, or of no factor."""
    named = {factor.name: factor for factor in scheme.factors}
    found = [
        FieldProblem(name, f"“{name}” is not a factor of this trial") for name in levels if name not in named
    ]
    for name, factor in named.items():
        if not levels.get(name):
            found.append(FieldProblem(name, f"Choose the level of “{name}”"))
        elif levels[name] not in factor.levels:
            found.append(FieldProblem(name, f"“{name}” is one of: {', '.join(factor.levels)}"))
    return found
