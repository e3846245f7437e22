"""Street files: what is read, what is refused by its line, and the rules that rows break."""

import csv
from pathlib import Path

import pytest

from centre.hub import areas as lookups
from centre.hub.areas import LookupRefused
from centre.hub.reading import FileRefused
from centre.hub.street import faults
from centre.hub.street.labels import COLUMNS, categories, outcomes
from centre.hub.street.profile import Profile, hashes, profile
from centre.hub.street.reading import read
from tests import shared_data
from tests.unit.centre.hub.invented import AREAS, HERE, Row, rows, text

MONTH = "2024-01"


def changed(at: int, **changes: str) -> list[Row]:
    """Return a month's rows with one changed; words of a column's name are joined by an underscore."""
    given = rows(MONTH)
    given[at] |= {name.replace("_", " "): value for name, value in changes.items()}
    return given


def problems(content: bytes, names: frozenset[str] = frozenset()) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        read(content, month=MONTH, names=names)
    return refusal.value.problems


def test_a_file_as_published() -> None:
    found = profiled(rows(MONTH))
    assert (found.rows, found.no_location, found.located, found.with_id) == (40, 2, 38, 32)
    assert (found.areas, found.repeated_ids, found.faults) == (6, 0, ())
    assert found.categories == {"Anti-social behaviour": 8, "Burglary": 32}
    assert (found.in_known_district, found.foreign, found.unknown_codes) == (38, 0, 0)
    assert found.vintage == "unclear"


def profiled(given: list[Row]) -> Profile:
    street = read(text(given), month=MONTH, names=frozenset({"Testshire Police"}))
    return profile(street, force="testshire", month=MONTH, areas=AREAS, pfa_code=HERE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (text([]), "a header and no rows"),
        (
            text(rows(MONTH)).replace(b"Longitude,Latitude", b"Latitude,Longitude"),
            "line 1: the columns must stand in",
        ),
        (text(rows(MONTH)).replace(b"Crime type", b"Offence"), "missing: Crime type; unknown: Offence"),
        (text(rows(MONTH)).replace(b"Street 1", b"Stra\xdfe 1"), "line 3: not UTF-8 text"),
        (text(rows(MONTH)).replace(b"Street 1", b"Str\x00t 1"), "line 3: holds a NUL character"),
        (text(rows(MONTH))[:-60], "line 41: the file is cut off here"),
        (text(rows(MONTH)).replace(b"Street 2", b"Street, 2"), "line 4: 13 fields; a street file has 12"),
        (text(changed(3, Month="2024-02")), "line 5: Month is '2024-02'; the file is of 2024-01"),
        (
            text(changed(3, Reported_by="Otherton Police")),
            "more than one force: Otherton Police, Testshire Police",
        ),
        (text(changed(3, Longitude="On or near")), "line 5, column Longitude: expected degrees"),
        (text(changed(3, Latitude="NaN")), "line 5, column Latitude: expected degrees"),
    ],
)
def test_a_file_that_is_none(content: bytes, words: str) -> None:
    assert any(words in problem for problem in problems(content)), problems(content)


def test_a_file_of_another_force() -> None:
    found = problems(text(rows(MONTH)), frozenset({"Otherton Police"}))
    assert found == ["line 2: reported by 'Testshire Police'; the file is of Otherton Police"]


