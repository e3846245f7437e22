"""Result documents: what blocks a release, what an exception opens, and what is rounded."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from experiments.disclosure import (
    Behind,
    Concern,
    Policy,
    check_differences,
    check_document,
    check_figure,
    check_sum,
    is_blocked,
    released_document,
)

ROW = {
    "id": "H1", "role": "primary", "outcome": "calls", "estimand": "ITT", "estimator": "difference_in_means",
    "covariance": "HC2", "status": "ok", "reason": None, "estimate": -1.23456, "std_error": 0.456789, "df": 38.21,
    "statistic": -2.7026, "p_value": 0.0102345, "p_value_adjusted": 0.0204690, "conf_low": -2.1594,
    "conf_high": -0.3097, "conf_level": 0.95, "scale": "difference", "yi": None, "vi": None, "pct_change": None,
    "n_obs": 412, "n_units": 412, "n_clusters": 43, "n_treated": 203, "icc": 0.04321, "mde": 1.2821, "warnings": [],
    "terms": [{"term": "treatment", "estimate": -1.23456, "std_error": 0.456789, "conf_low": -2.1594,
               "conf_high": -0.3097, "band_low": None, "band_high": None}],
}  # fmt: skip
PEOPLE = {"calls": "person"}
FORCES = {"calls": "force"}


def document(**changes: Any) -> dict[str, Any]:
    return {
        "result_version": 1,
        "estimates": [{**copy.deepcopy(ROW), **changes}],
        "checks": {"balance": {"statistic": 1.23456, "df": 3, "p_value": 0.74444, "verdict": "ok",
                               "explanation": "", "rows": [{"column": "age", "difference": 0.012345}]}},
        "data": {"sha256": "a" * 64, "rows": 430, "rows_used": 412, "rows_dropped": []},
        "plan_sha256": "b" * 64,
        "provenance": {"engine_version": "1", "seconds": 0.123456, "seed": 20261123},
    }  # fmt: skip


def rules(found: list[Concern]) -> list[tuple[str, bool]]:
    return [(concern.rule, concern.blocks) for concern in found]


class TestEstimates:
    def test_a_large_trial_has_no_concerns(self) -> None:
        assert check_document(document(), subjects=PEOPLE) == []

    @pytest.mark.parametrize(
        ("changes", "rule", "message"),
        [
            ({"n_treated": 9}, "small-cell", "Fewer than 10 treated units; not released"),
            ({"n_treated": 404}, "small-cell", "Fewer than 10 untreated units; not released"),
            ({"df": 9.8}, "residual-df", "Fewer than 10 residual degrees of freedom"),
            ({"df": None, "n_clusters": 10}, "residual-df", "Fewer than 10 residual degrees of freedom"),
            ({"terms": ROW["terms"] * 412}, "saturated", "As many terms as units: this is a table of units"),  # type: ignore[operator]
            ({"std_error": 0.0}, "saturated", "A standard error of 0: the model only describes its own rows"),
        ],
    )  # fmt: skip
    def test_small_cells_of_people_block_whatever_the_reason(
        self, changes: dict[str, Any], rule: str, message: str
    ) -> None:
        for exception in ("", "We would like to"):
            found = check_document(document(**changes), subjects=PEOPLE, exception=exception)
            assert found == [Concern(rule, "estimates/H1", message, blocks=True)]

    def test_an_unnamed_outcome_is_about_people(self) -> None:
        assert is_blocked(check_document(document(n_treated=9), subjects={}, exception="reason"))

    def test_twelve_forces_need_a_reason(self) -> None:
        small = document(n_units=12, n_treated=6, n_clusters=12, df=9.5)
        assert rules(check_document(small, subjects=FORCES)) == [
            ("small-cell", True), ("small-cell", True), ("residual-df", True)]  # fmt: skip
        found = check_document(small, subjects=FORCES, exception="Forces, each with thousands of calls")
        assert rules(found) == [("small-cell", False), ("small-cell", False), ("residual-df", False)]
        assert all("Forces, each with thousands of calls" in concern.message for concern in found)

    def test_everyone_treated_in_the_end_is_no_empty_cell(self) -> None:
        assert check_document(document(n_treated=412), subjects=PEOPLE) == []

    def test_further_cells(self) -> None:
        behind = Behind(
            groups={"units of cohort 13": 4, "units of cohort 14": 10},
            table={"treated units with it": 3, "treated units without it": 10},
            steps={"treated units at step 4": 10, "treated units at step 5": 9},
        )
        assert check_document(document(), subjects=PEOPLE, behind={"H1": behind}, exception="please") == [
            Concern("dummy-units", "estimates/H1",
                    "Fewer than 10 units of cohort 13; the model tells them apart", True),
            Concern("effect-table", "estimates/H1",
                    "Fewer than 10 treated units with it: effect and error together give this away", True),
            Concern("at-risk", "estimates/H1", "Fewer than 10 treated units at step 5", True),
        ]  # fmt: skip

    def test_a_reason_is_read_by_a_person(self) -> None:
        found = check_document(
            document(status="not_estimable", reason="No estimate: too few"), subjects=PEOPLE
        )
        assert found == [
            Concern(
                "text-reason", "estimates/H1", "Read the reason given: No estimate: too few", blocks=False
            )
        ]

    def test_extremes_and_unit_level_numbers_never(self) -> None:
        carrying = document()
        carrying["checks"]["balance"]["rows"].append({"column": "age", "max": 64, "residuals": [0.1]})
        found = check_document(carrying, subjects=FORCES, exception="reason")
        assert found == [
            Concern("never-released", "checks/balance/rows/1/max", "'max' is never released", blocks=True),
            Concern(
                "never-released",
                "checks/balance/rows/1/residuals",
                "'residuals' is never released",
                blocks=True,
            ),
        ]

    def test_units_named_in_a_text(self) -> None:
        named = document(warnings=["Unit HS-014 has no baseline."])
        found = check_document(named, subjects=PEOPLE, identifiers=["HS-014", "7", "412"])
        assert found == [
            Concern("text-unit", "estimates/0/warnings/0", "The text names a unit of the trial", blocks=True)
        ]
        assert check_document(named, subjects=PEOPLE, identifiers=["HS-01", "7", "1112.0"]) == []

    def test_small_numbers_that_the_release_hides_are_mentioned(self) -> None:
        dropping = document()
        dropping["data"]["rows_dropped"] = [{"reason": "missing outcome", "count": 3}]
        dropping["checks"]["balance"]["rows"][0]["n_units"] = 4
        found = check_document(dropping, subjects=PEOPLE)
        assert rules(found) == [("small-cell", False), ("small-cell", False)]
        released = released_document(dropping, subjects=PEOPLE)
        assert released["data"]["rows_dropped"] == [{"reason": "missing outcome", "count": None}]
        assert released["checks"]["balance"]["rows"][0]["n_units"] is None


class TestDifferences:
    @pytest.mark.parametrize(("n_units", "blocks"), [(412, False), (411, True), (403, True), (402, False)])
    def test_a_few_people_apart(self, n_units: int, blocks: bool) -> None:
        found = check_differences(document(n_units=n_units), [("release 1", document())], subjects=PEOPLE)
        assert is_blocked(found) == blocks
        if blocks:
            assert found[0].message == "Fewer than 10 units apart from H1 of release 1"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"n_treated": 200}, "Fewer than 10 treated units apart from H1 of release 1"),
            ({"n_obs": 415}, "Fewer than 10 rows apart from H1 of release 1"),
            ({"n_units": 423, "n_treated": 213}, "Fewer than 10 untreated units apart from H1 of release 1"),
        ],
    )
    def test_a_few_in_one_arm_or_a_few_rows(self, changes: dict[str, Any], message: str) -> None:
        found = check_differences(document(**changes), [("release 1", document())], subjects=PEOPLE)
        assert found == [Concern("differencing", "estimates/H1", message, blocks=True)]

    def test_a_few_in_a_row_of_a_check(self) -> None:
        def checked(n: int | None) -> dict[str, Any]:
            made = document()
            made["checks"]["sample_ratio"] = {"rows": [{"arm": "treatment", "n": n}]}
            return made

        assert check_differences(checked(203), [("r", checked(203))], subjects=PEOPLE) == []
        [found] = check_differences(checked(203), [("r", checked(198))], subjects=PEOPLE)
        assert (found.where, found.blocks) == ("checks/sample_ratio/treatment", True)
        assert check_differences(checked(203), [("r", checked(None))], subjects=PEOPLE) == []

    def test_forces_and_other_outcomes_are_no_matter(self) -> None:
        assert check_differences(document(n_units=411), [("r", document())], subjects=FORCES) == []
        assert check_differences(document(n_units=411), [("r", document(outcome="x"))], subjects=PEOPLE) == []


class TestReleasedDocument:
    def test_people(self) -> None:
        released = released_document(document(), subjects=PEOPLE)
        [row] = released["estimates"]
        assert (row["estimate"], row["std_error"], row["p_value"]) == (-1.23, 0.457, 0.0102)
        assert (row["n_obs"], row["n_units"], row["n_treated"], row["n_clusters"]) == (410, 410, 205, 45)
        assert row["terms"][0]["conf_low"] == -2.16
        assert row["terms"][0]["band_low"] is None
        assert row["conf_level"] == 0.95
        assert released["data"]["rows"] == 430
        assert released["checks"]["balance"]["rows"][0]["difference"] == 0.0123
        assert released["provenance"] == document()["provenance"]
        assert released["disclosure"] == {
            "threshold": 10, "rounding_base": 5, "significant_figures": 3, "exception": None}  # fmt: skip
        json.dumps(released, allow_nan=False)

    def test_rows_that_the_document_does_not_count_stay_out(self) -> None:
        given = document()
        del given["data"]["rows_used"]
        released = released_document(given, subjects=PEOPLE)
        assert released["data"] == {"sha256": "a" * 64, "rows": 430, "rows_dropped": []}

    def test_thresholds_that_the_centre_signed_are_named(self) -> None:
        released = released_document(document(), subjects=PEOPLE, policy=Policy(threshold=20, version=3))
        assert released["disclosure"] == {
            "threshold": 20, "rounding_base": 5, "significant_figures": 3, "exception": None, "policy_version": 3,
        }  # fmt: skip

    def test_forces_are_counted_exactly(self) -> None:
        small = document(n_units=12, n_treated=6, n_clusters=12)
        released = released_document(small, subjects=FORCES, exception=" Twelve forces ")
        [row] = released["estimates"]
        assert (row["n_units"], row["n_treated"]) == (12, 6)
        assert row["estimate"] == -1.23
        assert released["disclosure"]["exception"] == "Twelve forces"

    def test_the_document_given_is_left_alone(self) -> None:
        given = document()
        released_document(given, subjects=PEOPLE)
        assert given == document()


class TestSums:
    @pytest.mark.parametrize(
        ("contributions", "found"),
        [
            ([10.0] * 10, []),
            ([10.0] * 9, [("sum-contributors", True)]),
            ([500, 400, *[5] * 20], [("sum-dominance", True)]),  # 900 of 1,000
            ([500, 399, *[5] * 20], []),
            ([1000, 500, *[9] * 11], [("sum-dominance", True), ("sum-p-ratio", True)]),  # 99 of 1,000
            ([-1.0, *[10.0] * 10], [("sum-negative", False)]),
            ([0.0] * 10, []),
        ],
    )
    def test_rules(self, contributions: list[float], found: list[tuple[str, bool]]) -> None:
        assert rules(check_sum(contributions, where="cost")) == found


class TestFigures:
    def test_a_plain_drawing(self) -> None:
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Effect</title><path class="line" d="M0 0"/></svg>'
        assert check_figure(svg, where="h1.svg") == []

    @pytest.mark.parametrize(
        "part",
        [b"<metadata>x</metadata>", b"<!-- HS-014 -->", b"<script/>", b'<g onclick="x"/>', b'<image href="#a"/>',
         b'<use href="https://example.org/x"/>', b'<g data-unit="HS-014"/>'],
    )  # fmt: skip
    def test_what_it_may_not_carry(self, part: bytes) -> None:
        assert is_blocked(check_figure(b"<svg>" + part + b"</svg>", where="h1.svg"))
