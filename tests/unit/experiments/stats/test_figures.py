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
