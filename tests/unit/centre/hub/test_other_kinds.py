"""Files of outcomes and of stops and searches: what is read, what is refused by its line, and what is told of them."""

import csv
from pathlib import Path
from typing import Any

import pytest

from centre.hub import outcomes, stops
from centre.hub.archives import ArchiveRefused
from centre.hub.counts import Counts
from centre.hub.examination import Examined, ForceNames, examine
from centre.hub.quality.revisions import revision
from centre.hub.reading import FileRefused, Layout
from tests import shared_data
from tests.unit.centre.hub.invented import (
    HERE,
    Row,
    name_of,
    outcome_rows,
    outcomes_text,
    rows,
    stop_rows,
    stops_text,
    tar,
    text,
)

MONTH = "2024-07"
OWN = frozenset({"Testshire Police"})


def changed(given: list[Row], **changes: str) -> list[Row]:
    """Return rows with the fourth changed; words of a column's name are joined by an underscore."""
    given[3] |= {name.replace("_", " "): value for name, value in changes.items()}
    return given


def of_outcomes(given: list[Row]) -> Counts:
    lines = outcomes.read(outcomes_text(given), month=MONTH, names=OWN)
    return outcomes.profile(lines, force="testshire", month=MONTH)


def of_stops(given: list[Row]) -> Counts:
    return stops.profile(stops.read(stops_text(given), month=MONTH), force="testshire", month=MONTH)


def test_outcomes_are_counted() -> None:
    again = outcome_rows(MONTH)
    again[0] |= {"Location": "No Location"} | dict.fromkeys(("Longitude", "Latitude", "LSOA code"), "")
    found = of_outcomes([*again, again[0]])
    assert (found.rows, found.crimes, found.no_location, found.faults) == (21, 20, 2, ())
    assert found.outcomes == {
        "Investigation complete; no suspect identified": 10,
        "Unable to prosecute suspect": 11,
    }


def test_stops_are_counted_and_nothing_that_describes_a_person_is_kept() -> None:
    lines = stops.read(stops_text(stop_rows(MONTH)), month=MONTH)
    assert not set(lines.table.column_names) & set(stops.PERSONAL)
    found = of_stops(stop_rows(MONTH))
    assert (found.rows, found.no_location, found.crimes, found.faults) == (30, 3, None, ())
    assert (found.types, found.outcomes) == (
        {"Person search": 30},
        {"A no further action disposal": 25, "Arrest": 5},
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Month": "2024-06"}, "line 5: Month is '2024-06'; the file is of 2024-07"),
        (
            {"Reported_by": "Otherton Police"},
            "line 5: reported by 'Otherton Police'; the file is of Testshire",
        ),
        ({"Crime_ID": "12"}, "line 5, column Crime ID: expected 64 hexadecimal digits, not '12'"),
        ({"Outcome_type": ""}, "line 5, column Outcome type: expected an outcome, not ''"),
        ({"Latitude": "north"}, "line 5, column Latitude: expected degrees"),
    ],
)
def test_an_outcome_that_is_none(changes: dict[str, str], words: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        of_outcomes(changed(outcome_rows(MONTH), **changes))
    assert words in refusal.value.problems[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Date": "2024-06-30T22:59:59+00:00"}, "line 5: Date is '2024-06-30T22:59:59+00:00'; the file is"),
        ({"Date": "2024-08-01T00:00:00+00:00"}, "the file is of 2024-07"),
        ({"Date": "2024-07-32T00:00:00+00:00"}, "line 5, column Date: expected a date such as"),
        ({"Date": "2024-07-01T24:00:00+00:00"}, "line 5, column Date: expected a date such as"),
        ({"Date": "2024-07-01"}, "line 5, column Date: expected a date such as"),
        ({"Type": "Search"}, "line 5, column Type: expected Person search or Vehicle search"),
        ({"Age_range": "12"}, "line 5, column Age range: expected under 10"),
        ({"Gender": "M"}, "line 5, column Gender: expected Male or Female or Other or nothing, not 'M'"),
        ({"Officer-defined_ethnicity": "Unknown"}, "line 5, column Officer-defined ethnicity"),
        ({"Part_of_a_policing_operation": "No"}, "expected True or False or nothing, not 'No'"),
        ({"Longitude": "1e3"}, "line 5, column Longitude: expected degrees"),
    ],
)
def test_a_stop_that_is_none(changes: dict[str, str], words: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        of_stops(changed(stop_rows(MONTH), **changes))
    assert words in refusal.value.problems[0]


def test_the_first_hour_of_a_summer_month_is_in_it() -> None:
    assert of_stops(changed(stop_rows(MONTH), Date="2024-06-30T23:00:00+00:00")).rows == 30


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("outcome_unknown", lambda: of_outcomes(changed(outcome_rows(MONTH), Outcome_type="Thanked"))),
        ("place_in_part", lambda: of_outcomes(changed(outcome_rows(MONTH), LSOA_code=""))),
        ("coordinates_in_part", lambda: of_stops(changed(stop_rows(MONTH), Longitude=""))),
        (
            "coordinates_exchanged",
            lambda: of_stops(changed(stop_rows(MONTH), Longitude="51.24", Latitude="-0.5")),
        ),
        ("coordinates_outside", lambda: of_stops(changed(stop_rows(MONTH), Longitude="10.0"))),
    ],
)
def test_a_row_that_cannot_be_is_kept_and_told_with_its_line(rule: str, found: Any) -> None:
    (fault,) = found().faults
    assert (fault.rule, fault.rows, fault.lines) == (rule, 1, (5,))


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("outcomes", text(rows(MONTH)), "not the columns of a file of outcomes"),
        (
            "stop-and-search",
            stops_text(stop_rows(MONTH)).replace(b"Latitude,Longitude", b"Longitude,Latitude"),
            "line 1: the columns must stand in the order",
        ),
        ("stop-and-search", stops_text(stop_rows(MONTH))[:-20], "line 31: the file is cut off here"),
        (
            "stop-and-search",
            stops_text(stop_rows(MONTH)).replace(b"Controlled drugs", b"Drugs, controlled"),
            "16 fields; a file of stops and searches has 15",
        ),
        ("outcomes", outcomes_text([]), "a header and no rows"),
    ],
)
def test_one_bad_file_and_the_archive_is_refused(
    tmp_path: Path, kind: str, content: bytes, words: str
) -> None:
    given = {name_of(MONTH): text(rows(MONTH)), name_of(MONTH, kind=kind): content}
    with pytest.raises(ArchiveRefused) as refusal:
        examine(tar(tmp_path / "a.tar.gz", given), forces={"testshire": ForceNames(OWN, HERE)})
    assert all(one.startswith(name_of(MONTH, kind=kind)) for one in refusal.value.problems)
    assert words in refusal.value.problems[0]


