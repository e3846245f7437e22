"""Quality: each check finds its fault and nothing else; the scorecard says what may be compared."""

import json
from dataclasses import replace

import pytest

from centre.hub import markers, reference_tables
from centre.hub.months import between
from centre.hub.quality.checks import CHECKS, Series, findings
from centre.hub.quality.findings import Dimension, Severity
from centre.hub.quality.scorecard import Grade, Scorecard, Tier, scorecards
from centre.hub.street.faults import Fault
from centre.hub.street.profile import Profile

MONTHS = between("2023-07", "2024-06")
WHOLE = Profile(
    force="testshire",
    month="",
    rows=1_000,
    no_location=20,
    blank_street=0,
    with_id=800,
    repeated_ids=0,
    repeated_rows=0,
    areas=200,
    categories={},
    outcomes={},
    faults=(),
    codes_only_2011=0,
    codes_only_2021=9,
    unknown_codes=0,
    in_known_district=980,
    foreign=0,
    foreign_districts={},
)


def series(*changes: tuple[int, dict[str, object]]) -> Series:
    """Return twelve months without fault, but for the changes."""
    made = [replace(WHOLE, month=month) for month in MONTHS]
    for at, change in changes:
        made[at] = replace(made[at], **change)  # type: ignore[arg-type]
    return Series("testshire", made)


def cards_of(given: Series) -> list[Scorecard]:
    return scorecards(given, findings(given))


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert findings(series()) == []
    cards = cards_of(series())
    assert {grade for card in cards for grade in card.grades.values()} == {Grade.GOOD}
    assert {(card.counts, card.outcomes) for card in cards} == {(Tier.COMPARE, Tier.COMPARE)}


FAULT = Fault("id_form", "a crime's id is 64 hexadecimal digits", 3, (2, 9))
CASES: list[tuple[str, dict[str, object], Dimension, Severity, str, Grade]] = [
    (
        "collapse",
        {"rows": 500, "areas": 150, "no_location": 10, "in_known_district": 490},
        Dimension.COMPLETENESS,
        Severity.STOP,
        "2023-12 has 500 rows in 150 areas; the usual month has 1,000 rows",
        Grade.POOR,
    ),
    (
        "no_location",
        {"no_location": 50},
        Dimension.COMPLETENESS,
        Severity.WARN,
        "2023-12: 5.0% of rows have no place",
        Grade.FAIR,
    ),
    (
        "too_good",
        {"no_location": 0},
        Dimension.ACCURACY,
        Severity.WARN,
        "2023-12 has no row without a place; the usual month has 2.0%",
        Grade.FAIR,
    ),
    (
        "blank_street",
        {"blank_street": 170},
        Dimension.VALIDITY,
        Severity.WARN,
        "2023-12: 17.0% of rows have a blank street name",
        Grade.FAIR,
    ),
    (
        "vintage_mixed",
        {"codes_only_2011": 4},
        Dimension.CONSISTENCY,
        Severity.STOP,
        "2023-12 has 4 areas of 2011 alone and 9 of 2021 alone",
        Grade.POOR,
    ),
    (
        "repeated_ids",
        {"repeated_ids": 10, "repeated_rows": 2},
        Dimension.UNIQUENESS,
        Severity.WARN,
        "10 repeated crime ids, 2 in whole rows",
        Grade.FAIR,
    ),
    (
        "foreign_areas",
        {"foreign": 147},
        Dimension.ACCURACY,
        Severity.WARN,
        "147 of 11,760 rows with a place (1.2%) lie in another force's area",
        Grade.POOR,
    ),
    (
        "open_outcomes",
        {"outcomes": {"Under investigation": 10}},
        Dimension.TIMELINESS,
        Severity.STOP,
        "2023-12: 1.0% of rows are still under investigation: these are the last months before a download",
        Grade.POOR,
    ),
    (
        "id_form",
        {"faults": (FAULT,)},
        Dimension.VALIDITY,
        Severity.WARN,
        "3 rows: a crime's id is 64 hexadecimal digits (first 2023-12, lines 2, 9)",
        Grade.FAIR,
    ),
]


