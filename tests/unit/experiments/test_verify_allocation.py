"""The stand-alone verifier, run as a stranger runs it: by an isolated Python, on two files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from centre.spreadsheets import export_cell
from experiments import verify_allocation
from experiments.randomise import (
    Arm,
    Constraint,
    Crossover,
    Draw,
    Factor,
    Scheme,
    Unit,
    Wedge,
    canonical_csv,
    draw,
    list_sha256,
    reveal,
    seed_text,
)

SCRIPT = Path(__file__).parents[3] / "experiments" / "verify_allocation.py"
TWO, SEVEN = (Arm("A"), Arm("B")), (Arm("A", 3), Arm("B", 2), Arm("C", 2))
COVARIATES = ("crime", "people")


def measured(n: int, *, clusters: int = 0, strata: str = "") -> list[Unit]:
    """Units with two covariates, one with decimals and one that may be negative; clusters share their values."""
    found = []
    for place in range(n):
        drawn = place % clusters if clusters else place
        values = (("crime", f"{drawn * 37 % 101 - 20}"), ("people", f"{drawn * drawn * 13 % 97}.5"))
        stratum = strata[drawn % len(strata)] if strata else ""
        found.append(Unit(f"U{place:02}", stratum, f"C{drawn:02}" if clusters else "", values))
    return found


CASES: dict[str, tuple[list[Unit], Scheme]] = {
    "complete": ([Unit(f"U{i}") for i in range(7)], Scheme("complete", SEVEN)),
    "stratified": (
        [Unit(f"Ü,{i}", stratum="NSW"[i % 3]) for i in range(23)],
        Scheme("stratified", SEVEN),
    ),
    "cluster": ([Unit(f"U{i}", cluster=f"C{i % 5}") for i in range(40)], Scheme("cluster", SEVEN[:2])),
    "stratified_cluster": (
        [Unit(f"U{i}", stratum="NS"[i % 2], cluster=f"C{i % 14}") for i in range(99)],
        Scheme("stratified_cluster", SEVEN),
    ),
    "simple": ([Unit(f"U{i}") for i in range(120)], Scheme("simple", SEVEN)),
    "matched": (measured(14), Scheme("matched", TWO, COVARIATES)),
    "matched_many": (measured(40, strata="NS"), Scheme("matched", TWO, COVARIATES)),
    "matched_triples": (
        measured(60, clusters=12),
        Scheme("matched", (Arm("A", 2), Arm("B")), COVARIATES),
    ),
    "constrained": (
        measured(24, clusters=12),
        Scheme("constrained", TWO, COVARIATES, constraint=Constraint()),
    ),
    "constrained_three": (measured(9), Scheme("constrained", (*SEVEN[1:], Arm("D", 5)), COVARIATES,
                                              constraint=Constraint(20))),
    "stepped_wedge": (
        [Unit(f"U{i}", stratum="NS"[i % 2], cluster=f"C{i % 16}") for i in range(48)],
        Scheme("stepped_wedge", TWO, wedge=Wedge(4, 2, 3)),
    ),
    "crossover": (
        [Unit(f"P{i}") for i in range(9)],
        Scheme("crossover", (SEVEN[0], Arm("B", 4)), crossover=Crossover(42, 7, 3, 2, "B")),
    ),
    "factorial": (
        [Unit(f"U{i}", stratum="NS"[i % 2]) for i in range(50)],
        Scheme("factorial", factors=(Factor("letter", TWO), Factor("text", (Arm("x", 2), Arm("y"))))),
    ),
    "external": (
        [Unit(f"U{i}", extra=(("arm", "AB"[i % 2]), ("block", str(i // 4)))) for i in range(18)],
        Scheme("external", TWO, blocks=True),
    ),
}  # fmt: skip


def made(name: str) -> tuple[Draw, dict[str, Any]]:
    """Return a draw and its record as it is published."""
    units, scheme = CASES[name]
    if scheme.method == "external":
        taken = draw(units, scheme, "")
        return taken, taken.record
    seed = seed_text("CPP-2026-0001-3", "1.0", list_sha256(units), "5" * 64)
    drawn = draw(units, scheme, seed)
    return drawn, reveal(drawn.record, seed)


Written = tuple[Draw, dict[str, Any], Path]


def written(name: str, folder: Path) -> Written:
    """Return a draw, its revealed record, and the folder where both were written."""
    result, record = made(name)
    (folder / "list.csv").write_text(canonical_csv(CASES[name][0]), encoding="utf-8")
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    return result, record, folder


@pytest.fixture(params=CASES)
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    return written(request.param, tmp_path)


@pytest.fixture
def drawn(tmp_path: Path) -> Written:
    return written("stratified", tmp_path)


def verify(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", str(SCRIPT), "record.json", "list.csv"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rewrite(folder: Path, record: dict[str, Any]) -> None:
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_true_record_matches(each: Written) -> None:
    result, record, folder = each
    code, said = verify(folder)
    assert (code, said) == (
        0,
        f"MATCH: {len(result.assignments)} units, allocation {record['allocation_sha256']}\n",
    )


def test_a_list_with_arms_is_compared_unit_by_unit(each: Written) -> None:
    result, record, folder = each
    if record["parameters"]["method"] in ("crossover", "external"):
        pytest.skip("its list has no arm to compare, or is itself the arms")
    column = "sequence" if "wedge" in record["parameters"] else "arm"
    with (folder / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, column: result.assignments[row["unit"]]} for row in csv.DictReader(file)]

    def write() -> None:
        with (folder / "list.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    write()
    assert verify(folder)[0] == 0
    rows[0][column] = "D"
    write()
    code, said = verify(folder)
    assert code == 1
    assert f"DIFFERENT: unit {rows[0]['unit']}: the list says D" in said


def test_a_list_made_safe_for_spreadsheets_is_the_list(tmp_path: Path) -> None:
    units = [Unit(f"{'=+-@'[place % 4]}U{place:02}", stratum="-north") for place in range(20)]
    seed = seed_text("CPP-2026-0001-3", "1.0", list_sha256(units), "5" * 64)
    record = reveal(draw(units, Scheme("stratified", TWO), seed).record, seed)
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    rows = csv.reader(io.StringIO(canonical_csv(units)))
    safe = [[export_cell(cell) for cell in row] for row in rows]
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(safe)
    assert safe[1][0].startswith("'")
    assert verify(tmp_path)[0] == 0
    safe[1][0] = safe[1][0].replace("'", "''")
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(safe)
    assert verify(tmp_path)[0] == 1


def changed_lists(name: str) -> list[list[Unit]]:
    """The list of a case with one thing changed in each: a unit lost, a name, and each further value."""
    units, _ = CASES[name]
    first = units[0]
    found = [units[1:], [replace(first, id="Z"), *units[1:]]]
    for column in ("stratum", "cluster"):
        if getattr(first, column):
            found.append([replace(first, **{column: getattr(first, column) + "x"}), *units[1:]])
    for place, (column, value) in enumerate(first.extra):
        other = {"A": "B"}.get(value, value + "1")
        extra = (*first.extra[:place], (column, other), *first.extra[place + 1 :])
        found.append([replace(first, extra=extra), *units[1:]])
    return found


@pytest.mark.parametrize("name", CASES)
def test_every_changed_list_differs(name: str) -> None:
    record = made(name)[1]
    for units in changed_lists(name):
        rows = list(csv.DictReader(io.StringIO(canonical_csv(units))))
        found = list(verify_allocation.differences(record, rows))
        assert any(message.startswith("the list hashes to") for message in found), found


def changed_values(value: Any) -> Any:
    """Return a value of the same kind that is not the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "0"
    if isinstance(value, list):
        return value[1:] if value else ["x"]
    return {**value, "x": 1}


