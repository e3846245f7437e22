"""A whole archive, by the command: what is printed, what is refused, and that nothing is half taken."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from centre.hub import force_names
from centre.hub.archives import ArchiveRefused
from centre.hub.examination import ForceNames, examine
from tests.unit.centre.hub.invented import AREAS, HERE, folder, name_of, rows, tar, text

FORCES = {"testshire": ForceNames(frozenset({"Testshire Police"}), HERE)}
MONTHS = ("2024-01", "2024-02", "2024-03")


def files(**changes: bytes) -> dict[str, bytes]:
    return {name_of(month): text(rows(month)) for month in MONTHS} | changes


def test_every_file_is_counted(tmp_path: Path) -> None:
    other = {"notes.txt": b"x"}
    told: list[str] = []
    found = examine(
        tar(tmp_path / "a.tar.gz", files() | other), areas=AREAS, forces=FORCES, tell=told.append
    ).as_json()
    assert (found["rows"], found["passed_over"], found["other_files"]) == (120, ["notes.txt"], [])
    assert told == [name_of(month) for month in MONTHS]
    (force,) = found["forces"]
    assert [one["rows"] for one in force["files"]] == [40, 40, 40]
    assert [one["check"] for one in force["findings"]] == ["no_location"]
    assert [card["counts"] for card in force["scorecards"]] == [
        "may be compared with the findings beside it"
    ] * 3


def test_an_id_that_returns_in_another_file_is_found(tmp_path: Path) -> None:
    again = rows("2024-02")
    again[0]["Crime ID"] = rows("2024-01")[0]["Crime ID"]
    given = files() | {name_of("2024-02"): text(again)}
    found = examine(folder(tmp_path / "f", given), forces=FORCES).as_json()["forces"][0]["findings"]
    assert {one["check"]: one["rows"] for one in found}["repeated_ids"] == 1


def test_the_order_of_the_archive_changes_nothing(tmp_path: Path) -> None:
    given = files()
    one = examine(tar(tmp_path / "a.tar.gz", given), areas=AREAS, forces=FORCES)
    other = examine(tar(tmp_path / "b.tar.gz", dict(reversed(given.items()))), areas=AREAS, forces=FORCES)
    assert one.as_json() == other.as_json()


def test_every_bad_file_is_named_and_nothing_is_taken(tmp_path: Path) -> None:
    given = files() | {
        name_of("2024-01"): text(rows("2024-02")),
        name_of("2024-02"): b"",
        name_of("2024-03", force="nowhere"): text(rows("2024-03")),
    }
    with pytest.raises(ArchiveRefused) as refusal:
        examine(tar(tmp_path / "a.tar.gz", given), forces=FORCES)
    problems = refusal.value.problems
    assert problems[0] == f"{name_of('2024-01')}: line 2: Month is '2024-02'; the file is of 2024-01"
    assert len(problems) == 5
    assert problems[3:] == [
        f"{name_of('2024-02')}: the file is empty",
        f"{name_of('2024-03', force='nowhere')}: no force has the id nowhere",
    ]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [{**row, "Reported by": "Surrey Police"} for row in rows("2024-01")]
    path = tar(tmp_path / "a.tar.gz", {name_of("2024-01", force="surrey"): text(given)})
    call_command("examine_archive", str(path))
    assert json.loads(capsys.readouterr().out)["forces"][0]["force"] == "surrey"


@pytest.mark.parametrize(
    ("force", "options", "words"),
    [
        ("testshire", [], "no force has the id testshire"),
        ("surrey", [], "reported by 'Testshire Police'; the file is of Surrey Police"),
        ("surrey", ["--areas", "/nowhere"], "cannot read '/nowhere': No such file or directory"),
        ("surrey", ["--areas", __file__], "--areas or --districts: line 1: missing columns"),
    ],
)
def test_the_command_refuses_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], force: str, options: list[Any], words: str
) -> None:
    path = tar(tmp_path / "a.tar.gz", {name_of("2024-01", force=force): text(rows("2024-01"))})
    with pytest.raises(SystemExit) as end:
        call_command("examine_archive", str(path), *options)
    said = capsys.readouterr()
    assert (end.value.code, said.out) == (2, "")
    assert words in said.err


def test_names_that_files_still_use() -> None:
    found = force_names.known()
    assert len(found) == 44
    assert found["hampshire"].names == {"Hampshire Constabulary", "Hampshire and Isle of Wight Constabulary"}
    assert found["surrey"].pfa_code == "E23000031"
