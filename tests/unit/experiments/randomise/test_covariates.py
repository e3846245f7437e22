"""Matched and covariate-constrained draws: against SciPy, brute force and NumPy; exactness, invariance, refusals."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from experiments.randomise import (
    Arm,
    Constraint,
    DrawRefused,
    Scheme,
    Unit,
    constrained_set,
    draw,
    prepared,
)
from experiments.randomise.constrained import _every, _numbered, imbalances, kept_allocations, scale
from experiments.randomise.matching import Distances, tuples
from experiments.randomise.things import Things

TWO = (Arm("T"), Arm("C"))
NAMES = ("crime", "people", "deprivation")
MATCHED = Scheme("matched", TWO, NAMES)
CONSTRAINED = Scheme("constrained", TWO, NAMES, constraint=Constraint())


def listed(n: int, seed: int = 1) -> list[Unit]:
    """Units with three covariates of different scale, written with up to two decimals."""
    generator = np.random.default_rng(seed)
    rows = np.round(generator.normal([50, 8_000, 0], [15, 2_000, 1], (n, 3)), 2)
    return [
        Unit(f"U{place:03}", extra=tuple(zip(NAMES, map(str, row.tolist()), strict=True)))
        for place, row in enumerate(rows)
    ]


def numbers(units: list[Unit]) -> np.ndarray:
    return np.array([[float(value) for _, value in unit.extra] for unit in units])


def refusal(units: list[Unit], scheme: Scheme) -> list[str]:
    with pytest.raises(DrawRefused) as caught:
        draw(units, scheme, "seed")
    return [problem.message for problem in caught.value.problems]


def scaled(units: list[Unit], power: int) -> list[Unit]:
    """The same list with every covariate in another unit: times a power of ten, and shifted."""
    return [
        replace(
            unit,
            extra=tuple((name, str(round(float(value) * 10**power + 7, 4))) for name, value in unit.extra),
        )
        for unit in units
    ]


class TestDistances:
    def test_scipy_agrees(self) -> None:
        units = listed(25)
        rows = numbers(units)
        expected = cdist(rows, rows, "mahalanobis", VI=np.linalg.inv(np.cov(rows.T)))
        distances = Distances(Things(units, MATCHED).values)
        for one, two in combinations(range(25), 2):
            squared = distances.squared(units[one].id, units[two].id)
            assert math.sqrt(squared) == pytest.approx(expected[one, two], rel=1e-9)

    def test_the_distance_that_is_compared_is_proportional(self) -> None:
        units = listed(9)
        distances = Distances(Things(units, MATCHED).values)
        ratios = {
            distances.squared(a.id, b.id) / distances.between(a.id, b.id) for a, b in combinations(units, 2)
        }
        assert len(ratios) == 1


class TestMatching:
    def test_optimal_pairs_against_every_pairing(self) -> None:
        units = listed(10)
        distances = Distances(Things(units, MATCHED).values)
        found, ways = tuples(Things(units, MATCHED))
        assert ways == {"": "optimal"}

        def pairings(left: tuple[str, ...]) -> list[list[tuple[str, str]]]:
            if not left:
                return [[]]
            return [
                [(left[0], other), *rest]
                for other in left[1:]
                for rest in pairings(tuple(each for each in left[1:] if each != other))
            ]

        every = pairings(tuple(unit.id for unit in units))
        assert len(every) == 945
        costs = [sum(distances.between(*pair) for pair in pairing) for pairing in every]
        assert sum(distances.between(*pair) for pair in found[""]) == min(costs)

    def test_greedy_takes_the_closest_pair_first(self) -> None:
        units = listed(40)
        found, ways = tuples(Things(units, MATCHED))
        assert ways == {"": "optimal greedy"}
        distances = Distances(Things(units, MATCHED).values)
        closest = min(combinations([unit.id for unit in units], 2), key=lambda pair: distances.between(*pair))
        assert closest in found[""]
        assert sorted(each for pair in found[""] for each in pair) == [unit.id for unit in units]

    def test_ties_go_to_the_lower_identifier(self) -> None:
        units = [
            Unit(name, extra=(("x", str(value)),)) for name, value in zip("abcdef", "000111", strict=True)
        ]
        found, _ = tuples(Things(units, Scheme("matched", TWO, ("x",))))
        assert found[""] == [("a", "b"), ("c", "d"), ("e", "f")]

    def test_each_pair_has_one_of_each(self) -> None:
        drawn = draw(listed(30), MATCHED, "s")
        arms: dict[str, list[str]] = {}
        for unit, pair in drawn.blocks.items():
            arms.setdefault(pair, []).append(drawn.assignments[unit])
        assert len(arms) == 15
        assert all(sorted(pair) == ["C", "T"] for pair in arms.values())

    def test_triples_for_a_ratio_of_two_to_one(self) -> None:
        drawn = draw(listed(30), replace(MATCHED, arms=(Arm("T", 2), Arm("C"))), "s")
        assert {len(each["members"]) for each in drawn.record["details"]["tuples"]} == {3}
        assert Counter(drawn.assignments.values()) == {"T": 20, "C": 10}
        assert drawn.probabilities["U000"] == {"T": Fraction(2, 3), "C": Fraction(1, 3)}

    def test_the_coin_is_fair_and_the_pairs_do_not_depend_on_it(self) -> None:
        """1,000 seeds, eight units: tolerance four standard errors."""
        draws = [draw(listed(8), MATCHED, f"s{i}") for i in range(1_000)]
        assert len({str(each.record["details"]["tuples"]) for each in draws}) == 1
        for unit in draws[0].assignments:
            share = sum(each.assignments[unit] == "T" for each in draws) / 1_000
            assert share == pytest.approx(0.5, abs=0.064)

    @pytest.mark.parametrize("power", [-2, 2])
    def test_units_of_measurement_do_not_matter(self, power: int) -> None:
        first, second = (tuples(Things(each, MATCHED))[0] for each in (listed(40), scaled(listed(40), power)))
        assert first == second

    def test_order_of_rows_does_not_matter(self) -> None:
        assert draw(listed(20), MATCHED, "s").record == draw(listed(20)[::-1], MATCHED, "s").record

    def test_refusals(self) -> None:
        units = listed(9)
        assert refusal(units, MATCHED) == ["9 units cannot be matched in tuples of 2: leave out 1 or add 1"]
        constant = [replace(unit, extra=(("crime", "5"), *unit.extra[1:])) for unit in units[:8]]
        assert refusal(constant, MATCHED) == ["The covariate crime is the same for all units; leave it out"]
        twice = [
            replace(unit, extra=(unit.extra[0], ("people", unit.extra[0][1]), unit.extra[2]))
            for unit in units[:8]
        ]
        assert refusal(twice, MATCHED) == [
            "The covariates say the same thing twice (one follows from the others); leave one out"
        ]
        assert refusal(units[:8], replace(MATCHED, covariates=())) == [
            "A matched draw needs 1 to 10 covariates; 0 are named"
        ]
        strata = [replace(unit, stratum="N" if place < 3 else "S") for place, unit in enumerate(units)]
        assert refusal(strata[:7], MATCHED) == [
            "3 units of stratum N cannot be matched in tuples of 2: leave out 1 or add 1"
        ]
        words = [replace(unit, extra=(("crime", "1e3"), *unit.extra[1:])) for unit in units[:1]]
        assert refusal([*words, *units[1:8]], MATCHED) == [
            "The crime of unit U000 (row 1) is not a number such as 12.5"
        ]

    def test_a_list_may_be_too_long_to_match(self) -> None:
        assert refusal(listed(1002), MATCHED) == ["At most 1,000 units can be matched"]

    def test_tuples_and_distances_are_known_before_the_draw(self) -> None:
        """Values 0, 1, 4 and 6: pairs 0-1 and 4-6; the variance is 91/12, so 1 apart squared is 12/91."""
        units = [
            Unit(name, extra=(("x", value),))
            for name, value in zip("abcd", ("0", "1", "4", "6"), strict=True)
        ]
        assert prepared(units, Scheme("matched", TWO, ("x",))) == {
            "matching": {"": "optimal"},
            "tuples": [
                {
                    "tuple": "1",
                    "stratum": "",
                    "members": ["a", "b"],
                    "distance_squared": "12/91",
                    "distance": "0.363136",
                },
                {
                    "tuple": "2",
                    "stratum": "",
                    "members": ["c", "d"],
                    "distance_squared": "48/91",
                    "distance": "0.726273",
                },
            ],
        }

    def test_a_cluster_has_one_value(self) -> None:
        units = [replace(unit, cluster=f"C{place // 2}") for place, unit in enumerate(listed(8))]
        messages = refusal(units, MATCHED)
        assert messages[0].startswith("Cluster C0 has two values of crime: ")


# The 16 counties of Dickinson et al. (2015): rural and urban, in the register, up to date, Hispanic, low and
# middle income.
COUNTIES = tuple(
    zip(
        [0] * 8 + [1] * 8,
        [94, 85, 85, 93, 82, 80, 94, 100, 93, 89, 83, 70, 93, 85, 82, 84],
        [37, 39, 42, 39, 31, 27, 49, 37, 51, 51, 54, 29, 50, 36, 38, 43],
        [44, 23, 12, 18, 6, 15, 38, 39, 35, 17, 7, 13, 13, 10, 39, 28],
        [int(income == "L") for income in "LHLHHMLLMMHMHMLM"],
        [int(income == "M") for income in "LHLHHMLLMMHMHMLM"],
        strict=True,
    )
)
# What cvcrand prints for the first allocations of that data (its l2 balance scores, in the order of `combn`).
CVCRAND = (102.291143588687, 43.5657155326727, 41.6155155436453, 53.3324338464587, 58.8403770995276,
           55.5183158005981, 50.0560437210184, 69.9415730353761, 44.5656541447857)  # fmt: skip


class TestConstrained:
    def test_cvcrand_scores_its_published_example_alike(self) -> None:
        """Its scores are 16 times ours, the number of clusters, for each allocation: the order is the same."""
        splits = list(combinations(range(16), 8))[: len(CVCRAND)]
        allocations = ["".join("0" if place in split else "1" for place in range(16)) for split in splits]
        factor = scale(COUNTIES, (8, 8))
        scores = [float(16 * score * factor) for score in imbalances(allocations, COUNTIES, (8, 8))]
        assert scores == pytest.approx(CVCRAND, rel=1e-12)

    def test_the_published_example_can_be_drawn(self) -> None:
        names = ("urban", "register", "up_to_date", "hispanic", "low", "mid")
        units = [
            Unit(f"{place:02}", extra=tuple(zip(names, map(str, row), strict=True)))
            for place, row in enumerate(COUNTIES)
        ]
        drawn = draw(units, Scheme("constrained", TWO, names, Constraint()), "s")
        assert (drawn.record["details"]["candidates"], drawn.record["details"]["kept"]) == (12_870, 1_288)
        assert {row["T"] for row in drawn.probabilities.values()} == {Fraction(1, 2)}

    @pytest.mark.parametrize(("n", "count"), [(6, 20), (10, 252), (16, 12_870)])
    def test_every_allocation_is_listed(self, n: int, count: int) -> None:
        kept = kept_allocations(Things(listed(n), replace(CONSTRAINED, constraint=Constraint(50))))
        assert (kept.n_candidates, kept.is_enumerated) == (count, True)

    def test_numpy_keeps_the_same_set(self) -> None:
        """The 16 clusters of a cvcrand example in size: L2 over covariates divided by their variance, best 10 %."""
        units = listed(16, seed=5)
        rows = numbers(units)
        rows = (rows - rows.mean(0)) / rows.std(0, ddof=1)
        splits = list(combinations(range(16), 8))
        scores = np.array(
            [((rows[list(split)].mean(0) - np.delete(rows, split, 0).mean(0)) ** 2).sum() for split in splits]
        )
        kept = kept_allocations(Things(units, CONSTRAINED))
        cutoff = np.sort(scores)[1_286]
        expected = {
            "".join("0" if place in split else "1" for place in range(16))
            for split, score in zip(splits, scores, strict=True)
            if score <= cutoff * (1 + 1e-9)
        }
        assert set(kept.allocations) == expected
        assert float(kept.cutoff) == pytest.approx(cutoff)
        assert len(kept.allocations) == 1_288  # two at the edge are as good as the 1,287th

    def test_probabilities_are_exact_shares_of_the_set(self) -> None:
        drawn = draw(listed(16), CONSTRAINED, "s")
        assert set(map(str, drawn.probabilities["U000"].values())) == {"1/2"}
        uneven = draw(
            listed(9), replace(CONSTRAINED, arms=(Arm("T"), Arm("C", 2)), constraint=Constraint(50)), "s"
        )
        for row in uneven.probabilities.values():
            assert sum(row.values()) == 1
        assert sum(row["T"] for row in uneven.probabilities.values()) == 3
        assert len({row["T"] for row in uneven.probabilities.values()}) > 1
        assert uneven.record["details"]["probabilities_are"] == "exact"

    def test_each_kept_allocation_is_equally_likely(self) -> None:
        """4,000 seeds; each unit's share against its exact one, tolerance four standard errors."""
        scheme = replace(CONSTRAINED, arms=(Arm("T"), Arm("C", 2)), constraint=Constraint(50))
        draws = [draw(listed(9), scheme, f"s{i}") for i in range(2_000)]
        kept = kept_allocations(Things(listed(9), scheme))
        assert {each.record["details"]["index"] for each in draws} == set(range(len(kept.allocations)))
        for unit, shares in draws[0].probabilities.items():
            found = sum(each.assignments[unit] == "T" for each in draws) / 2_000
            assert found == pytest.approx(float(shares["T"]), abs=0.045)

    def test_a_large_list_is_sampled_and_says_so(self) -> None:
        drawn = draw(listed(22), CONSTRAINED, "s")
        details = drawn.record["details"]
        assert 47_000 < details["candidates"] <= 50_000
        assert details["probabilities_are"] == "shares of the sampled set: estimates"
        shares = [float(row["T"]) for row in drawn.probabilities.values()]
        assert sum(shares) == pytest.approx(11)
        assert all(share == pytest.approx(0.5, abs=0.05) for share in shares)

    def test_the_set_does_not_depend_on_the_seed_or_the_unit_of_measurement(self) -> None:
        sets = {
            draw(units, CONSTRAINED, seed).record["details"]["set_sha256"]
            for units in (listed(12), listed(12)[::-1], scaled(listed(12), 2))
            for seed in ("a", "b")
        }
        assert len(sets) == 1

    def test_the_set_is_known_before_the_draw(self) -> None:
        units = listed(12)
        drawn = draw(units, CONSTRAINED, "s").record["details"]
        known = prepared(units, CONSTRAINED)
        assert {name: drawn[name] for name in known} == known
        lines = constrained_set(units, CONSTRAINED).splitlines()
        assert len(lines) == known["kept"]
        assert all(sorted(line) == sorted("0" * 6 + "1" * 6) for line in lines)

    @pytest.mark.parametrize("counts", [(2, 2), (1, 3), (2, 1, 1), (0, 3)])
    def test_a_number_stands_for_one_allocation_each(self, counts: tuple[int, ...]) -> None:
        n = sum(counts)
        every = list(_every(counts, n))
        assert [_numbered(number, list(counts), n, len(every)) for number in range(len(every))] == sorted(
            every
        )

    def test_three_arms(self) -> None:
        three = replace(CONSTRAINED, arms=(*TWO, Arm("D")), constraint=Constraint(20))
        assert Counter(draw(listed(9), three, "s").assignments.values()) == {"T": 3, "C": 3, "D": 3}

    def test_refusals(self) -> None:
        [message] = refusal(listed(6), CONSTRAINED)
        assert "in the same arm in the 2 allocations kept; keep a larger share" in message
        assert refusal(listed(9), CONSTRAINED) == [
            "9 units cannot be divided by the shares exactly: leave out 1 or add 1"
        ]
        assert refusal(listed(8), replace(CONSTRAINED, constraint=Constraint(60))) == [
            "Keep from 1 to 50 per cent of the allocations"
        ]
        assert refusal(listed(102), CONSTRAINED) == ["At most 100 units can be drawn under constraints"]
        eleven = replace(CONSTRAINED, arms=tuple(Arm(f"A{place}") for place in range(11)))
        assert refusal(listed(22), eleven) == ["At most 10 arms can be drawn under constraints"]
        named = [replace(unit, stratum="N") for unit in listed(12)]
        assert refusal(named, CONSTRAINED) == [
            "The list gives a stratum but a constrained draw ignores it; leave it out or change method"
        ]
