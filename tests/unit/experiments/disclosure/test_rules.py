"""One test for each kind of output: where the line is, on both sides of it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import disclosure
from experiments.disclosure import (
    RULES,
    Concern,
    check_areas,
    check_percentile,
    check_share,
    check_steps,
    released_document,
    released_steps,
)
from experiments.disclosure.check_rows import hidden_numbers
from experiments.disclosure.counts import hidden_counts
from experiments.disclosure.policy import DEFAULT
from experiments.disclosure.steps import Step
from tests.unit.experiments.disclosure.test_documents import PEOPLE, ROW, document


def rules(found: list[Concern]) -> list[tuple[str, bool]]:
    return [(one.rule, one.blocks) for one in found]


def test_every_rule_that_is_cited_is_listed() -> None:
    folder = Path(str(disclosure.__file__)).parent
    cited = set()
    for path in set(folder.glob("*.py")) - {folder / "thresholds.py"}:  # which yields names of thresholds
        text = path.read_text()
        cited |= set(re.findall(r'Concern\(\s*"([\w-]+)"', text)) | set(
            re.findall(r'yield "([\w-]+)",', text)
        )
    assert len(cited) > 10
    assert cited <= set(RULES)


class TestShares:
    @pytest.mark.parametrize(
        ("part", "whole", "is_hidden"),
        [(10, 20, False), (9, 20, True), (11, 20, True), (0, 20, True), (20, 20, True), (3, 9, True), (90, 100, False)],
    )  # fmt: skip
    def test_the_part_and_the_rest(self, part: int, whole: int, is_hidden: bool) -> None:
        assert rules(check_share(part, whole, where="x")) == [("share-small", True)] * is_hidden

    def test_nobody_and_everybody_where_it_says_nothing_of_a_person(self) -> None:
        assert check_share(0, 20, where="x", is_sensitive=False) == []
        assert check_share(20, 20, where="x", is_sensitive=False) == []
        assert rules(check_share(0, 9, where="x", is_sensitive=False)) == [("share-small", True)]

    def test_more_than_all(self) -> None:
        with pytest.raises(ValueError, match=r"^a part is 0 or more, and at most the whole$"):
            check_share(3, 2, where="x")


class TestPercentiles:
    @pytest.mark.parametrize(
        ("value", "found"),
        [(50, []), (10, []), (9, [("percentile-side", True)]), (90, [("percentile-side", True)]),
         (0, [("percentile-extreme", True)]), (99, [("percentile-extreme", True)])],
    )  # fmt: skip
    def test_ten_on_each_side(self, value: float, found: list[tuple[str, bool]]) -> None:
        assert rules(check_percentile(range(100), value, where="x")) == found

    def test_a_value_that_most_have_is_the_mode(self) -> None:
        assert rules(check_percentile([1] * 5 + [2] * 80 + [3] * 5, 2, where="x")) == [
            ("percentile-side", True)
        ]


class TestSteps:
    def test_few_at_risk(self) -> None:
        assert check_steps([40, 10, 9], where="curve") == [
            Concern("at-risk", "curve/2", "Fewer than 10 at risk", blocks=True)
        ]

    def test_what_comes_after_a_hidden_step_stays_hidden_however_many_are_at_risk_again(self) -> None:
        assert released_steps([0, 1, 2], [42, 9, 35], [7, 0, 0]) == (
            Step(0, 45, 5),
            Step(1, None, None),
            Step(2, None, None),
        )

    def test_midpoints_and_what_comes_after_a_hidden_step(self) -> None:
        released = released_steps([0, 1, 2, 3], [42, 35, 9, 9], [7, 20, 0, 1])
        assert [(one.n_at_risk, one.n_events) for one in released] == [
            (45, 5),
            (35, 25),
            (None, None),
            (None, None),
        ]

    def test_no_step_tells_of_fewer_than_ten(self) -> None:
        rng = np.random.default_rng(3)
        for _ in range(300):
            events = rng.integers(0, 6, size=8)
            at_risk = int(rng.integers(20, 90)) - np.concatenate([[0], np.cumsum(events)[:-1]])
            at_risk = np.maximum(at_risk, events)
            shown = [
                one for one in released_steps(range(8), at_risk.tolist(), events.tolist()) if one.n_events
            ]
            for one, other in itertools.combinations(shown, 2):
                assert (one.n_events - other.n_events) % 10 == 0  # type: ignore[operator]
                assert (one.n_at_risk - other.n_at_risk) % 10 == 0  # type: ignore[operator]

    def test_what_cannot_be(self) -> None:
        with pytest.raises(
            ValueError, match=r"^every step has a time, a number at risk and a number of events$"
        ):
            released_steps([1], [10, 9], [0])
        with pytest.raises(ValueError, match=r"^events are 0 or more, and at most those at risk$"):
            released_steps([1], [10], [11])


class TestMaps:
    def test_eight_addresses(self) -> None:
        found = check_areas({"E01": 8, "E02": 7}, where="map")
        assert found == [Concern("map-addresses", "map/2", "Fewer than 8 addresses in the area", True)]
        assert "E02" not in str(found)

    def test_not_while_the_trial_runs(self) -> None:
        message = "It shows where police act while the trial runs"
        assert check_areas({"E01": 80}, where="map", are_treated_now=True) == [
            Concern("map-addresses", "map", message, blocks=True)
        ]


class TestTableOfAnEffect:
    def test_an_effect_and_its_error_give_the_table_back(self) -> None:
        """Why the rule is there: of all tables with these arms, few fit the three figures of effect and error."""

        def numbers(a: Any, b: Any) -> tuple[Any, Any]:
            p, q = a / 200, b / 200
            return p - q, np.sqrt(p * (1 - p) / 199 + q * (1 - q) / 199)

        effect, error = (float(f"{value:.2e}") for value in numbers(4, 15))
        effects, errors = numbers(np.arange(201)[:, None], np.arange(201)[None, :])
        fits = (abs(effects - effect) <= 5e-5) & (abs(errors - error) <= 5e-5)
        left = {int(a) for a, _ in zip(*np.nonzero(fits), strict=True) if a < 100}
        assert left == {4}


class TestRowsOfChecks:
    def test_a_small_arm_takes_another_and_all_shares_with_it(self) -> None:
        check = {"rows": [{"arm": "a", "n": 200, "share": 0.49}, {"arm": "b", "n": 203, "share": 0.497},
                          {"arm": "c", "n": 5, "share": 0.0122}]}  # fmt: skip
        hidden = hidden_numbers("sample_ratio", check, {})
        assert hidden == {(2, "n"), (0, "n"), (0, "share"), (1, "share"), (2, "share")}
        made = document()
        made["checks"]["sample_ratio"] = {**check, "statistic": 1.0, "explanation": "1.22 % are in 'c'"}
        released = released_document(made, subjects=PEOPLE)["checks"]["sample_ratio"]
        assert released["explanation"] == "Small numbers of this check are not released."
        assert [row["n"] for row in released["rows"]] == [None, 205, None]
        assert released["statistic"] == 1.0

    @pytest.mark.parametrize(
        ("lost", "is_hidden"), [(0, False), (3, True), (9, True), (10, False), (200, False)]
    )
    def test_shares_of_the_lost(self, lost: int, is_hidden: bool) -> None:
        row = {"outcome": "calls", "level": "units", "overall": lost / 400, "differential": lost / 200,
               "cautious_limit": 0.05, "lost_a": lost / 200, "lost_b": 0.0}  # fmt: skip
        check = {"rows": [row, {"level": "Lee bounds", "trimmed": 0.015}], "statistic": lost / 200,
                 "explanation": "Of the units, 0.75 % have no 'calls'."}  # fmt: skip
        hidden = hidden_numbers("attrition", check, {"a": 200, "b": 200})
        assert bool(hidden) == is_hidden
        if is_hidden:
            assert hidden == {
                (0, "lost_a"),
                (0, "lost_b"),
                (0, "overall"),
                (0, "differential"),
                (1, "trimmed"),
            }
            made = document()
            made["checks"]["attrition"] = check
            shown = released_document(made, subjects=PEOPLE, sizes={"a": 200, "b": 200})["checks"][
                "attrition"
            ]
            assert (shown["statistic"], shown["rows"][0]["cautious_limit"]) == (None, 0.05)
            assert "0.75" not in shown["explanation"]

    def test_a_few_places_lost_are_told(self) -> None:
        row = {"outcome": "calls", "overall": 0.0075, "differential": 0.015, "lost_a": 0.015, "lost_b": 0.0}
        made = document()
        made["checks"]["attrition"] = {
            "rows": [row],
            "statistic": 0.015,
            "explanation": "Of the units, 0.75 %.",
        }
        released = released_document(made, subjects={"calls": "place"}, sizes={"a": 200, "b": 200})
        assert released["checks"]["attrition"]["rows"] == [row]
        assert "0.75" in released["checks"]["attrition"]["explanation"]

    @pytest.mark.parametrize(
        ("share", "is_hidden"), [(0.0, False), (0.02, True), (0.05, False), (None, False)]
    )
    def test_shares_that_got_less_than_the_floor(self, share: float | None, is_hidden: bool) -> None:
        check = {
            "rows": [{"arm": "a", "mean_dose": 3.1, "below_floor": share}],
            "explanation": "2 % of its units",
        }
        assert hidden_numbers("dose", check, {"a": 200}) == (
            {(0, "below_floor")} if is_hidden else frozenset()
        )

    @pytest.mark.parametrize(("n_clusters", "is_hidden"), [(412, True), (43, True), (41, False)])
    def test_estimates_without_one_small_cluster(self, n_clusters: int, is_hidden: bool) -> None:
        """412 people: with and without one person, without one of 43 groups of nine or ten, without one of ten."""
        made = document(n_clusters=n_clusters)
        made["checks"]["leave_one_out"] = {
            "statistic": 0.4, "explanation": "'B-07' moves it most.", "verdict": "ok",
            "rows": [{"id": "H1", "cluster": "B-07", "estimate": -1.1}],
        }  # fmt: skip
        released = released_document(made, subjects=PEOPLE)["checks"]["leave_one_out"]
        assert (released["rows"][0]["cluster"] is None) == is_hidden
        assert (released["rows"][0]["estimate"] is None) == is_hidden
        assert (released["statistic"] is None) == is_hidden
        assert ("B-07" not in released["explanation"]) == is_hidden
        assert released_document(made, subjects={"calls": "place"})["checks"]["leave_one_out"]["rows"][0][
            "cluster"
        ]

    def test_of_how_many_is_not_known(self) -> None:
        check = {"rows": [{"overall": 0.3, "differential": 0.1, "lost_a": 0.3}]}
        assert (0, "lost_a") in hidden_numbers("attrition", check, {})


class TestCountsOfADocument:
    def test_almost_the_same_units_twice(self) -> None:
        made = document()
        made["estimates"].append({**ROW, "id": "S1", "n_units": 409, "n_obs": 409})
        assert hidden_counts(made, PEOPLE, DEFAULT) == {"S1"}
        first, second = released_document(made, subjects=PEOPLE)["estimates"]
        assert (first["n_units"], second["n_units"], second["n_treated"]) == (410, None, None)
        assert hidden_counts(made, {"calls": "place"}, DEFAULT) == frozenset()

    def test_a_few_rows_left_out(self) -> None:
        made = document()
        made["data"]["rows"] = 415
        released = released_document(made, subjects=PEOPLE)["data"]
        assert (released["rows"], released["rows_used"]) == (None, 410)
        assert released_document(made, subjects={"calls": "place"})["data"]["rows"] == 415

    def test_an_estimate_that_used_almost_all_rows(self) -> None:
        """The most that any estimate used is all of them; another left three out, which its own count would tell."""
        made = document()
        made["data"] |= {"rows": 415, "rows_used": 415}
        assert released_document(made, subjects=PEOPLE)["data"]["rows"] is None