def test_all_kinds_of_an_archive_are_examined(tmp_path: Path) -> None:
    given = {
        name_of(MONTH): text(rows(MONTH)),
        name_of(MONTH, kind="outcomes"): outcomes_text(outcome_rows(MONTH)),
        name_of(MONTH, kind="stop-and-search"): stops_text(stop_rows(MONTH)),
    }
    seen: dict[str, Examined] = {}
    found = examine(
        tar(tmp_path / "a.tar.gz", given), keep=lambda one: seen.setdefault(one.member.kind, one) and None
    )
    assert (found.passed_over, [one.rows for one in found.series[0].profiles]) == ((), [40])
    assert [(one["kind"], one["rows"]) for one in found.as_json()["other_files"]] == [
        ("outcomes", 20),
        ("stop-and-search", 30),
    ]
    street, of_outcome, searched = (seen[kind].ids for kind in ("street", "outcomes", "stop-and-search"))
    assert street is not None
    assert of_outcome is not None
    assert set(of_outcome) - set(street) == set()
    assert searched is None


def test_versions_of_stops_are_compared_in_tens_and_small_counts_are_not_told() -> None:
    before, after = of_stops(stop_rows(MONTH)), of_stops(stop_rows(MONTH, 60))
    found = revision(before, after, None, None)
    assert (found.of_people, found.gained, found.lost) == (True, None, None)
    assert {one.what: (one.before, one.after) for one in found.changes} == {
        "Rows": (30, 60),
        "Person search": (30, 60),
        "A no further action disposal": (30, 50),
    }


def test_versions_of_one_kind_are_compared() -> None:
    with pytest.raises(ValueError, match="two versions"):
        revision(of_outcomes(outcome_rows(MONTH)), of_stops(stop_rows(MONTH)), None, None)


@pytest.mark.parametrize(("n", "said"), [(0, 0), (1, None), (9, None), (10, 10), (14, 10), (15, 20)])
def test_a_count_of_people_as_it_may_be_told(n: int, said: int | None) -> None:
    assert stops.told(n) == said


@pytest.mark.parametrize("layout", [("outcomes", outcomes.LAYOUT), ("stop-and-search", stops.LAYOUT)])
def test_columns_are_those_of_the_reference(layout: tuple[str, Layout]) -> None:
    path = shared_data.find("file_schemas.csv")
    if path is None:
        pytest.skip("the reference is not beside the checkout")
    table = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert tuple(row["column"] for row in table if row["file"] == layout[0]) == layout[1].columns
