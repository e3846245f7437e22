"""Cases one by one: known answers, exact balance and probabilities, uniformity."""

import hashlib
import hmac
import json
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from scipy import stats

from experiments.randomise import Arm
from experiments.randomise.engine import key
from experiments.randomise.trickle import (
    Factor,
    Tally,
    TrickleScheme,
    allot,
)
from experiments.randomise.trickle.allotting import picked
from experiments.randomise.trickle.blocks import block_order, block_size
from experiments.randomise.trickle.minimisation import probabilities, spread, totals

SEED = f"CPP-2026-0001|v1.0|{'a' * 64}|{'5' * 64}"
KEY = key(SEED)
TWO = (Arm("T"), Arm("C"))
SEX = Factor("sex", ("female", "male"))
AREA = Factor("area", ("north", "south"))
BLOCKS = TrickleScheme("permuted_blocks", TWO, (SEX, AREA), (4, 6))
SIMPLE = TrickleScheme("trickle_simple", (Arm("T", 2), Arm("C", 1)))
MINIMISE = TrickleScheme("minimisation", TWO, (SEX, AREA), coin=Fraction(8, 10))


def run(scheme: TrickleScheme, cases: list[dict[str, str]], seed: str = SEED) -> list[Any]:
    tally, draw_key, found = Tally(scheme), key(seed), []
    for levels in cases:
        step = allot(scheme, draw_key, levels, tally.past(levels))
        tally.add(levels, step.arm)
        found.append(step)
    return found


def run_with_a_pause_after_each(scheme: TrickleScheme, cases: list[dict[str, str]]) -> list[Any]:
    """Allot as a registry does that keeps the counts beside the newest case, and nothing else."""
    written, found = json.dumps(Tally(scheme).as_json()), []
    for levels in cases:
        tally = Tally.from_json(scheme, json.loads(written))
        step = allot(scheme, KEY, levels, tally.past(levels))
        tally.follow(levels, step)
        written = json.dumps(tally.as_json())
        found.append(step)
    return found


def arms(steps: list[Any]) -> str:
    return "".join(step.arm for step in steps)


@pytest.mark.parametrize("scheme", [SIMPLE, BLOCKS, MINIMISE], ids=lambda scheme: scheme.method)
def test_counts_that_are_written_down_give_the_same_arms(scheme: TrickleScheme) -> None:
    cases = [
        {
            factor.name: factor.levels[place % step % 2]
            for factor, step in zip(scheme.factors, (3, 7), strict=False)
        }
        for place in range(300)
    ]
    assert run_with_a_pause_after_each(scheme, cases) == run(scheme, cases)


def test_what_is_written_down_grows_with_the_strata_and_not_with_the_cases() -> None:
    tally, levels = Tally(BLOCKS), {"sex": "male", "area": "north"}
    for _ in range(200):
        tally.follow(levels, allot(BLOCKS, KEY, levels, tally.past(levels)))
    written = tally.as_json()
    assert (written["n"], len(written["strata"]), written["at"]) == (200, 1, [])
    _, n, block, before = written["strata"][0]
    assert n - before <= 6
    assert before == sum(block_size(BLOCKS, KEY, ("male", "north"), place) for place in range(block))


