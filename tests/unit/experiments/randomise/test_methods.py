"""Each further method of drawing: known answers, exact probabilities, invariance, refusals."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, permutations

import pytest
from scipy import stats

from experiments.randomise import (
    Arm,
    Constraint,
    Crossover,
    DrawRefused,
    Factor,
    Scheme,
    Unit,
    Wedge,
    draw,
    prepared,
)
from experiments.randomise.crossover import START, after, daily_shares
from experiments.randomise.engine import complete_draw, key, tag

TWO = (Arm("T"), Arm("C"))
WEDGE = Scheme("stepped_wedge", (Arm("C"), Arm("T")), wedge=Wedge(4, 2, 3))
ALTERNATING = Scheme("crossover", TWO, crossover=Crossover(28, 4, 2))
WASHED = Scheme("crossover", (Arm("T", 3), Arm("C", 4)), crossover=Crossover(28, 7, 3, 2, "C"))
FACTORIAL = Scheme(
    "factorial", factors=(Factor("visit", (Arm("v0"), Arm("v1"))), Factor("text", (Arm("t0", 2), Arm("t1"))))
)


def units(n: int, stratum: str = "") -> list[Unit]:
    return [Unit(f"U{i:03}", stratum) for i in range(n)]


def refusal(listed: list[Unit], scheme: Scheme) -> list[str]:
    with pytest.raises(DrawRefused) as caught:
        draw(listed, scheme, "seed")
    return [problem.message for problem in caught.value.problems]


def test_100_000_complete_draws_reach_each_of_the_20_halves_equally_often() -> None:
    """Chi-square with 19 degrees of freedom; the seeds are fixed, so the p-value is a known answer too."""
    six = [str(i) for i in range(6)]
    times = Counter(
        "".join(complete_draw(six, "TC", (1, 1), i.to_bytes(4, "big"), "")[0][each] for each in six)
        for i in range(100_000)
    )
    assert len(times) == math.comb(6, 3) == 20
    assert stats.chisquare(list(times.values())).pvalue > 0.001


class TestSimple:
    SCHEME = Scheme("simple", (Arm("T", 2), Arm("C")))

    def test_arm_is_the_first_cumulative_share_above_u(self) -> None:
        drawn = draw(units(200), self.SCHEME, "s")
        for unit, arm in drawn.assignments.items():
            u = int(tag(key("s"), "", unit)[:16], 16) / 2**64
            assert arm == ("T" if u < 2 / 3 else "C")
        assert drawn.probabilities["U000"] == {"T": Fraction(2, 3), "C": Fraction(1, 3)}

    def test_counts_are_binomial(self) -> None:
        counts = [
            sum(arm == "T" for arm in draw(units(100), self.SCHEME, f"s{i}").assignments.values())
            for i in range(400)
        ]
        mean, sd = sum(counts) / 400, math.sqrt(100 * 2 / 9)
        assert mean == pytest.approx(200 / 3, abs=4 * sd / 20)
        assert stats.tstd(counts) == pytest.approx(sd, rel=0.15)

    def test_a_small_list_is_refused(self) -> None:
        assert refusal(units(99), self.SCHEME) == [
            "A simple draw needs at least 100 units, the list has 99; draw completely"
        ]


class TestSteppedWedge:
    LISTED = [Unit(f"U{i}", stratum="NS"[i % 2], cluster=f"C{i % 16}") for i in range(64)]

    def test_every_sequence_has_the_same_size_in_each_stratum(self) -> None:
        drawn = draw(self.LISTED, WEDGE, "s")
        for row in drawn.record["strata"]:
            assert row["arms"] == {"1": 2, "2": 2, "3": 2, "4": 2}
        assert len({(unit.cluster, drawn.assignments[unit.id]) for unit in self.LISTED}) == 16

    def test_schedule_matrix(self) -> None:
        assert draw(self.LISTED, WEDGE, "s").record["details"]["schedule"] == [
            ["C"] * 2 + ["T"] * 12,
            ["C"] * 5 + ["T"] * 9,
            ["C"] * 8 + ["T"] * 6,
            ["C"] * 11 + ["T"] * 3,
        ]

    def test_lowest_tags_step_first(self) -> None:
        drawn = draw(units(8), WEDGE, "s")
        order = sorted(drawn.assignments, key=drawn.tags.__getitem__)
        assert [drawn.assignments[unit] for unit in order] == list("11223344")

    def test_each_sequence_is_equally_likely(self) -> None:
        """2,000 seeds: a standard error is 0.0097, the tolerance four of them."""
        times = Counter(draw(units(8), WEDGE, f"s{i}").assignments["U000"] for i in range(2_000))
        assert all(times[name] / 2_000 == pytest.approx(0.25, abs=0.04) for name in "1234")

    def test_period_probabilities_are_exact(self) -> None:
        drawn = draw(units(8), WEDGE, "s")
        assert [day["T"] for day in drawn.period_probabilities] == [
            Fraction(step, 4) for step in (0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
        ]
        assert all(sum(day.values()) == 1 for day in drawn.period_probabilities)

    @pytest.mark.parametrize(
        ("listed", "message"),
        [
            (units(10), "10 units cannot be cut into 4 sequences of the same size: leave out 2 or add 2"),
            (
                [*units(4, stratum="N"), *(Unit(f"S{i}", "S") for i in range(5))],
                "5 units of stratum S cannot be cut into 4 sequences of the same size: leave out 1 or add 3",
            ),
            (units(3), "4 sequences need at least 4 units; the list has 3"),
        ],
    )
    def test_refusals(self, listed: list[Unit], message: str) -> None:
        assert refusal(listed, WEDGE) == [message]

    @pytest.mark.parametrize("wedge", [None, Wedge(1), Wedge(4, 0), Wedge(4, 1, 0)])
    def test_shapes_that_are_no_wedge(self, wedge: Wedge | None) -> None:
        [message] = refusal(units(8), replace(WEDGE, wedge=wedge))
        assert message.startswith("A stepped wedge has from")


class TestCrossover:
    def test_every_block_keeps_the_ratio(self) -> None:
        for scheme, size, n_treated in ((ALTERNATING, 4, 2), (WASHED, 7, 3)):
            for days in draw(units(30), scheme, "s").periods.values():
                blocks = [days[at : at + size] for at in range(0, 28, size)]
                assert {block.count("T") for block in blocks} == {n_treated}

    def test_no_run_is_longer_and_no_washout_shorter_than_the_rules(self) -> None:
        drawn = draw(units(200), WASHED, "s")
        for days in drawn.periods.values():
            runs = [(arm, len(list(run))) for arm, run in groupby(days)]
            assert max(length for _, length in runs) <= 3
            assert all(length >= 2 for arm, length in runs[1:-1] if arm == "C")
        lengths = drawn.record["details"]["run_lengths"]
        assert sum(int(length) * times for length, times in lengths["T"].items()) == 200 * 12
        assert sum(int(length) * times for length, times in lengths["C"].items()) == 200 * 16

    def test_days_follow_from_the_seed_by_arithmetic_alone(self) -> None:
        """Each block is TTCC in the order of its HMACs; an order that makes a run of three is drawn again."""
        draw_key, days, again = hashlib.sha256(b"s").digest(), "", 0
        for block in range(1, 8):
            for attempt in range(100):
                labels = [
                    f"U000\x1fblock\x1f{block}\x1fattempt\x1f{attempt}\x1fslot\x1f{slot}".encode()
                    for slot in range(4)
                ]
                tags = [hmac.new(draw_key, label, "sha256").hexdigest() for label in labels]
                order = "".join("TTCC"[slot] for slot in sorted(range(4), key=tags.__getitem__))
                if not {"TTT", "CCC"} & {(days + order)[at : at + 3] for at in range(len(days + order))}:
                    break
                again += 1
            days += order
        drawn = draw(units(2), ALTERNATING, "s")
        assert "".join(drawn.periods["U000"]) == days
        assert drawn.record["details"]["drawn_again"]["U000"] == again
        assert drawn.record["details"]["orders"]["U000"] == list(days)
        assert drawn.record["details"]["daily_probabilities"] == [{"T": "1/2", "C": "1/2"}] * 28

    def test_rejections_are_counted(self) -> None:
        details = draw(units(50), WASHED, "s").record["details"]
        assert set(details["drawn_again"]) == {unit.id for unit in units(50)}
        assert sum(details["drawn_again"].values()) > 50

    def test_daily_probabilities_against_every_sequence_of_two_blocks(self) -> None:
        """Written out: each order of block one that fits, then each order of block two that fits after it."""
        scheme = replace(WASHED, crossover=Crossover(14, 7, 3, 2, "C"))
        plan = scheme.crossover
        assert plan is not None
        orders = sorted(set(permutations("TTTCCCC")))
        first = [order for order in orders if after(START, order, plan)]
        expected = [Fraction(0)] * 14
        for one in first:
            second = [order for order in orders if after(START, (*one, *order), plan)]
            for two in second:
                for day, arm in enumerate((*one, *two)):
                    expected[day] += Fraction(arm == "T", len(first) * len(second))
        assert [day["T"] for day in daily_shares(scheme)] == expected
        assert all(sum(day.values()) == 1 for day in daily_shares(scheme))

    def test_shares_of_days_match_the_probabilities(self) -> None:
        """600 places: a standard error of at most 0.0205, the tolerance four of them."""
        drawn = draw(units(600), WASHED, "s")
        for day, shares in enumerate(drawn.period_probabilities):
            found = sum(days[day] == "T" for days in drawn.periods.values()) / 600
            assert found == pytest.approx(float(shares["T"]), abs=0.082)

    def test_equal_arms_without_washout_have_one_half_each_day(self) -> None:
        assert {day["T"] for day in daily_shares(ALTERNATING)} == {Fraction(1, 2)}

    @pytest.mark.parametrize(
        ("plan", "message"),
        [
            (None, "A crossover needs its days and its blocks"),
            (Crossover(28, 5, 2), "A block of 5 days cannot hold shares that add up to 2"),
            (Crossover(30, 4, 2), "Days must be a whole number of blocks of 4, at most 1,098 days"),
            (Crossover(28, 4, 0), "The longest run has from 1 to 28 days"),
            (Crossover(28, 4, 2, 1), "A washout needs the arm that washes out"),
            (Crossover(32, 16, 8), "A block of 16 days has 12,870 orders; at most 5,000: shorten it"),
            (
                Crossover(28, 4, 1, 2, "C"),
                "Only 0 of 6 orders of a block would fit after some others: "
                "allow longer runs, a shorter washout or longer blocks",
            ),
        ],
    )
    def test_refusals(self, plan: Crossover | None, message: str) -> None:
        assert refusal(units(8), replace(ALTERNATING, crossover=plan)) == [message]

    def test_too_many_days_and_places(self) -> None:
        scheme = replace(ALTERNATING, crossover=Crossover(1096, 4, 2))
        assert refusal(units(92), scheme) == ["100,832 places and days; at most 100,000 can be drawn"]


class TestFactorial:
    def test_margins_are_exact_and_cells_are_products(self) -> None:
        drawn = draw(units(60), FACTORIAL, "s")
        assert drawn.record["details"]["margins"] == [
            {"factor": "visit", "levels": {"v0": 30, "v1": 30}},
            {"factor": "text", "levels": {"t0": 40, "t1": 20}},
        ]
        shares = drawn.probabilities["U000"]
        assert shares == {
            "v0+t0": Fraction(1, 3), "v0+t1": Fraction(1, 6), "v1+t0": Fraction(1, 3), "v1+t1": Fraction(1, 6)
        }  # fmt: skip
        assert sum(shares.values()) == 1

    def test_each_factor_is_drawn_by_itself_in_each_stratum(self) -> None:
        listed = [Unit(f"U{place:02}", "NS"[place % 2]) for place in range(60)]
        drawn = draw(listed, FACTORIAL, "s")
        for stratum in "NS":
            members = [unit.id for unit in listed if unit.stratum == stratum]
            visit, _ = complete_draw(members, ["v0", "v1"], [1, 1], key("s"), stratum, "factor", "visit")
            text, _ = complete_draw(members, ["t0", "t1"], [2, 1], key("s"), stratum, "factor", "text")
            for each in members:
                assert drawn.assignments[each] == f"{visit[each]}+{text[each]}"

    def test_factors_are_independent(self) -> None:
        """2,000 seeds: both levels of one unit meet as often as the product says; tolerance four standard errors."""
        times = Counter(draw(units(30), FACTORIAL, f"s{i}").assignments["U000"] for i in range(2_000))
        for cell, share in FACTORIAL.probabilities.items():
            assert times[cell] / 2_000 == pytest.approx(float(share), abs=0.043)

    def test_refusals(self) -> None:
        assert refusal(units(20), FACTORIAL) == [
            "Cell v0+t1 would hold 3.3 units on average; each cell needs 5",
            "Cell v1+t1 would hold 3.3 units on average; each cell needs 5",
        ]
        assert refusal(units(60), replace(FACTORIAL, factors=FACTORIAL.factors[:1])) == [
            "A factorial draw needs at least two factors"
        ]
        small = [replace(unit, stratum="N" if place else "S") for place, unit in enumerate(units(60))]
        assert refusal(small, FACTORIAL) == ["Merge or drop the small strata: S"]
        joined = Factor("x", (Arm("a+b"), Arm("c")))
        [message] = refusal(units(60), replace(FACTORIAL, factors=(*FACTORIAL.factors[:1], joined)))
        assert message == "The name of a level may not contain “+”: it joins the levels of a cell"


class TestExternal:
    SCHEME = Scheme("external", TWO, blocks=True)

    def listed(self, arms: str, size: int = 4) -> list[Unit]:
        return [
            Unit(f"U{place:02}", extra=(("arm", arm), ("block", str(place // size))))
            for place, arm in enumerate(arms)
        ]

    def test_arms_are_taken_over_and_labelled(self) -> None:
        drawn = draw(self.listed("TCCTTTCC"), self.SCHEME, "")
        assert "".join(drawn.assignments.values()) == "TCCTTTCC"
        assert drawn.record["details"] == {
            "generated": "not generated here", "keeps_ratio": True, "uneven_blocks": 0, "uneven_blocks_named": []
        }  # fmt: skip
        assert drawn.record["seed_commitment"] == ""

    def test_a_broken_block_and_a_lost_ratio_are_counted(self) -> None:
        details = draw(self.listed("TTTCTTCC"), self.SCHEME, "").record["details"]
        assert (details["uneven_blocks"], details["uneven_blocks_named"]) == (1, ["0"])
        assert details["keeps_ratio"] is False

    def test_refusals(self) -> None:
        assert refusal(self.listed("TXTT"), self.SCHEME) == ["There is no arm with the code X (row 2)"]
        assert refusal(self.listed("TTTT"), self.SCHEME) == ["No unit has the arm C"]
        assert refusal([Unit("a", extra=(("arm", ""), ("block", "1")))], self.SCHEME) == [
            "Unit a has no arm (row 1)"
        ]
        assert refusal([Unit("a", extra=(("arm", "T"), ("block", "")), row=7)], self.SCHEME) == [
            "Unit a has no block (row 7)"
        ]

    def test_what_its_counts_say_is_known_before_it_is_taken_over(self) -> None:
        ratio_alone = {"generated": "not generated here", "keeps_ratio": True}
        assert prepared(self.listed("TCCTTTCC"), self.SCHEME) == {
            **ratio_alone, "uneven_blocks": 0, "uneven_blocks_named": []
        }  # fmt: skip
        without = [replace(unit, extra=unit.extra[:1]) for unit in self.listed("TTCC")]
        assert prepared(without, Scheme("external", TWO)) == ratio_alone
        assert draw(without, Scheme("external", TWO), "").blocks == {}


def test_of_other_methods_nothing_is_known_before_the_draw() -> None:
    assert prepared(units(4), Scheme("complete", TWO)) == {}


@pytest.mark.parametrize("scheme", [WEDGE, ALTERNATING, WASHED, FACTORIAL], ids=lambda scheme: scheme.method)
def test_order_of_rows_has_no_influence(scheme: Scheme) -> None:
    listed = units(40)
    assert draw(listed, scheme, "s").record == draw(listed[::-1], scheme, "s").record


def test_constraint_is_part_of_the_scheme() -> None:
    assert Constraint().keep_percent == 10
