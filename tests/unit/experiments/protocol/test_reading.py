"""A protocol is read strictly, and written as it was read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centre.errors import Invalid
from experiments import protocol
from tests.unit.experiments.protocol.documents import COMPLETE, TODAY, changed


def pointers(document: Any) -> dict[str, str]:
    """Return the problems of a document that cannot be read, by their place."""
    with pytest.raises(Invalid) as refusal:
        protocol.from_json(document)
    return {problem.pointer: problem.message for problem in refusal.value.problems}


def test_what_is_read_is_what_is_written() -> None:
    once = protocol.to_json(protocol.from_json(COMPLETE))
    assert protocol.to_json(protocol.from_json(once)) == once
    assert protocol.from_json(once) == protocol.from_json(COMPLETE)


def test_an_empty_document_is_an_empty_protocol() -> None:
    assert len(protocol.problems(protocol.from_json({}), today=TODAY)) > 30


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (changed(notes="x"), "/notes"),
        (changed(sample_size__pwr=0.8), "/sample_size/pwr"),
        (changed(outcomes__0__direction="lower"), "/outcomes/0/direction"),
        (changed(arms="two"), "/arms"),
        (changed(arms__0="treatment"), "/arms/0"),
        (changed(sample_size__power="0.8"), "/sample_size/power"),
        (changed(sample_size__power=True), "/sample_size/power"),
        (changed(sample_size__planned_units=2.5), "/sample_size/planned_units"),
        (changed(design__design="magic"), "/design/design"),
        (changed(dates__first_unit__date="2026-02-31"), "/dates/first_unit/date"),
        (changed(dates__first_unit__date=20260231), "/dates/first_unit/date"),
        (changed(title__public_title="a\x00b"), "/title/public_title"),
        (changed(title__public_title="x" * 151), "/title/public_title"),
        (changed(schema_version=99), "/schema_version"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_what_cannot_be_read_is_named(document: Any, pointer: str) -> None:
    assert pointer in pointers(document)


def test_every_problem_is_named_at_once() -> None:
    found = pointers(changed(notes="x", sample_size__power="much", arms__0__code="T"))
    assert {"/notes", "/sample_size/power", "/arms/0/code"} <= set(found)


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(Invalid, match="is not a section"):
        protocol.section_from_json("weather", {})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(sorted(protocol.SECTIONS)),
)
def test_no_value_of_a_section_causes_anything_but_a_refusal(value: Any, section: str) -> None:
    try:
        found = protocol.section_from_json(section, value)
    except Invalid:
        return
    assert protocol.section_from_json(section, protocol.to_json(found)) == found