@pytest.mark.parametrize("name", CASES)
def test_every_changed_entry_of_the_record_is_named(name: str) -> None:
    record = made(name)[1]
    rows = list(csv.DictReader(io.StringIO(canonical_csv(CASES[name][0]))))
    assert list(verify_allocation.differences(record, rows)) == []
    for entry in sorted(set(record) - {"seed", "record_version", "algorithm", "parameters", "details"}):
        if entry == "seed_commitment" and name == "external":
            continue
        changed = {**record, entry: changed_values(record[entry])}
        assert list(verify_allocation.differences(changed, rows)), entry
    for entry, value in record["details"].items():
        changed = {**record, "details": {**record["details"], entry: changed_values(value)}}
        expected = f"the record's {entry} is not what the replay gives"
        assert list(verify_allocation.differences(changed, rows)) == [expected]


@pytest.mark.parametrize("name", CASES)
def test_every_changed_parameter_is_named(name: str) -> None:
    """Also one that happens to give the same draw, such as shares of 2 and 2 for 1 and 1."""
    record = made(name)[1]
    rows = list(csv.DictReader(io.StringIO(canonical_csv(CASES[name][0]))))
    parameters = record["parameters"]
    others = [{**parameters, "arms": [{**arm, "ratio": arm["ratio"] * 2} for arm in parameters["arms"]]}]
    for part in ("constraint", "wedge", "crossover"):
        for key, value in parameters.get(part, {}).items():
            if isinstance(value, int):
                others.append({**parameters, part: {**parameters[part], key: value + 1}})
    for other in others:
        if other == parameters:
            continue
        found = list(verify_allocation.differences({**record, "parameters": other}, rows))
        assert "the parameters are not those that were hashed" in found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": "another"}, "the seed is not the one that was committed to"),
        ({"seed": "another"}, "the seed does not name the list"),
        ({"allocation_sha256": "0" * 64}, "the allocation replayed is not the allocation recorded"),
        ({"algorithm": {"id": "coin", "version": "1.0"}}, "this script replays hmac-sha256-tag-order 1.0"),
    ],
)
def test_a_changed_record_differs(drawn: Written, change: dict[str, Any], reason: str) -> None:
    _, record, folder = drawn
    rewrite(folder, {**record, **change})
    code, said = verify(folder)
    assert code == 1
    assert reason in said


def test_a_record_of_the_first_version_is_still_replayed() -> None:
    """Records of before there were further methods have neither details nor a hash of their parameters."""
    record = made("complete")[1]
    old = {key: value for key, value in record.items() if key not in ("details", "parameters_sha256")}
    rows = list(csv.DictReader(io.StringIO(canonical_csv(CASES["complete"][0]))))
    assert list(verify_allocation.differences({**old, "record_version": 1}, rows)) == []


@pytest.mark.parametrize("content", ["", "[]", '{"seed": "x"}', "not json"])
def test_no_record_no_answer(drawn: Written, content: str) -> None:
    _, _, folder = drawn
    (folder / "record.json").write_text(content, encoding="utf-8")
    code, said = verify(folder)
    assert code == 2
    assert said.startswith("Cannot verify: ")


def test_before_the_reveal_nothing_can_be_verified(drawn: Written) -> None:
    result, _, folder = drawn
    rewrite(folder, result.record)
    code, said = verify(folder)
    assert code == 2
    assert "has not been revealed yet" in said


def test_without_files_it_says_how_to_use_it() -> None:
    done = subprocess.run([sys.executable, "-I", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "verify_allocation.py record.json list.csv" in done.stderr
