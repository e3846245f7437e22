"""Dates that follow from other dates, and values with a form of their own."""

import datetime as dt
from typing import Any

import pytest

from experiments import protocol
from experiments.protocol.deadlines import final_report_due, longest_embargo, months_after, report_due
from experiments.protocol.formats import is_orcid
from experiments.protocol.plain_words import sentence_length, word_count
from tests.unit.experiments.protocol.documents import TODAY, read


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-08-31", 18, "2029-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-15", 24, "2028-12-15"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: str, months: int, then: str) -> None:
    assert months_after(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(then)


def test_results_are_due_after_a_year_and_the_final_report_after_two() -> None:
    made = read(dates__primary_completion__date="2027-06-30", dates__follow_up_end__date="2027-12-31")
    assert report_due(made) == dt.date(2028, 6, 30)
    assert final_report_due(made) == dt.date(2029, 12, 31)
    assert report_due(protocol.Protocol()) is None


@pytest.mark.parametrize(
    "text", ["0000-0002-1825-0097", "0000-0001-5109-3700", "https://orcid.org/0000-0002-1694-233X"]
)
def test_an_orcid_checks_itself(text: str) -> None:
    """The examples that ORCID's own documentation gives."""
    assert is_orcid(text)


@pytest.mark.parametrize(
    "text", ["0000-0002-1825-0098", "0000000218250097", "0000-0002-1825-009", "person", ""]
)
def test_what_is_no_orcid(text: str) -> None:
    assert not is_orcid(text)


LAST = longest_embargo(TODAY)


@pytest.mark.parametrize(
    ("places", "pointer", "message"),
    [
        (
            {"data__embargo_until": str(LAST + dt.timedelta(days=1))},
            "/data/embargo_until",
            "at most 18 months",
        ),
        ({"team__people__0__orcid": "0000-0002-1825-0098"}, "/team/people/0/orcid", "not an ORCID"),
        (
            {"problem__follows_trials": ["CPP-2026-0001-8"]},
            "/problem/follows_trials/0",
            "is not the number of a registered trial",
        ),
        (
            {"design__concurrent_trials": ["CPP-2026-0001-8"]},
            "/design/concurrent_trials/0",
            "is not the number of a registered trial",
        ),
        (
            {"analysis_documents__sap__sha256": "abc"},
            "/analysis_documents/sap/sha256",
            "A SHA-256 has 64 characters",
        ),
        (
            {"analysis_documents__code__commit": "main"},
            "/analysis_documents/code/commit",
            "A commit is 7 to 64 characters",
        ),
        ({"data__url": "data.example.org"}, "/data/url", "Enter a whole web address"),
        ({"sample_size__icc_low": 0.01}, "/sample_size/icc_high", "Give both ends"),
        (
            {"arms__0__dosage__min_acceptable": 2.0},
            "/arms/0/dosage/min_acceptable",
            "cannot be above the planned",
        ),
        ({"design__buffer_metres": -1.0}, "/design/buffer_metres", "from 0 to 100,000 metres"),
        ({"problem__margin": 0.0}, "/problem/margin", "must be above 0"),
        ({"ethics__decided_on": "2999-01-01"}, "/ethics/decided_on", "cannot be in the future"),
    ],
)
def test_what_cannot_be_right_is_named(places: dict[str, Any], pointer: str, message: str) -> None:
    document = _with(places)
    found = {one.pointer: one.message for one in protocol.faults(protocol.from_json(document), today=TODAY)}
    assert message in found[pointer]


def test_an_icc_lies_inside_its_interval() -> None:
    sizes = {"sample_size__icc_low": 0.03, "sample_size__icc_high": 0.06}
    found = protocol.faults(protocol.from_json(_with({"sample_size__icc": 0.02, **sizes})), today=TODAY)
    assert [one.message for one in found] == ["The ICC must lie inside its interval"]
    assert protocol.faults(protocol.from_json(_with({"sample_size__icc": 0.04, **sizes})), today=TODAY) == []


def test_the_last_day_of_an_embargo_is_allowed() -> None:
    assert protocol.faults(protocol.from_json(_with({"data__embargo_until": str(LAST)})), today=TODAY) == []


def _with(places: dict[str, Any]) -> dict[str, Any]:
    """Return the complete document with values at places it may not have yet."""
    document = protocol.to_json(read())
    for place, value in places.items():
        inner: Any = document
        *path, last = place.split("__")
        for step in path:
            inner = inner[int(step)] if step.isdigit() else inner[step]
        inner[last] = value
    return document


def test_words_and_sentences_are_counted() -> None:
    text = "We try a tactic. It’s short-lived!\nThen we count: nothing else."
    assert word_count(text) == 11
    assert sentence_length(text) == 2.75
    assert sentence_length("") == 0
