"""CSVs of figures and of groups: every fault by its line, nothing guessed, missing never 0."""

import datetime as dt
from decimal import Decimal

import pytest

from centre.hub.standards import figures_file, groups_file
from centre.hub.standards.figures_file import FiguresRefused, Known
from centre.hub.standards.groups_file import GroupsRefused

KNOWN = Known(
    forces=frozenset({"surrey", "kent"}),
    units={
        "officer-hours": "hours",
        "files-accepted": "share",
        "calls": "rate",
        "burglary": "count",
        "visits": "count",
    },
    not_sent={"burglary": "counted in the street files: send those"},
    today=dt.date(2026, 4, 10),
)
HEAD = "force,measure,period,value,denominator,basis"


def _read(*rows: str) -> list[figures_file.Row]:
    return figures_file.read("\n".join((HEAD, *rows)).encode(), KNOWN)


def test_a_figure_of_a_month_of_a_year_and_one_not_known() -> None:
    month, year, unknown = _read(
        "surrey,officer-hours,2026-03,41250.5,,counted",
        "kent,files-accepted,2025-04/2026-03,812,1004,sampled",
        "",
        "surrey,visits,2026-02,,,counted",
    )
    assert (month.value, month.denominator, month.period) == (
        Decimal("41250.5"),
        None,
        (dt.date(2026, 3, 1), dt.date(2026, 3, 1)),
    )
    assert (year.denominator, year.period) == (Decimal(1004), (dt.date(2025, 4, 1), dt.date(2026, 3, 1)))
    assert (unknown.value, unknown.line) == (None, 5)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("surrey,visits,2026-03,1,counted", "has 5 cells where 6 are to be"),
        ("Surrey,visits,2026-03,1,,counted", "“Surrey” is not a force that you send figures of"),
        ("surrey,burglary,2026-03,1,,counted", "is counted in the street files"),
        ("surrey,nothing,2026-03,1,,counted", "is no measure of the dictionary"),
        ("surrey,visits,2026-3,1,,counted", "write a month as 2026-03"),
        ("surrey,visits,2026-13,1,,counted", "write a month as 2026-03"),
        ("surrey,visits,2026-01/2026-02/2026-03,1,,counted", "write a month as 2026-03"),
        ("surrey,visits,2026-03/2026-01,1,,counted", "ends before it begins"),
        ("surrey,visits,2026-04,1,,counted", "is not over yet"),
        ("surrey,visits,2026-03,-1,,counted", "value is “-1”"),
        ("surrey,visits,2026-03,1e3,,counted", "value is “1e3”"),
        ("surrey,visits,2026-03,n/a,,counted", "leave it empty if not known"),
        ("surrey,visits,2026-03,nan,,counted", "value is “nan”"),
        ('surrey,visits,2026-03,"1,204",,counted', "value is “1,204”"),
        ("surrey,visits,2026-03,1.5,,counted", "a number of whole ones, and no percentage"),
        ("surrey,visits,2026-03,1,5,counted", "denominator must be empty"),
        ("surrey,calls,2026-03,1,,counted", "a rate needs its denominator"),
        ("surrey,calls,2026-03,1,0,counted", "denominator is 0"),
        ("surrey,calls,2026-03,,7,counted", "a denominator and no value"),
        ("surrey,files-accepted,2026-03,8,7,counted", "value 8 is more than its denominator 7"),
        ("surrey,files-accepted,2026-03,6,7.5,counted", "denominator is 7.5"),
        ("surrey,visits,2026-03,1,,guessed", "say counted, sampled or estimated"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(row: str, said: str) -> None:
    with pytest.raises(FiguresRefused) as refusal:
        _read("surrey,officer-hours,2026-03,1,,counted", row)
    (problem,) = refusal.value.problems
    assert problem.startswith("Line 3: ")
    assert said in problem


def test_the_same_months_twice_are_refused() -> None:
    with pytest.raises(FiguresRefused) as refusal:
        _read(
            "surrey,visits,2025-04/2026-03,100,,counted",
            "kent,visits,2026-03,1,,counted",
            "surrey,visits,2025-06,1,,counted",
            "surrey,visits,2026-03,1,,counted",
        )
    assert refusal.value.problems == [
        "Line 4: line 2 has a figure of the same months",
        "Line 5: line 2 has a figure of the same months",
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty"),
        (HEAD.encode(), "no figure"),
        (b"force,measure,value\n", "the columns must be force,measure,period,value,denominator,basis"),
        (HEAD.encode() + b"\nsurrey,visits,2026-03,\xff,,counted", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(FiguresRefused, match=said):
        figures_file.read(raw, KNOWN)


def test_problems_are_listed_to_fifty() -> None:
    with pytest.raises(FiguresRefused) as refusal:
        _read(*(f"surrey,visits,{year}-01,x,,counted" for year in range(1950, 2010)))
    assert len(refusal.value.problems) == 51
    assert refusal.value.problems[-1] == "And 10 problems more"


GROUPS = "group,valid_from,source,licence,force"


def _groups(*rows: str) -> list[groups_file.Group]:
    return groups_file.read("\n".join((GROUPS, *rows)).encode(), frozenset({"surrey", "kent", "essex"}))


def test_groups_are_read_and_a_force_may_be_in_several() -> None:
    first, second = _groups(
        "South,2026-01-01,A source,OGL,surrey",
        "East,2026-01-01,A source,OGL,essex",
        "South,2026-01-01,A source,OGL,kent",
        "East,2026-01-01,A source,OGL,kent",
    )
    assert (first.name, first.forces, first.valid_from) == ("South", {"surrey", "kent"}, dt.date(2026, 1, 1))
    assert second.forces == {"essex", "kent"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("South,2026-01-01,A source,OGL", "Line 4: the line has another number of cells"),
        ("South,2026-01-01,A source,OGL,atlantis", "Line 4: “atlantis” is no force"),
        ("South,2026-02-30,A source,OGL,essex", "Line 4: valid_from is “2026-02-30”"),
        ("South,2026-01-01,,OGL,essex", "Line 4: source must be 1 to 200 characters"),
        ("South,2026-01-01,A source,OGL,kent", "Line 4: kent is in this group already"),
        ("South,2026-01-01,Another source,OGL,essex", "Line 4: valid_from, source and licence differ"),
        ("East,2026-01-01,A source,OGL,essex", "East: a group needs two forces or more"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(row: str, said: str) -> None:
    with pytest.raises(GroupsRefused) as refusal:
        _groups("South,2026-01-01,A source,OGL,surrey", "South,2026-01-01,A source,OGL,kent", row)
    assert [problem[: len(said)] for problem in refusal.value.problems] == [said]


@pytest.mark.parametrize(("raw", "said"), [(b"", "the columns must be"), (GROUPS.encode(), "no group")])
def test_a_file_of_no_groups_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(GroupsRefused, match=said):
        groups_file.read(raw, frozenset())