def test_a_shifted_column_is_refused_and_not_guessed() -> None:
    shifted = [{**row, "Longitude": row["Falls within"], "Latitude": row["Longitude"]} for row in rows(MONTH)]
    found = problems(text(shifted))
    assert found[0] == "line 2, column Longitude: expected degrees such as 51.240000, not 'Testshire Police'"
    assert len(found) == 20


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("coordinates_in_part", {"Longitude": ""}),
        ("place_in_part", {"LSOA_code": ""}),
        ("place_in_part", {"Location": "No Location"}),
        ("coordinates_exchanged", {"Longitude": "51.24", "Latitude": "-0.5"}),
        ("coordinates_outside", {"Longitude": "10.0"}),
        ("lsoa_form", {"LSOA_code": "E09000033001"}),
        ("id_form", {"Crime_ID": "12"}),
        ("category_unknown", {"Crime_type": "Jaywalking"}),
        ("outcome_unknown", {"Last_outcome_category": "Thanked"}),
        ("crime_without_id", {"Crime_ID": ""}),
    ],
)
def test_a_row_that_cannot_be(rule: str, changes: dict[str, str]) -> None:
    found = {fault.rule: fault for fault in profiled(changed(2, **changes)).faults}
    assert rule in found
    assert (found[rule].rows, found[rule].lines) == (1, (4,))


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("anti_social_with_id", {"Crime_ID": "a" * 64}),
        ("anti_social_with_outcome", {"Last_outcome_category": "Local resolution"}),
    ],
)
def test_an_incident_is_no_crime(rule: str, changes: dict[str, str]) -> None:
    assert [fault.rule for fault in profiled(changed(4, **changes)).faults] == [rule]


def test_every_rule_has_a_test() -> None:
    named = {rule.name for rule in faults.RULES}
    tried = {
        mark.args[1][place][0]
        for test in (test_a_row_that_cannot_be, test_an_incident_is_no_crime)
        for mark in test.pytestmark  # type: ignore[attr-defined]
        for place in range(len(mark.args[1]))
    }
    assert named == tried


def test_repeats_are_counted_and_kept() -> None:
    given = rows(MONTH)
    given += [dict(given[0]), {**given[1], "Location": "On or near Street 5"}, dict(given[4])]
    found = profiled(given)
    assert (found.rows, found.repeated_ids, found.repeated_rows) == (43, 2, 1)
    assert len(hashes(read(text(given), month=MONTH))) == 34


def test_order_of_rows_changes_nothing() -> None:
    given = rows(MONTH)
    assert profiled(given) == profiled(list(reversed(given)))


def test_areas_of_other_vintages_and_forces() -> None:
    given = rows(MONTH)
    given[0]["LSOA code"] = "E01000007"  # of 2011 alone
    given[1]["LSOA code"] = "E01000009"  # another force's
    given[2]["LSOA code"] = "E01999999"  # nobody's
    found = profiled(given)
    assert (found.vintage, found.foreign, found.foreign_districts, found.unknown_codes) == (
        "2011",
        1,
        {"E09999992": 1},
        1,
    )
    given[3]["LSOA code"] = "E01000017"  # of 2021 alone
    assert profiled(given).vintage == "mixed"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"LSOA11CD,CHGIND\n", "missing columns: LSOA21CD, LAD22CD, LAD22NM"),
        (
            b"LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\nE09000033001,E01000001,U,E,x\n",
            "line 2: 'E09000033001'",
        ),
        (b"LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\nE01000001,E01000001,Q,E,x\n", "line 2: CHGIND"),
    ],
)
def test_lookups_that_are_none(content: bytes, words: str) -> None:
    with pytest.raises(LookupRefused, match=words):
        lookups.read(content)
    with pytest.raises(LookupRefused, match="lies in two forces"):
        lookups.read(
            b"LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\n",
            b"la_code,pfa_code\nE09999991,E23000099\nE09999991,E23000098\n",
        )


def test_labels_are_those_of_the_reference_tables() -> None:
    assert len(categories()) == 16
    assert len(outcomes()) == 27
    if path := shared_data.find("file_schemas.csv"):
        assert tuple(row["column"] for row in listed(path) if row["file"] == "street") == COLUMNS
    if path := shared_data.find("police_uk_outcomes.csv"):
        assert set(outcomes()) == {row["csv_label"] for row in listed(path)}


def listed(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_a_code_beside_another_forces_name_is_told_and_spaces_and_notes_are_not() -> None:
    table = (
        b"pfa_code,pfa_name,la_code\nE23000099,Testshire,E09999991\nE23000099,Testshire [note 4] ,E09999992\n"
        b"E23000099,Otherton,\nE23000098,Otherton,E09999993\n"
    )
    said = "line 4: the code E23000099 stands beside the name Otherton, and mostly beside Testshire"
    assert lookups.disagreements(table) == [said]
    assert lookups.disagreements(table.replace(b"E23000099,Otherton", b"E23000098,Otherton")) == []
