"""The funnel as a drawing: a mark for each force, names for those outside and for the one asked for."""

import xml.etree.ElementTree as ElementTree

from centre.hub.standards.drawing import draw
from centre.hub.standards.families import Family
from centre.hub.standards.funnel import Spread, funnel
from tests.unit.centre.hub.standards.made import figures

SVG = "{http://www.w3.org/2000/svg}"


def _drawn(marked: frozenset[str] = frozenset(), family: Family = Family.RATE) -> ElementTree.Element:
    found = funnel(
        figures([40, 55, 48, 61, 52, 47, 50, 95], [1000.0, 1200, 900, 1300, 1000, 950, 1000, 1000]),
        family,
        Spread.CHANCE,
    )
    names = {f"f{at}": f"Force <{at}>" for at in range(8)}
    return ElementTree.fromstring(
        draw("f", "Title & more", found, names, scale=1000, across_words="Residents", marked=marked)
    )


def test_each_force_has_one_mark_and_those_outside_their_names() -> None:
    svg = _drawn()
    assert (len(svg.findall(f"{SVG}circle")), len(svg.findall(f"{SVG}polygon"))) == (7, 1)
    words = [one.text for one in svg.findall(f"{SVG}text")]
    assert "Force <7>" in words
    assert "Force <0>" not in words
    assert len(svg.findall(f"{SVG}polyline")) == 4


def test_the_force_asked_for_is_a_square_with_its_name() -> None:
    svg = _drawn(frozenset({"f2"}), Family.PROPORTION)
    assert len(svg.findall(f"{SVG}rect")) == 1
    assert "Force <2>" in [one.text for one in svg.findall(f"{SVG}text")]
