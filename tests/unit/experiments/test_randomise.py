"""The draw engine against its known answers, its invariances, its probabilities and its refusals."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.randomise import (
    Arm,
    DrawRefused,
    Scheme,
    Unit,
    allocation_sha256,
    canonical_csv,
    commitment,
    draw,
    list_sha256,
    new_secret,
    problems,
    reveal,
    seed_text,
)
from experiments.randomise.engine import counts_at, key, tag, whole_number_below

TWO = (Arm("T"), Arm("C"))
VECTOR_SEED = "CPP-2026-0001|v1|drand:quicknet:1000000|PLACEHOLDER"
VECTOR_UNITS = [Unit(f"HS{i:02}", "A" if i <= 6 else "B") for i in range(1, 13)]


def units(n: int, **kwargs: str) -> list[Unit]:
    return [Unit(f"U{i:04}", **kwargs) for i in range(n)]


def refusal(listed: list[Unit], scheme: Scheme) -> list[str]:
    with pytest.raises(DrawRefused) as caught:
        draw(listed, scheme, "seed")
    return [problem.message for problem in caught.value.problems]


class TestKnownAnswers:
    """Computed independently in Python, Node and R; third-party vectors from Rivest's sampler."""

    def test_vector_1_complete_draw_within_strata(self) -> None:
        drawn = draw(VECTOR_UNITS, Scheme("stratified", TWO), VECTOR_SEED)
        assert key(VECTOR_SEED).hex() == "80fe6d702a7afa84e0983487afe9a6a34b8ba8c31ca14657c891927526d9a435"
        assert drawn.tags["HS01"] == "f73b71214c44d5be367f486d9cd89f8be2345b62d6972e1fdaa6c95d206f00b1"
        assert drawn.tags["HS12"] == "932ca296799d39a4922861c2e834ff2a2a01fe79747888f90d3bfe5f45ab4c54"
        assert json.dumps(dict(drawn.assignments), sort_keys=True, separators=(",", ":")) == (
            '{"HS01":"C","HS02":"T","HS03":"C","HS04":"T","HS05":"T","HS06":"C",'
            '"HS07":"C","HS08":"C","HS09":"C","HS10":"T","HS11":"T","HS12":"T"}'
        )
        assert (
            drawn.record["allocation_sha256"]
            == "2ec5a8d60270e02f29320b337ef766c490fe11697af5e266a12570f88909ca4b"
        )

    @pytest.mark.parametrize(("seed", "answers"), [("1", [97, 89, 163]), ("0", [905, 573, 160])])
    def test_vector_2_hashing_path(self, seed: str, answers: list[int]) -> None:
        assert [int(commitment(f"{seed},{i}"), 16) % 1000 + 1 for i in (1, 2, 3)] == answers

    def test_tag_is_hmac_sha256_of_the_joined_parts(self) -> None:
        # RFC 4231, test case 2.
        assert tag(b"Jefe", "what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7")

    def test_canonical_list(self) -> None:
        listed = [Unit("é"), Unit("b,1", "s"), Unit("a", "", "c"), Unit("B")]
        assert canonical_csv(listed) == 'unit,stratum,cluster\nB,,\na,,c\n"b,1",s,\né,,\n'
        assert list_sha256(listed) == hashlib.sha256(canonical_csv(listed).encode()).hexdigest()


class TestInvariance:
    @settings(deadline=None)
    @given(st.permutations(VECTOR_UNITS))
    def test_order_of_rows_has_no_influence(self, shuffled: list[Unit]) -> None:
        first, second = (
            draw(listed, Scheme("stratified", TWO), VECTOR_SEED) for listed in (VECTOR_UNITS, shuffled)
        )
        assert dict(first.assignments) == dict(second.assignments)
        assert first.record == second.record

    def test_names_of_arms_do_not_move_units(self) -> None:
        renamed = Scheme("complete", (Arm("treatment"), Arm("control")))
        first = draw(units(9), Scheme("complete", TWO), "s").assignments
        second = draw(units(9), renamed, "s").assignments
        assert {u: {"T": "treatment", "C": "control"}[arm] for u, arm in first.items()} == second

    def test_members_inherit_the_arm_of_their_cluster(self) -> None:
        listed = [Unit(f"u{i}", stratum="NS"[i % 2], cluster=f"c{i % 8}") for i in range(80)]
        drawn = draw(listed, Scheme("stratified_cluster", TWO), "s")
        clusters = draw(
            [Unit(f"c{i}", stratum="NS"[i % 2]) for i in range(8)], Scheme("stratified", TWO), "s"
        ).assignments
        assert all(drawn.assignments[unit.id] == clusters[unit.cluster] for unit in listed)
        assert drawn.record["n_drawn"] == 8
        assert drawn.record["strata"][0]["arms"] == {"T": 2, "C": 2}


