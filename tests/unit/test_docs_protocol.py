"""The page about the fields of a protocol: each stands there once, with its class, and is needed where it says so."""

import re
from pathlib import Path

import pytest

from experiments import protocol
from experiments.protocol import Freeze, Protocol
from tests.unit.experiments.test_questions import leaves

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
WHEN = {
    Freeze.FROZEN: "frozen",
    Freeze.RANDOMISED: "draw",
    Freeze.VERSIONED: "minor",
    Freeze.SYSTEM: "system",
}


def listed() -> dict[str, tuple[str, str]]:
    """Return each path of the table with when it is frozen and whether it is needed."""
    found: dict[str, tuple[str, str]] = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4:
            for path in re.findall(r"`([^`]+)`", cells[1]):
                assert path not in found, path
                found[path] = (cells[2], cells[3])
    return found


def row_of(path: str) -> tuple[str, str] | None:
    """Return the row of a field: its own, or that of all fields above it."""
    table, parts = listed(), path.split(".")
    above = [f"{'.'.join(parts[:length])}.*" for length in range(len(parts) - 1, 0, -1)]
    return next((table[name] for name in (path, *above) if name in table), None)


PAST = set(re.findall(r"`([^`]+)`", PAGE.rpartition("As they were asked first")[2]))


@pytest.mark.parametrize("path", sorted(set(leaves(Protocol))))
def test_every_field_is_listed_with_its_class(path: str) -> None:
    row = row_of(path)
    if path in PAST and row is None:
        return
    assert row, f"{path} is not in docs/protocol.md"
    assert row[0] == WHEN[protocol.freeze_of(path.replace(".*", ""))]


def test_the_page_lists_no_field_that_there_is_not() -> None:
    known = set(leaves(Protocol))
    for path in {*listed(), *PAST}:
        assert any(one == path or one.startswith(path.removesuffix("*")) for one in known), path


def test_what_is_always_needed_is_asked_of_an_empty_protocol() -> None:
    missing = {one.pointer.strip("/").replace("/", ".") for one in protocol.gaps(Protocol())}
    for path, (_, needed) in listed().items():
        if needed.split(";")[0] in ("always", "or why not"):
            stem = path.removesuffix(".*")
            assert any(one == stem or one.startswith(f"{stem}.") for one in missing), path
