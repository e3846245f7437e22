"""docs/assurance.md has each goal once, and names only commands and tests that exist."""

import re

import pytest

from tests.conftest import ROOT

GOALS = [
    f"{letter}{n}"
    for letter, most in {"R": 9, "S": 9, "D": 4, "I": 9, "A": 5}.items()
    for n in range(1, most + 1)
]
LINES = (ROOT / "docs" / "assurance.md").read_text(encoding="utf-8").splitlines()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in LINES
    if re.match(r"\| [RSDIA]\d \|", line)
]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_each_goal_has_its_row() -> None:
    assert [row[0] for row in ROWS] == GOALS


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_row_names_exists(row: list[str]) -> None:
    _, aimed, measured, command, test = row
    assert aimed
    # A figure has the day and the commit that it was measured on, the command that measures it, and its test.
    is_measured = measured != "not measured"
    if is_measured:
        assert re.search(r"\d{1,2} \w+ 20\d\d, [0-9a-f]{7,}", measured), measured
        assert command
        assert test
    for said in re.findall(r"`([^`]+)`", command):
        assert exists(said), said
    for said in re.findall(r"`([^`]+)`", test):
        path, _, name = said.partition("::")
        assert (ROOT / path).is_file(), said
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), said


def exists(command: str) -> bool:
    """Say whether a command of the page can be given: a target of make, a command of manage.py, tests to run."""
    program, *words = command.split()
    if program == "make":
        return words[0] in TARGETS
    if program == "manage.py":
        return bool(list(ROOT.glob(f"*/management/commands/{words[0]}.py")))
    paths = [word for word in words if word.startswith("tests/")]
    return "pytest" in words and bool(paths) and all((ROOT / path).exists() for path in paths)
