"""Units that are not seen in every period: left out with a word, or kept with the rows they have."""

from typing import Any

import pandas as pd
import pytest

from experiments import stats
from experiments.stats.errors import BadData, BadPlan
from tests.reference import vectors
from tests.unit.experiments.stats import panels, rows

ROWS = vectors.rows()
PANEL = vectors.panel()
GAP = PANEL.drop(index=PANEL[(PANEL["unit"] == 3) & (PANEL["period"] == 2)].index)


def kept(frame: pd.DataFrame, **options: Any) -> dict[str, Any]:
    return panels.made(frame, rows.CS, options=rows.KEEP | options)


def test_units_with_gaps_are_left_out_and_the_reader_is_told_what_else_there_is() -> None:
    document = stats.run(panels.plan(rows.CS, covariance="analytic"), GAP).document()
    found = document["estimates"][0]
    assert (found["n_units"], found["n_obs"]) == (23, 184)
    assert document["data"]["rows_dropped"] == [
        {"reason": "the unit is not seen in every period", "count": 7}
    ]
    assert found["warnings"][0] == (
        "1 of 24 units are not seen in every period and were left out with all their rows; the option unbalanced "
        "'keep' uses the rows they have"
    )
    assert "rows" not in document["provenance"]["ssc"]["H1"]


def test_kept_units_bring_their_rows_and_their_reader_is_told() -> None:
    document = stats.run(panels.plan(rows.CS, options=rows.KEEP, covariance="analytic"), GAP).document()
    found = document["estimates"][0]
    assert (found["n_units"], found["n_obs"], found["n_clusters"]) == (24, 191, 24)
    assert document["data"]["rows_dropped"] == []
    assert found["warnings"][0].startswith(
        "1 of 24 units are not seen in every period; the rows they have are"
    )
    assert document["provenance"]["ssc"]["H1"]["rows"] == "of units with gaps, as cross-sections"


def test_a_whole_panel_is_one_whatever_the_option() -> None:
    """As in R did, which goes back to the estimators of panels; with covariates the two forms differ."""
    asked: dict[str, Any] = {"covariates": ["x"]}
    one = panels.made(PANEL, rows.CS, **asked)
    other = panels.made(PANEL, rows.CS, **asked, options=rows.KEEP)
    assert other == one


def test_units_that_were_always_treated_are_no_gap() -> None:
    frame = pd.concat([PANEL, PANEL[PANEL["unit"] == 1].head(3).assign(unit=99, first=1)])
    assert kept(frame)["estimate"] == panels.made(PANEL, rows.CS)["estimate"]
    document = stats.run(panels.plan(rows.CS, options=rows.KEEP), frame).document()
    assert [row["count"] for row in document["data"]["rows_dropped"]] == [3]


def test_a_last_cohort_that_only_compares_and_anticipation() -> None:
    """csdid 0.4.3, ``allow_unbalanced_panel=True``: no unit is never treated."""
    frame = ROWS[ROWS["first"] > 0]
    found = kept(frame, control_group="not_yet_treated")
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (0.267911596737, 0.254427828358), abs=1e-11
    )
    options = rows.KEEP | {"control_group": "not_yet_treated", "anticipation": 1}
    found = panels.made(frame, rows.CS, covariates=["x"], columns={"weight": "w"}, options=options)
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (0.300066255346, 0.314874879254), abs=1e-11
    )


def test_units_that_are_all_seen_once_are_cross_sections() -> None:
    once = ROWS.assign(unit=range(len(ROWS)))
    found = panels.row(once, rows.CS)
    assert found["status"] == "not_estimable"
    assert "for repeated cross-sections, leave 'unit' out of the plan's columns" in found["reason"]


def test_a_panel_without_a_whole_unit_is_told_of_the_option() -> None:
    found = panels.row(ROWS[ROWS["unit"].isin(gappy())], rows.CS)
    assert found["status"] == "not_estimable"
    assert found["reason"].endswith("the option unbalanced 'keep' uses the rows they have")


def gappy() -> list[int]:
    """Return the units that miss a period."""
    count = ROWS.groupby("unit").size()
    return [int(unit) for unit in count.index[count < 8]]


def test_the_randomisation_of_units_with_gaps_is_refused() -> None:
    found = panels.row(ROWS, rows.CS, options=rows.KEEP, covariance="randomisation")
    assert "starting dates cannot be redrawn over rows that are not followed" in found["reason"]


def test_a_unit_twice_in_a_period_is_still_a_fault_of_the_data() -> None:
    with pytest.raises(BadData, match="appears twice in period"):
        kept(pd.concat([ROWS, ROWS.head(1)]))


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(BadPlan, match="unbalanced"):
        panels.row(PANEL, rows.CS, options={"unbalanced": "fill"})


def test_bacon_needs_a_panel_without_gaps_and_the_other_checks_do_not() -> None:
    checks = ("pre_trends", "bacon", "honest_did", "leave_one_out")
    plan = panels.plan(rows.CS, options=rows.KEEP | {"aggregation": "dynamic"}, checks=checks)
    found = stats.run(plan, ROWS).document()["checks"]
    assert found["bacon"]["explanation"] == "the decomposition needs a panel without gaps"
    assert [found[name]["verdict"] for name in checks if name != "bacon"] == ["ok", "ok", "ok"]