class TestKnownAnswers:
    """Computed apart from this code, from HMAC-SHA-256 alone."""

    def test_simple(self) -> None:
        steps = run(SIMPLE, [{}] * 12)
        assert arms(steps) == "CTTTTCTTTTTC"
        assert [step.tag[:8] for step in steps[:3]] == ["d24f552e", "a85354e7", "42159603"]
        assert steps[0].tag == hmac.new(KEY, b"simple\x1f1", hashlib.sha256).hexdigest()

    @pytest.mark.parametrize(
        ("levels", "answer"),
        [
            ({"sex": "female", "area": "north"}, "TCCTCTCTTTCCCT"),
            ({"sex": "male", "area": "north"}, "CCTTTTCCCCTTTC"),
        ],
    )
    def test_blocks_within_strata(self, levels: dict[str, str], answer: str) -> None:
        assert arms(run(BLOCKS, [levels] * 14)) == answer

    def test_blocks_without_strata(self) -> None:
        steps = run(TrickleScheme("permuted_blocks", TWO, (), (4, 6)), [{}] * 14)
        assert arms(steps) == "CCCTTTTTCCCTCT"
        placed = [(s.record["block"], s.record["block_size"], s.record["slot"]) for s in steps]
        assert placed == [(0, 6, i) for i in range(6)] + [(b, 4, i) for b in (1, 2) for i in range(4)]

    def test_strata_do_not_disturb_one_another(self) -> None:
        one, other = {"sex": "female", "area": "north"}, {"sex": "male", "area": "north"}
        mixed = run(BLOCKS, [one, other] * 14)
        assert arms(mixed[::2]) == "TCCTCTCTTTCCCT"
        assert arms(mixed[1::2]) == "CCTTTTCCCCTTTC"

    def test_minimisation_of_pocock(self) -> None:
        # The example of Pocock (1983), Clinical Trials, chapter 5: 80 patients are in, the next is ambulatory, under
        # 50, two years or more free of disease, with visceral metastases. Adding up gives 76 against 77: A.
        counts = {
            "status": {"A": 30, "B": 31},
            "age": {"A": 18, "B": 17},
            "interval": {"A": 9, "B": 8},
            "lesion": {"A": 19, "B": 21},
        }
        factors = tuple(Factor(name, ("this", "other")) for name in counts)

        def scheme(imbalance: Any) -> TrickleScheme:
            return TrickleScheme("minimisation", (Arm("A"), Arm("B")), factors, (), imbalance, Fraction(3, 4))

        assert totals(scheme("range"), counts) == {"A": 5, "B": 5}
        found = totals(scheme("variance"), counts)
        assert found == {"A": Fraction(9, 4), "B": Fraction(13, 4)}
        chances = probabilities(scheme("variance"), found, is_first=False)
        assert chances == {"A": Fraction(3, 4), "B": Fraction(1, 4)}

    @pytest.mark.parametrize(
        ("imbalance", "answer"),
        [("range", 3), ("variance", Fraction(14, 9)), ("standard_deviation", 1.2472191289)],
    )
    def test_spread_of_three_arms(self, imbalance: Any, answer: Any) -> None:
        found = spread([Fraction(1), Fraction(2), Fraction(4)], imbalance)
        assert float(found) == pytest.approx(float(answer), abs=1e-10)