class TestProbabilities:
    @settings(deadline=None)
    @given(st.integers(0, 60), st.lists(st.integers(1, 12), min_size=2, max_size=5))
    def test_expected_counts_are_exactly_the_ratios(self, n: int, ratios: list[int]) -> None:
        """Over all equally likely starts the mean count is n·p, and each count is n·p rounded down or up."""
        total = sum(ratios)
        all_counts = [counts_at(n, ratios, start) for start in range(total)]
        for arm, ratio in enumerate(ratios):
            assert Fraction(sum(counts[arm] for counts in all_counts), total) == Fraction(n * ratio, total)
            assert {counts[arm] for counts in all_counts} <= {n * ratio // total, -(-n * ratio // total)}
        assert {sum(counts) for counts in all_counts} == {n}

    def test_probabilities_are_exact_and_sum_to_one(self) -> None:
        drawn = draw(units(7), Scheme("complete", (Arm("A", 2), Arm("B", 1), Arm("C", 3))), "s")
        for row in drawn.probabilities.values():
            assert row == {"A": Fraction(1, 3), "B": Fraction(1, 6), "C": Fraction(1, 2)}
            assert sum(row.values()) == 1

    @pytest.mark.parametrize("n", [6, 10])
    def test_every_half_split_is_reached(self, n: int) -> None:
        scheme = Scheme("complete", TWO)
        seen = {
            frozenset(u for u, arm in draw(units(n), scheme, f"s{i}").assignments.items() if arm == "T")
            for i in range(8 * math.comb(n, n // 2))
        }
        assert len(seen) > 0.98 * math.comb(n, n // 2)
        assert all(len(half) == n // 2 for half in seen)

    def test_each_unit_is_treated_as_often_as_its_probability(self) -> None:
        """Five units, ratio 2:1:1, 4,000 seeds: a standard error is 0.008, the tolerance five of them."""
        scheme = Scheme("complete", (Arm("A", 2), Arm("B"), Arm("C")))
        times = Counter(
            (unit, arm)
            for i in range(4000)
            for unit, arm in draw(units(5), scheme, f"s{i}").assignments.items()
        )
        for unit in units(5):
            for arm, share in (("A", 0.5), ("B", 0.25), ("C", 0.25)):
                assert times[unit.id, arm] / 4000 == pytest.approx(share, abs=0.04)

    def test_whole_number_below_is_uniform(self) -> None:
        times = Counter(whole_number_below(3, key("s"), str(i)) for i in range(3000))
        assert all(times[value] / 3000 == pytest.approx(1 / 3, abs=0.045) for value in range(3))


class TestRecord:
    def test_record_is_plain_json_and_keeps_the_secret(self) -> None:
        seed = seed_text("CPP-2026-0001-3", "1.0", list_sha256(units(6)), new_secret())
        record = draw(units(6), Scheme("complete", TWO), seed).record
        assert json.loads(json.dumps(record)) == record
        assert record["seed"] is None
        assert seed.rsplit("|", 1)[1] not in json.dumps(record)
        assert record["seed_commitment"] == commitment(seed)
        assert reveal(record, seed) == {**record, "seed": seed}

    def test_reveal_refuses_another_seed(self) -> None:
        record = draw(units(6), Scheme("complete", TWO), "one").record
        with pytest.raises(DrawRefused, match="Seed does not match the commitment"):
            reveal(record, "two")

    def test_allocation_hash_is_of_sorted_compact_json(self) -> None:
        assert (
            allocation_sha256({"b": "C", "a": "É"})
            == hashlib.sha256('{"a":"É","b":"C"}'.encode()).hexdigest()
        )

    @pytest.mark.parametrize("secret", ["12345", "A" * 64, "", "g" * 64])
    def test_a_typed_secret_is_no_secret(self, secret: str) -> None:
        with pytest.raises(ValueError, match="64 lower-case hexadecimal"):
            seed_text("CPP-2026-0001-3", "1.0", "0" * 64, secret)

    @pytest.mark.parametrize(
        ("number", "version"), [("", "1.0"), ("CPP-1", ""), ("CPP|1", "1.0"), ("CPP-1", "1|0")]
    )
    def test_a_seed_names_its_trial_and_version_in_one_way(self, number: str, version: str) -> None:
        message = r"^the number and the version are not blank and contain no vertical bar$"
        with pytest.raises(ValueError, match=message):
            seed_text(number, version, "0" * 64, "5" * 64)

    def test_the_hash_of_the_list_is_part_of_the_seed(self) -> None:
        assert seed_text("CPP-1", "1.0", "0" * 64, "5" * 64) == f"CPP-1|v1.0|{'0' * 64}|{'5' * 64}"
        with pytest.raises(ValueError, match=r"64 lower-case hexadecimal digits each$"):
            seed_text("CPP-1", "1.0", "0" * 63, "5" * 64)

    def test_secrets_differ(self) -> None:
        assert new_secret() != new_secret()

    def test_blank_seed_is_refused(self) -> None:
        with pytest.raises(ValueError, match="needs a seed"):
            draw(units(6), Scheme("complete", TWO), "")


class TestRefusals:
    def test_duplicate_unit_is_named_with_both_rows(self) -> None:
        listed = [Unit("HS-014", row=3), Unit("HS-015", row=4), Unit("HS-014", row=9)]
        assert refusal(listed, Scheme("complete", TWO)) == ["Unit HS-014 appears twice (rows 3 and 9)"]

    @pytest.mark.parametrize(
        ("unit", "message"),
        [
            (Unit(""), "Row 1 has no unit identifier"),
            (Unit("\u00a0"), "Row 1 has no unit identifier"),
            (Unit("a\x1fb"), "The unit on row 1 contains a character we cannot accept (U+001F)"),
            (Unit("a\u202eb"), "The unit on row 1 contains a character we cannot accept (U+202E)"),
            (Unit("a\u200b"), "The unit on row 1 contains a character we cannot accept (U+200B)"),
            (Unit("a\x00"), "The unit on row 1 contains a character we cannot accept (U+0000)"),
            (Unit(" a"), "The unit on row 1 has a space before or after it"),
            (Unit("e\u0301"), "The unit on row 1 has an accent written as a separate character; "
                              "write it as one character"),
            (Unit("a" * 201), "The unit on row 1 is longer than 200 characters"),
            (Unit("a", cluster="c\n"), "The cluster on row 1 contains a character we cannot accept (U+000A)"),
            (Unit("a", extra=(("ward", "w "),)), "The ward on row 1 has a space before or after it"),
        ],
    )  # fmt: skip
    def test_identifier(self, unit: Unit, message: str) -> None:
        assert refusal([unit, *units(4)], Scheme("complete", TWO)) == [message]

    @pytest.mark.parametrize(
        ("arms", "message"),
        [
            ((Arm("T"),), "Add at least two arms"),
            ((Arm("T", 0), Arm("C")), "Each arm needs a share above 0"),
            ((Arm("T", -1), Arm("C")), "Each arm needs a share above 0"),
            ((Arm("T", 1.5), Arm("C")), "Each arm's share must be a whole number"),  # type: ignore[arg-type]
            ((Arm("T", True), Arm("C")), "Each arm's share must be a whole number"),
            ((Arm("T", 1001), Arm("C")), "Each arm's share must be 1,000 or less"),
            ((Arm("T"), Arm("T")), "Arm 'T' appears 2 times"),
            ((Arm("T"), Arm(" ")), "Each arm needs a name"),
            ((Arm("T"), Arm("C\x07")), "The name of an arm contains a character we cannot accept (U+0007)"),
        ],
    )
    def test_arms(self, arms: tuple[Arm, ...], message: str) -> None:
        assert refusal(units(6), Scheme("complete", arms)) == [message]

    def test_unknown_method(self) -> None:
        [message] = refusal(units(6), Scheme("coin", TWO))  # type: ignore[arg-type]
        assert message.startswith("Unknown method 'coin'")

    def test_empty_list(self) -> None:
        assert refusal([], Scheme("complete", TWO)) == ["The list has no units"]

    def test_more_arms_than_units(self) -> None:
        three = Scheme("complete", (*TWO, Arm("D")))
        assert refusal(units(2), three) == ["3 arms need at least 3 units; the list has 2"]

    def test_strata_too_small_for_the_arms(self) -> None:
        listed = [Unit(f"u{i}", stratum=f"s{i % 12:02}") for i in range(17)]
        assert refusal(listed, Scheme("stratified", TWO)) == [
            "12 strata leave fewer than 2 units in 7 strata",
            "Merge or drop the small strata: s05, s06, s07, s08, s09, s10, s11",
        ]

    def test_cluster_in_two_strata(self) -> None:
        listed = [Unit("a", "N", "k"), Unit("b", "S", "k"), Unit("c", "S", "m")]
        assert refusal(listed, Scheme("stratified_cluster", TWO)) == [
            "Cluster k is in two strata: N (row 1) and S (row 2)"
        ]

    @pytest.mark.parametrize(("method", "name"), [("stratified", "stratum"), ("cluster", "cluster")])
    def test_needed_column_is_blank(self, method: str, name: str) -> None:
        listed = [Unit("a", **{name: "x"}), Unit("b")]
        assert refusal(listed, Scheme(method, TWO)) == [f"Unit b has no {name} (row 2)"]  # type: ignore[arg-type]

    def test_column_that_would_be_ignored(self) -> None:
        [message] = refusal(units(4, stratum="N"), Scheme("complete", TWO))
        assert (
            message
            == "The list gives a stratum but a complete draw ignores it; leave it out or change method"
        )

    def test_every_problem_is_listed_at_once(self) -> None:
        assert len(problems([Unit(""), Unit("a"), Unit("a")], Scheme("complete", (Arm("T"),)))) == 3