@pytest.mark.parametrize(("check", "change", "dimension", "severity", "words", "grade"), CASES)
def test_one_fault_is_one_finding(
    check: str, change: dict[str, object], dimension: Dimension, severity: Severity, words: str, grade: Grade
) -> None:
    given = series((5, change))
    (found,) = findings(given)
    assert (found.check, found.dimension, found.severity, found.words) == (check, dimension, severity, words)
    assert found.action
    assert found.months == ("2023-12",)
    card = cards_of(given)[5]
    assert card.grades[dimension] is grade
    others = {one: value for one, value in card.grades.items() if one is not dimension}
    assert set(others.values()) == {Grade.GOOD}
    assert [one.check for one in card.findings] == [check]


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 600, "areas": 150, "no_location": 12},
        {"rows": 500, "areas": 200, "no_location": 10},  # few crimes in as many areas: a quiet month
        {"no_location": 49},
        {"blank_street": 49},
        {"outcomes": {"Under investigation": 9}},
    ],
)
def test_below_the_cut_off_nothing_is_said(change: dict[str, object]) -> None:
    assert findings(series((5, change))) == []


def test_a_month_without_a_file_is_missing_and_not_zero() -> None:
    whole = series()
    given = Series(
        "testshire", [one for one in whole.profiles if one.month not in ("2023-12", "2024-01", "2024-04")]
    )
    assert [one.words for one in findings(given)] == ["No file for 2023-12 to 2024-01", "No file for 2024-04"]
    card = cards_of(given)[5]
    assert (card.rows, card.counts, card.outcomes) == (None, Tier.NOT, Tier.NOT)
    assert card.grades[Dimension.ACCURACY] is Grade.UNKNOWN
    assert len(cards_of(given)) == 12


def test_a_vintage_that_changes_is_told_where() -> None:
    old: dict[str, object] = {"codes_only_2011": 9, "codes_only_2021": 0}
    given = series(*((at, old) for at in range(5)), (5, {"codes_only_2021": 0}))
    (found,) = findings(given)
    assert found.words == "Area codes change to those of 2021 in 2024-01"


def test_open_outcomes_stop_the_comparison_of_outcomes_alone() -> None:
    card = cards_of(series((11, {"outcomes": {"Under investigation": 300}})))[11]
    assert (card.counts, card.outcomes) == (Tier.COMPARE, Tier.NOT)


def test_without_the_lookup_accuracy_is_not_known() -> None:
    unknown: dict[str, object] = {"foreign": None, "in_known_district": None, "codes_only_2011": None}
    card = cards_of(series((0, unknown | {"codes_only_2021": None})))[0]
    assert card.grades[Dimension.ACCURACY] is Grade.UNKNOWN
    assert card.grades[Dimension.CONSISTENCY] is Grade.UNKNOWN
    assert card.counts is Tier.NOT_ALL_CHECKED


def test_what_is_found_counts_more_than_what_could_not_be_checked() -> None:
    unknown: dict[str, object] = {"foreign": None, "in_known_district": None, "repeated_ids": 1}
    card = cards_of(series((0, unknown)))[0]
    assert card.grades[Dimension.ACCURACY] is Grade.UNKNOWN
    assert card.grades[Dimension.UNIQUENESS] is Grade.FAIR
    assert card.counts is Tier.WITH_NOTE


def test_ids_that_return_in_a_later_file_count() -> None:
    given = Series("testshire", series().profiles, returned=1)
    (found,) = findings(given)
    assert (found.severity, found.words) == (Severity.NOTE, "1 repeated crime id, 0 in whole rows")


@pytest.mark.parametrize(("before", "words"), [(953, None), (1_052, None), (952, "+5.0%"), (1_053, "-5.0%")])
def test_a_month_that_was_sent_again_and_changed_much_is_a_note(before: int, words: str | None) -> None:
    given = replace(series(), rows_before={"2023-12": before})
    if words is None:
        assert findings(given) == []
        return
    (found,) = findings(given)
    assert found.words == f"2023-12 was sent again: {before:,} rows before, 1,000 now ({words})"
    assert (found.check, found.severity, found.rows, found.of) == ("revised", Severity.NOTE, 1_000, before)
    assert set(cards_of(given)[5].grades.values()) == {Grade.GOOD}


def over(first: str, last: str, force: str = "testshire") -> Series:
    """Return months without fault, from one to another."""
    return Series(force, [replace(WHOLE, month=month) for month in between(first, last)])


def test_a_series_that_crosses_a_change_of_counting_rules_is_told_and_what_is_not_confirmed_says_so() -> None:
    found = findings(over("2023-04", "2023-06"))
    assert [one.months for one in found] == [("2023-05",), ("2023-06",)]
    assert all("(reported change, to be confirmed)" in one.words for one in found)
    assert {one.severity for one in found} == {Severity.NOTE}
    assert set(cards_of(over("2023-04", "2023-06"))[1].grades.values()) == {Grade.GOOD}