class TestExactBalance:
    @pytest.mark.parametrize(
        ("ratios", "sizes"), [((1, 1), (2, 4, 8)), ((2, 1), (3, 6)), ((1, 1, 2), (4, 8)), ((2, 2), (2, 6))]
    )
    def test_every_full_block_holds_the_shares(self, ratios: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        scheme = TrickleScheme(
            "permuted_blocks", tuple(Arm(f"A{i}", r) for i, r in enumerate(ratios)), (), sizes
        )
        steps = run(scheme, [{}] * 400)
        blocks: dict[int, list[Any]] = {}
        for step in steps:
            blocks.setdefault(step.record["block"], []).append(step)
        full = [one for one in blocks.values() if len(one) == one[0].record["block_size"]]
        assert len(full) >= len(blocks) - 1
        assert {one[0].record["block_size"] for one in full} == set(sizes)
        for one in full:
            counted = Counter(step.arm for step in one)
            assert [counted[f"A{i}"] * sum(ratios) for i in range(len(ratios))] == [
                r * len(one) for r in ratios
            ]

    def test_the_last_of_a_block_is_certain_and_the_first_goes_by_the_shares(self) -> None:
        steps = run(TrickleScheme("permuted_blocks", (Arm("T", 2), Arm("C")), (), (3, 6)), [{}] * 200)
        for step in steps:
            assert sum(step.probabilities.values()) == 1
            assert step.probabilities[step.arm] > 0
            if step.record["slot"] == 0:
                assert step.probabilities == {"T": Fraction(2, 3), "C": Fraction(1, 3)}
            if step.record["slot"] == step.record["block_size"] - 1:
                assert step.probabilities[step.arm] == 1


class TestUniformity:
    """10^5 draws each: what a seed cannot foretell is spread evenly (chi-square above 0.001)."""

    N = 100_000

    def test_simple_keeps_the_shares(self) -> None:
        shares = {"A": Fraction(1, 2), "B": Fraction(1, 3), "C": Fraction(1, 6)}
        counted = Counter(
            picked(hmac.digest(KEY, f"simple\x1f{i}".encode(), "sha256").hex(), shares) for i in range(self.N)
        )
        expected = [float(share) * self.N for share in shares.values()]
        assert stats.chisquare([counted[arm] for arm in shares], expected).pvalue > 0.001

    def test_every_order_of_a_block_and_every_size_is_as_likely(self) -> None:
        sizes = Counter(block_size(BLOCKS, KEY, ("male", "south"), i) for i in range(self.N))
        assert stats.chisquare([sizes[4], sizes[6]]).pvalue > 0.001
        orders = Counter(
            "".join(arm for _, arm in block_order(BLOCKS, KEY, ("male", "south"), i, 4))
            for i in range(self.N)
        )
        assert len(orders) == 6
        assert stats.chisquare(list(orders.values())).pvalue > 0.001


def people(seed: str, n: int) -> list[dict[str, str]]:
    """Cases with two factors, drawn by a hash: no two tests share a generator."""
    drawn = [hashlib.sha256(f"{seed}|{i}".encode()).digest() for i in range(n)]
    return [{"sex": SEX.levels[d[0] % 2], "area": AREA.levels[int(d[1] < 80)]} for d in drawn]


def worst_imbalance(steps: list[Any], cases: list[dict[str, str]], ratio: int) -> float:
    """Return the greatest distance of T from its share over the levels, in cases."""
    worst = 0.0
    for factor in (SEX, AREA):
        for level in factor.levels:
            inside = [step.arm for step, case in zip(steps, cases, strict=True) if case[factor.name] == level]
            worst = max(worst, abs(inside.count("T") - len(inside) * ratio / (ratio + 1)))
    return worst


class TestMinimisation:
    @pytest.mark.parametrize("ratio", [1, 2])
    @pytest.mark.parametrize("imbalance", ["range", "variance", "standard_deviation"])
    def test_balances_better_than_a_simple_draw_and_keeps_the_ratio(self, ratio: int, imbalance: Any) -> None:
        two = (Arm("T", ratio), Arm("C"))
        minimised = TrickleScheme("minimisation", two, (SEX, AREA), (), imbalance, Fraction(8, 10))
        simple = TrickleScheme("trickle_simple", two)
        ours, theirs, treated, n_trials, n = 0.0, 0.0, 0, 20, 100
        for trial in range(n_trials):
            cases = people(f"trial {trial}", n)
            steps = run(minimised, cases, f"seed {trial}")
            ours += worst_imbalance(steps, cases, ratio) / n_trials
            theirs += worst_imbalance(run(simple, [{}] * n, f"seed {trial}"), cases, ratio) / n_trials
            treated += arms(steps).count("T")
        assert ours < 0.6 * theirs
        # A simple draw would put the share within 0.5 / sqrt(2000) = 0.011 of the ratio; minimisation is closer.
        assert treated / (n_trials * n) == pytest.approx(ratio / (ratio + 1), abs=0.011)

    @pytest.mark.parametrize("imbalance", ["range", "variance"])
    @pytest.mark.parametrize("ratios", [(1, 1), (2, 1), (3, 1), (3, 2)])
    def test_the_shares_hold_exactly_over_a_round_of_cases(
        self, ratios: tuple[int, int], imbalance: Any
    ) -> None:
        # The whole tree of what can happen, with its probabilities: no seed, no simulation. The share of one place
        # goes up and down within a round of `sum(ratios)` cases, as any minimisation's does; a round keeps the ratio.
        two = (Arm("T", ratios[0]), Arm("C", ratios[1]))
        scheme = TrickleScheme("minimisation", two, (SEX,), (), imbalance, Fraction(8, 10))
        at: dict[tuple[int, int], float] = {(0, 0): 1.0}
        shares = []
        for place in range(60):
            after: Counter[tuple[int, int]] = Counter()
            shares.append(0.0)
            for (treated, control), weight in at.items():
                imbalances = totals(scheme, {"sex": {"T": treated, "C": control}})
                chance = float(probabilities(scheme, imbalances, is_first=place == 0)["T"])
                shares[-1] += weight * chance
                after[treated + 1, control] += weight * chance  # type: ignore[assignment]
                after[treated, control + 1] += weight * (1 - chance)  # type: ignore[assignment]
            at = dict(after)
        settled = shares[-sum(ratios) * 4 :]
        assert sum(settled) / len(settled) == pytest.approx(ratios[0] / sum(ratios), abs=1e-4)

    def test_probabilities_by_ties_and_shares(self) -> None:
        three = TrickleScheme("minimisation", (Arm("A"), Arm("B"), Arm("C")), (SEX,), coin=Fraction(8, 10))
        two_best = {"A": Fraction(1), "B": Fraction(1), "C": Fraction(2)}
        assert probabilities(three, two_best, is_first=False) == {
            "A": Fraction(2, 5),
            "B": Fraction(2, 5),
            "C": Fraction(1, 5),
        }
        assert probabilities(three, dict.fromkeys("ABC", Fraction(1)), is_first=False) == three.shares
        unequal = TrickleScheme("minimisation", (Arm("T", 2), Arm("C", 1)), (SEX,), coin=Fraction(8, 10))
        for best, other in (("T", "C"), ("C", "T")):
            imbalances = {best: Fraction(0), other: Fraction(1)}
            assert probabilities(unequal, imbalances, is_first=True) == unequal.shares
            chances = probabilities(unequal, imbalances, is_first=False)
            assert sum(chances.values()) == 1
            assert chances["C"] == (Fraction(8, 10) if best == "C" else Fraction(1, 10))

    def test_mixing_over_the_preferred_arm_gives_back_the_shares(self) -> None:
        scheme = TrickleScheme(
            "minimisation", (Arm("A", 3), Arm("B", 2), Arm("C", 1)), (SEX,), coin=Fraction(7, 10)
        )
        mixed = dict.fromkeys(scheme.shares, Fraction(0))
        for best, share in scheme.shares.items():
            imbalances = {arm: Fraction(int(arm != best)) for arm in scheme.shares}
            for arm, chance in probabilities(scheme, imbalances, is_first=False).items():
                mixed[arm] += share * chance
        assert mixed == scheme.shares

    def test_a_heavier_factor_decides(self) -> None:
        counts = {"sex": {"T": 1, "C": 0}, "area": {"T": 0, "C": 1}}
        heavy = Factor("area", AREA.levels, Fraction(2))
        found = totals(TrickleScheme("minimisation", TWO, (SEX, heavy), coin=Fraction(8, 10)), counts)
        assert found["T"] < found["C"]

    def test_counts_before_are_in_the_record(self) -> None:
        cases = [{"sex": "female", "area": "north"}, {"sex": "female", "area": "south"}]
        first, second = run(MINIMISE, cases)
        assert first.record["counts"] == {"sex": {"T": 0, "C": 0}, "area": {"T": 0, "C": 0}}
        assert second.record["counts"]["sex"][first.arm] == 1
        assert second.record["counts"]["area"] == {"T": 0, "C": 0}
