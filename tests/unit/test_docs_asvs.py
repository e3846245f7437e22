"""docs/asvs.tsv has each requirement of levels 1 and 2 once, each with evidence that exists or a reason.

docs/asvs.md is made of it: after a change run with `ASVS_OUT=docs/asvs.md`, and read what has changed.
"""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

TABLE, PAGE = ROOT / "docs" / "asvs.tsv", ROOT / "docs" / "asvs.md"
LINES = TABLE.read_text(encoding="utf-8").splitlines()
SHORT = dict(re.findall(r"(\w+) = (tests/[\w/]+)", "\n".join(line for line in LINES if line.startswith("#"))))
ROWS = [(line.split("\t") + [""] * 3)[:6] for line in LINES if line and not line.startswith("#")]
STATUSES = ("met", "in part", "not met", "not applicable")
N_OF_LEVEL = {"1": 70, "2": 183}  # as counted in version 5.0.0
INTRODUCTION = """# OWASP ASVS 5.0, levels 1 and 2

What the registry does about each requirement of the [Application Security Verification Standard
5.0.0](https://github.com/OWASP/ASVS/tree/master/5.0), in our own short words; the standard has the whole text. *Met*
names a test that fails when it is met no longer, or the file that holds what is asked for. Judged by who wrote the
registry: nobody else has verified it. What is the operator's (TLS, the network) is not applicable here, and is theirs.
"""


def split(evidence: str) -> list[str]:
    """Return the paths of evidence, with short names written out."""
    found = []
    for one in evidence.split():
        first, _, rest = one.partition("/")
        found.append(f"{SHORT[first]}/{rest}" if first in SHORT else one)
    return found


def shares() -> dict[str, tuple[int, int, int]]:
    """Return, for each level, how many are met, of how many that apply, and how many there are."""
    found = {}
    for level, whole in N_OF_LEVEL.items():
        count = Counter(row[2] for row in ROWS if row[1] == level)
        found[level] = (count["met"], whole - count["not applicable"], whole)
    return found


def page() -> str:
    """Return the page."""
    lines = [INTRODUCTION]
    for level, (met, applicable, whole) in shares().items():
        part = sum(row[1] == level and row[2] == "in part" for row in ROWS)
        lines.append(
            f"- **Level {level}**: {met} of the {applicable} that apply are met, {met / applicable:.1%} "
            f"({part} more in part; {whole - applicable} of {whole} do not apply)."
        )
    lines += [
        "",
        "| Requirement | Level | Status | In short | Evidence | What is missing, or why |",
        "|---|---|---|---|---|---|",
    ]
    for number, level, status, short, evidence, why in ROWS:
        named = "<br>".join(f"`{one}`" for one in split(evidence))
        lines.append(f"| {number} | {level} | {status} | {short} | {named} | {why} |")
    return "\n".join(lines) + "\n"


def test_each_requirement_is_there_once() -> None:
    numbers = [row[0] for row in ROWS]
    assert len(set(numbers)) == len(numbers)
    assert Counter(row[1] for row in ROWS) == N_OF_LEVEL
    assert {row[2] for row in ROWS} == set(STATUSES)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_met_has_evidence_and_what_is_not_its_reason(row: list[str]) -> None:
    _, _, status, short, evidence, why = row
    assert short
    assert bool(evidence) == (status in ("met", "in part"))
    assert bool(why) == (status != "met")
    for one in split(evidence):
        path, _, name = one.partition("::")
        assert (ROOT / path).exists(), one
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), one


def test_the_page_is_made_of_the_table() -> None:
    for level, (met, applicable, _) in shares().items():
        print(f"ASVS level {level}: {met} of {applicable} applicable met, {met / applicable:.1%}")
    if out := os.environ.get("ASVS_OUT"):
        Path(out).write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
