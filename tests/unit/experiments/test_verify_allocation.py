"""The stand-alone verifier, run as a stranger runs it: by an isolated Python, on two files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from experiments.randomise import Arm, Draw, Scheme, Unit, canonical_csv, draw, list_sha256, reveal, seed_text

SCRIPT = Path(__file__).parents[3] / "experiments" / "verify_allocation.py"
LISTS = {
    "complete": [Unit(f"U{i}") for i in range(7)],
    "stratified": [Unit(f"Ü,{i}", stratum="NSW"[i % 3]) for i in range(23)],
    "cluster": [Unit(f"U{i}", cluster=f"C{i % 5}") for i in range(40)],
    "stratified_cluster": [Unit(f"U{i}", stratum="NS"[i % 2], cluster=f"C{i % 14}") for i in range(99)],
}


@pytest.fixture(params=LISTS)
def drawn(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Draw, dict[str, Any], Path]:
    """A draw of each method with a ratio that leaves a remainder, its revealed record, a folder with both."""
    units = LISTS[request.param]
    seed = seed_text("CPP-2026-0001-3", "1.0", list_sha256(units), "5" * 64)
    result = draw(
        units, Scheme(request.param, (Arm("A", 3), Arm("B", 2), Arm("C", 2))[: 2 + len(units) % 2]), seed
    )
    record = reveal(result.record, seed)
    (tmp_path / "list.csv").write_text(canonical_csv(units), encoding="utf-8")
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return result, record, tmp_path


def verify(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", str(SCRIPT), "record.json", "list.csv"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rewrite(folder: Path, record: dict[str, Any]) -> None:
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_true_record_matches(drawn: tuple[Draw, dict[str, Any], Path]) -> None:
    result, record, folder = drawn
    code, said = verify(folder)
    assert (code, said) == (
        0,
        f"MATCH: {len(result.assignments)} units, allocation {record['allocation_sha256']}\n",
    )


def test_a_list_with_arms_is_compared_unit_by_unit(drawn: tuple[Draw, dict[str, Any], Path]) -> None:
    result, _, folder = drawn
    with (folder / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, "arm": result.assignments[row["unit"]]} for row in csv.DictReader(file)]

    def write() -> None:
        with (folder / "list.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    write()
    assert verify(folder)[0] == 0
    rows[0]["arm"] = "D"
    write()
    code, said = verify(folder)
    assert code == 1
    assert f"DIFFERENT: unit {rows[0]['unit']}: the list says D" in said


def test_a_changed_list_differs(drawn: tuple[Draw, dict[str, Any], Path]) -> None:
    _, _, folder = drawn
    text = (folder / "list.csv").read_text(encoding="utf-8")
    (folder / "list.csv").write_text(text.replace("0", "9", 1), encoding="utf-8")
    code, said = verify(folder)
    assert code == 1
    assert "DIFFERENT: the list hashes to" in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": "another"}, "the seed is not the one that was committed to"),
        ({"seed": "another"}, "the seed does not name the list"),
        ({"allocation_sha256": "0" * 64}, "the allocation replayed is not the allocation recorded"),
        ({"algorithm": {"id": "coin", "version": "1.0"}}, "this script replays hmac-sha256-tag-order 1.0"),
    ],
)
def test_a_changed_record_differs(
    drawn: tuple[Draw, dict[str, Any], Path], change: dict[str, Any], reason: str
) -> None:
    _, record, folder = drawn
    rewrite(folder, {**record, **change})
    code, said = verify(folder)
    assert code == 1
    assert reason in said


def test_a_changed_ratio_differs(drawn: tuple[Draw, dict[str, Any], Path]) -> None:
    _, record, folder = drawn
    record["parameters"]["arms"][0]["ratio"] = 9
    rewrite(folder, record)
    assert verify(folder)[0] == 1


@pytest.mark.parametrize("content", ["", "[]", '{"seed": "x"}', "not json"])
def test_no_record_no_answer(drawn: tuple[Draw, dict[str, Any], Path], content: str) -> None:
    _, _, folder = drawn
    (folder / "record.json").write_text(content, encoding="utf-8")
    code, said = verify(folder)
    assert code == 2
    assert said.startswith("Cannot verify: ")


def test_before_the_reveal_nothing_can_be_verified(drawn: tuple[Draw, dict[str, Any], Path]) -> None:
    result, _, folder = drawn
    rewrite(folder, result.record)
    code, said = verify(folder)
    assert code == 2
    assert "has not been revealed yet" in said


def test_without_files_it_says_how_to_use_it() -> None:
    done = subprocess.run([sys.executable, "-I", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "verify_allocation.py record.json list.csv" in done.stderr
