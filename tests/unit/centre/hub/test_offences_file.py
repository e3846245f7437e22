"""A CSV of offences by title: every fault by its line, near titles suggested, what is empty never 0."""

import datetime as dt
import random

import pytest

from centre.hub import offences_file
from centre.hub.offences_file import Known, Month, OffencesRefused

KNOWN = Known(
    forces=frozenset({"surrey", "kent"}),
    titles=frozenset({"Robbery", "Theft from a shop", "Theft from a person", "Common assault"}),
    today=dt.date(2026, 4, 10),
)
HEAD = "force,month,offence,count"
ROWS = (
    "surrey,2026-03,Robbery,12",
    "surrey,2026-03,Common assault,",
    "kent,2026-03,Robbery,0",
    "surrey,2026-02,Robbery,7",
)


def _read(*rows: str) -> list[Month]:
    return offences_file.read("\n".join((HEAD, *rows)).encode(), KNOWN)


def test_counts_stand_by_force_and_month_and_an_empty_one_is_not_known() -> None:
    february, march = dt.date(2026, 2, 1), dt.date(2026, 3, 1)
    assert _read(*ROWS, "") == [
        Month("kent", march, {"Robbery": 0}),
        Month("surrey", february, {"Robbery": 7}),
        Month("surrey", march, {"Robbery": 12, "Common assault": None}),
    ]


def test_the_order_of_rows_says_nothing() -> None:
    mixed = list(ROWS)
    random.Random(5).shuffle(mixed)
    assert mixed != list(ROWS)
    assert _read(*mixed) == _read(*ROWS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("surrey,2026-03,Robbery", "has 3 cells where 4 are to be"),
        ("Surrey,2026-03,Robbery,1", "“Surrey” is not a force that you send counts of"),
        ("surrey,2026-3,Robbery,1", "write it as 2026-03"),
        ("surrey,2026-13,Robbery,1", "write it as 2026-03"),
        ("surrey,2026-04,Robbery,1", "is not over yet"),
        ("surrey,2026-01,,1", "has no title"),
        ("surrey,2026-01,Robbery,-1", "count is “-1”"),
        ("surrey,2026-01,Robbery,1.5", "count is “1.5”"),
        ("surrey,2026-01,Robbery,1e3", "count is “1e3”"),
        ("surrey,2026-01,Robbery,n/a", "leave it empty if not known"),
        ("surrey,2026-01,Robbery,\u0661", "write a whole number"),
        ("surrey,2026-01,Violence and sexual offences,9", "a category of offences of very different harm"),
        ("surrey,2026-01,robbery,1", "no offence of a loaded table of weights: did you mean “Robbery”?"),
        ("surrey,2026-01,Theft from shop,1", "did you mean “Theft from a shop”"),
        ("surrey,2026-01,Xyzzy,1", "“Xyzzy” is no offence of a loaded table of weights"),
        ("surrey,2026-03,Robbery,12", "line 2 has the same offence of the same month"),
        ("surrey,2026-03,Robbery,", "line 2 has the same offence of the same month"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(row: str, said: str) -> None:
    with pytest.raises(OffencesRefused) as refusal:
        _read("surrey,2026-03,Robbery,12", row)
    (problem,) = refusal.value.problems
    assert problem.startswith("Line 3: ")
    assert said in problem


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty"),
        (HEAD.encode(), "no count"),
        (b"force,month,count\n", "the columns must be force,month,offence,count"),
        (HEAD.encode() + b"\nsurrey,2026-03,\xff,1", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(OffencesRefused, match=said):
        offences_file.read(raw, KNOWN)


def test_problems_are_listed_to_fifty_and_near_titles_sought_for_those_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sought: list[str] = []
    monkeypatch.setattr(Known, "near", lambda self, title: sought.append(title) or [])
    with pytest.raises(OffencesRefused) as refusal:
        _read(*(f"surrey,2026-03,Title {at},1" for at in range(60)))
    assert len(refusal.value.problems) == 51
    assert refusal.value.problems[-1] == "And 10 problems more"
    assert len(sought) == 50
