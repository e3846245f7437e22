"""Drawings: well-formed, titled, nothing that a strict page would refuse, and the numbers of the document."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from experiments import stats
from experiments.stats.figures import figures
from tests.reference import vectors
from tests.unit.experiments.stats import plans
from tests.unit.experiments.stats.panels import plan

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    wanted = plan("callaway_santanna", options={"aggregation": "dynamic"})
    wanted["estimates"].append(
        {**wanted["estimates"][0], "id": 'H2 "<two>"', "estimator": "twfe", "options": {}}
    )
    found: dict[str, Any] = stats.run(wanted, vectors.panel()).document()
    return found


def test_one_drawing_of_each_scale_and_of_each_event_study(document: dict[str, Any]) -> None:
    assert sorted(figures(document)) == ["estimates-difference.svg", "event-study-H1.svg"]


def test_drawings_are_titled_and_carry_nothing_but_shapes(document: dict[str, Any]) -> None:
    for text in figures(document).values():
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.find(f"{SVG}title") is not None
        assert root.find(f"{SVG}desc") is not None
        assert root.get("role") == "img"
        assert set(root.get("aria-labelledby", "").split()) == {
            root.find(f"{SVG}title").get("id"),  # type: ignore[union-attr]
            root.find(f"{SVG}desc").get("id"),  # type: ignore[union-attr]
        }
        assert not re.search(r"style=|class=|<script|<style|href|\son\w+=|nan|inf", text)


def test_a_drawing_is_the_same_bytes_each_time_and_in_any_order(document: dict[str, Any]) -> None:
    again = stats.run(
        plan("callaway_santanna", options={"aggregation": "dynamic"}), vectors.panel().iloc[::-1]
    )
    assert figures(again.document())["event-study-H1.svg"] == figures(document)["event-study-H1.svg"]


def test_every_event_time_has_its_mark_and_every_estimate_its_line(document: dict[str, Any]) -> None:
    drawn = figures(document)
    terms = document["estimates"][0]["terms"]
    assert drawn["event-study-H1.svg"].count("<circle") == len(terms)
    assert drawn["estimates-difference.svg"].count("<circle") == 2
    assert "H2 &quot;&lt;two&gt;&quot;" in drawn["estimates-difference.svg"]


def test_what_was_not_estimable_is_not_drawn() -> None:
    refused = stats.run(plan("two_by_two"), vectors.panel()).document()
    assert figures(refused) == {}


def test_ratios_are_drawn_as_ratios() -> None:
    wanted = plans.plan(plans.estimate("poisson", outcome="count", covariance="CR2"))
    drawn = figures(stats.run(wanted, vectors.clusters()).document())
    assert list(drawn) == ["estimates-log-rate-ratio.svg"]
    assert "Rate ratio" in drawn["estimates-log-rate-ratio.svg"]


@pytest.fixture(scope="module")
def checked() -> dict[str, Any]:
    """A staggered plan with the two checks that have a drawing, and a synthetic control."""
    wanted = plan("twfe", checks=("bacon", "honest_did"))
    found: dict[str, Any] = stats.run(wanted, vectors.panel()).document()
    block = vectors.panel()
    block = block[block["first"].isin([0, 6])]
    control = stats.run(plan("synthetic_control", id="S1"), block).document()
    found["estimates"] += control["estimates"]
    return found


def test_checks_and_synthetic_controls_have_their_drawings(checked: dict[str, Any]) -> None:
    assert sorted(figures(checked)) == [
        "bacon-H1.svg",
        "estimates-difference.svg",
        "honest-did-relative-magnitude-H1.svg",
        "honest-did-smoothness-H1.svg",
        "placebo-gaps-S1.svg",
        "synthetic-control-S1.svg",
    ]
    test_drawings_are_titled_and_carry_nothing_but_shapes(checked)


def test_the_love_plot_has_a_point_for_each_covariate_with_the_widest_first() -> None:
    estimate = plans.estimate("ancova", covariates=["x", "count"])
    document = stats.run(plans.plan(estimate, checks=["balance"]), vectors.clusters()).document()
    drawn = figures(document)["balance.svg"]
    rows = document["checks"]["balance"]["rows"]
    assert drawn.count("<circle") == len(rows) == 2
    widest = max(rows, key=lambda row: abs(row["standardised_difference"]))["covariate"]
    assert min(("x", "count"), key=lambda name: drawn.index(f">{name}<")) == widest
    boundless = [{"covariate": "z", "standardised_difference": None}, *rows]
    drawn = figures({**document, "checks": {"balance": {"rows": boundless}}})["balance.svg"]
    assert drawn.count("<circle") == 2
    assert "no bound" in drawn
    test_drawings_are_titled_and_carry_nothing_but_shapes(document)


def test_every_comparison_has_its_mark_of_its_kind(checked: dict[str, Any]) -> None:
    drawn, rows = figures(checked)["bacon-H1.svg"], checked["checks"]["bacon"]["rows"]
    kinds = [row["type"] for row in rows]
    legend = {kind: 1 for kind in set(kinds)}
    assert drawn.count('fill="none" stroke="currentColor"/>') == sum(
        kinds.count(kind) + legend[kind] for kind in ("treated_v_never", "earlier_v_later")
    )
    assert drawn.count('r="3.0" fill="currentColor"') == kinds.count("later_v_earlier") + 1


def test_every_size_of_departure_has_its_bar_and_open_ends_an_arrow(checked: dict[str, Any]) -> None:
    drawn = figures(checked)["honest-did-relative-magnitude-H1.svg"]
    rows = [
        row
        for row in checked["checks"]["honest_did"]["rows"]
        if row["method"] == "relative_magnitude" and row["target"] == "first"
    ]
    open_ends = sum(row[key] is None for row in rows for key in ("conf_low", "conf_high"))
    assert drawn.count('stroke-width="1.5"') == len(rows) - 1
    assert drawn.count("<path") == open_ends
    row = checked["checks"]["honest_did"]["rows"][0] | {"conf_low": None, "m": 1.0}
    lowered = {**checked["checks"], "honest_did": {"rows": [rows[0], row]}}
    assert figures({**checked, "checks": lowered})["honest-did-relative-magnitude-H1.svg"].count("<path") == 1


def test_both_paths_and_every_placebo_are_drawn(checked: dict[str, Any]) -> None:
    drawn = figures(checked)
    assert drawn["synthetic-control-S1.svg"].count("<polyline") == 2
    assert drawn["placebo-gaps-S1.svg"].count("<polyline") == 7
    assert "6 faint lines" in drawn["placebo-gaps-S1.svg"]