@pytest.mark.parametrize(
    ("first", "last", "force", "months"),
    [
        ("2023-05", "2023-05", "testshire", []),  # begins with it: nothing before to compare with
        ("2023-03", "2023-04", "testshire", []),
        ("2019-06", "2019-07", "testshire", []),
        ("2019-06", "2019-07", "greater-manchester", ["2019-07"]),
    ],
)
def test_a_change_concerns_its_force_and_who_has_months_on_both_sides(
    first: str, last: str, force: str, months: list[str]
) -> None:
    found = [one for one in findings(over(first, last, force)) if one.check == "recording_changes"]
    assert [one.months[0] for one in found] == months


def test_every_change_has_a_month_a_force_that_exists_a_source_and_a_status() -> None:
    forces = {row["slug"] for row in reference_tables.rows("forces.csv", "centre")} | {""}
    for one in markers.known():
        assert between(one.month, one.month) == [one.month]
        assert one.force in forces
        assert one.what
        assert one.source
        assert one.status in ("confirmed", markers.TO_BE_CONFIRMED)
    assert len({(one.month, one.force) for one in markers.known()}) == len(markers.known())


def test_a_fault_is_still_the_same_on_some_of_its_months() -> None:
    (found,) = findings(series((5, {"blank_street": 170}), (6, {"blank_street": 170})))
    assert found.key == "blank_street:2023-12"
    assert found.is_still("blank_street", ["2023-11", "2023-12"])
    assert not found.is_still("blank_street", ["2023-11"])
    assert not found.is_still("collapse", ["2023-12"])


def test_documents_are_plain_json() -> None:
    given = series((5, {"blank_street": 170}))
    card = json.loads(json.dumps(cards_of(given)[5].as_json()))
    assert (card["grades"]["validity"], card["findings"], card["rules_version"]) == (
        "fair",
        ["blank_street"],
        "HUB-1.2",
    )
    assert json.loads(json.dumps(findings(given)[0].as_json()))["of"] == 1_000


def of_surrey(*changes: tuple[str, int]) -> Series:
    """Return Surrey's year of the national tables, in which it recorded 73,905 crimes, with its usual rows."""
    rows = dict.fromkeys(between("2024-01", "2024-12"), 6_159) | dict(changes)
    whole = replace(WHOLE, force="surrey", areas=700, in_known_district=0)
    return Series(
        "surrey",
        [
            replace(
                whole, month=month, rows=n + 500, categories={"Anti-social behaviour": 500, "Burglary": n}
            )
            for month, n in rows.items()
        ],
    )


def volumes(given: Series) -> list[tuple[Severity, str]]:
    return [(one.severity, one.words) for one in findings(given) if one.check == "national_volume"]


def test_files_stand_beside_the_national_tables() -> None:
    assert volumes(of_surrey()) == []
    assert volumes(of_surrey(("2024-03", 3_080))) == []  # half of a usual month, and the year is near
    below = "; the national tables have 6,159 in a usual month of 2024-01 to 2024-12"
    assert volumes(of_surrey(("2024-03", 3_079))) == [(Severity.STOP, f"2024-03 has 3,079 crimes{below}")]
    low = of_surrey(*((month, 4_926) for month in between("2024-01", "2024-12")))
    assert volumes(low) == [
        (
            Severity.WARN,
            "2024-01 to 2024-12: 59,112 crimes in the files, 73,905 in the national tables (80%)",
        )
    ]
    # What is left of a month in which a system broke down, in another year: no year is compared, but the month is.
    assert volumes(replace(of_surrey(), profiles=[replace(WHOLE, month="2019-08", rows=90)])) == [
        (Severity.STOP, f"2019-08 has 90 crimes{below}")
    ]
    assert (
        volumes(replace(of_surrey(("2024-03", 1)), force="testshire")) == []
    )  # no table has an invented force


def test_a_month_of_hardly_any_crime_is_not_to_be_compared() -> None:
    cards = cards_of(of_surrey(("2024-03", 90)))
    assert [card.month for card in cards if card.counts is Tier.NOT] == ["2024-03"]


def test_every_check_has_a_case() -> None:
    named: set[str] = {case[0] for case in CASES} | {
        "missing_months",
        "vintage_changes",
        "revised",
        "recording_changes",
        "national_volume",
    }
    assert {made.__name__ for made in CHECKS} - {
        "vintage",
        "repeated",
        "foreign",
        "impossible",
    } <= named
