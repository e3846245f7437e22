"""The log of cases one by one: replayed by our own code and by the stand-alone script; any changed row is named."""

import contextlib
import copy
import hashlib
import io
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from experiments import verify_allocation
from experiments.randomise import Arm, commitment, seed_text
from experiments.randomise.engine import key
from experiments.randomise.trickle import (
    Entry,
    Factor,
    Tally,
    TrickleScheme,
    allot,
    broken,
    entry_sha256,
    facts_sha256,
    opening_record,
)

SCRIPT = Path(verify_allocation.__file__)
SEX = Factor("sex", ("female", "male"))
AREA = Factor("área", ("nord", "süd", "west"), Fraction(3, 2))
UNEQUAL = (Arm("A", 3), Arm("B", 2), Arm("C", 1))
SCHEMES = {
    "simple": TrickleScheme("trickle_simple", UNEQUAL),
    "blocks": TrickleScheme("permuted_blocks", (Arm("A"), Arm("B")), (SEX, AREA), (2, 4, 6)),
    "blocks without strata": TrickleScheme("permuted_blocks", UNEQUAL, (), (6, 12)),
    "range": TrickleScheme("minimisation", (Arm("A"), Arm("B")), (SEX, AREA), (), "range", Fraction(8, 10)),
    "three arms": TrickleScheme(
        "minimisation", (Arm("A"), Arm("B"), Arm("C")), (SEX, AREA), (), "variance", Fraction(7, 10)
    ),
    "unequal": TrickleScheme("minimisation", UNEQUAL, (SEX, AREA), (), "standard_deviation", Fraction(9, 10)),
}
N = 40


@pytest.fixture(params=SCHEMES)
def logged(
    request: pytest.FixtureRequest, tmp_path: Path
) -> tuple[TrickleScheme, str, list[dict[str, Any]], Path]:
    """A log of each method, with the revealed record beside it."""
    scheme = SCHEMES[request.param]
    seed = seed_text("CPP-2026-0001-3", "1.0", scheme.sha256, "5" * 64)
    tally, previous, entries = Tally(scheme), commitment(seed), []
    for place in range(N):
        levels = {factor.name: factor.levels[place * 7 % 5 % len(factor.levels)] for factor in scheme.factors}
        step = allot(scheme, key(seed), levels, tally.past(levels))
        tally.add(levels, step.arm)
        record = {**step.record, "case_sha256": f"{place:064}"}
        made = entry_sha256(previous, record)
        entries.append({"record": record, "previous_hash": previous, "hash": made})
        previous = made
    record = {**opening_record(scheme, seed), "seed": seed, "n_cases": N, "head": previous}
    write(tmp_path, record, entries)
    return scheme, seed, entries, tmp_path


def write(folder: Path, record: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    (folder / "record.json").write_text(json.dumps(record), encoding="utf-8")
    lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    return found


def verify(folder: Path) -> tuple[int, str]:
    """Run the script's own main here: a process for each of a hundred changes would take a minute."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = verify_allocation.main([str(folder / "record.json"), str(folder / "log.jsonl")])
    return code, said.getvalue()


def verify_as_a_stranger(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", str(SCRIPT), "record.json", "log.jsonl"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def as_entries(entries: list[dict[str, Any]]) -> list[Entry]:
    return [Entry(**entry) for entry in entries]


def test_a_true_log_matches(logged: Any) -> None:
    scheme, seed, entries, folder = logged
    assert verify_as_a_stranger(folder) == (0, f"MATCH: {N} cases, log {entries[-1]['hash']}\n")
    assert broken(scheme, seed, as_entries(entries)) == []


def rehashed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the chain whole again, as somebody would who can write to the log but does not know the seed."""
    previous = entries[0]["previous_hash"]
    for entry in entries:
        entry["previous_hash"] = previous
        previous = entry["hash"] = entry_sha256(previous, entry["record"])
    return entries


@pytest.mark.parametrize("place", [0, 17, N - 1])
@pytest.mark.parametrize("hides_it", [False, True])
def test_a_changed_arm_is_named(logged: Any, place: int, hides_it: bool) -> None:
    scheme, seed, entries, folder = logged
    changed = copy.deepcopy(entries)
    was = changed[place]["record"]["arm"]
    changed[place]["record"]["arm"] = "B" if was == "A" else "A"
    if hides_it:
        rehashed(changed)
    record = {**read(folder), "head": changed[-1]["hash"]}
    write(folder, record, changed)
    code, said = verify(folder)
    assert code == 1
    assert f"DIFFERENT: case {place + 1}: the log says arm" in said
    assert (f"case {place + 1}: the record is not the one that was hashed" in said) is not hides_it
    assert broken(scheme, seed, as_entries(changed))[0] == place + 1


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "0" * 64},
        {"position": 99},
        {"probabilities": {"A": "1", "B": "0", "C": "0"}},
        {"case_sha256": "f" * 64},
        {"levels": {"sex": "other", "área": "nord"}},
        {"levels": {}},
    ],
)
def test_any_changed_field_is_named(logged: Any, change: dict[str, Any]) -> None:
    scheme, seed, entries, folder = logged
    if change == {"levels": {}} and not scheme.factors:
        pytest.skip("this scheme has no levels")
    changed = copy.deepcopy(entries)
    changed[20]["record"] |= change
    write(folder, read(folder), changed)
    code, said = verify(folder)
    assert code == 1
    assert "DIFFERENT: case 21: " in said
    assert broken(scheme, seed, as_entries(changed))[0] == 21


def test_a_row_taken_out_put_in_or_cut_off_is_seen(logged: Any) -> None:
    scheme, seed, entries, folder = logged
    for changed, place in (
        ([*entries[:10], *entries[11:]], 11),
        ([*entries[:10], entries[9], *entries[10:]], 11),
        ([*entries[:5], entries[6], entries[5], *entries[7:]], 6),
    ):
        write(folder, read(folder), changed)
        code, said = verify(folder)
        assert (code, f"case {place}: " in said) == (1, True), said
        assert broken(scheme, seed, as_entries(changed))[0] == place
    write(folder, read(folder), entries[:-1])
    code, said = verify(folder)
    assert (code, "the log has 39 cases, the record says 40" in said, "the log ends in" in said) == (
        1,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seed": "another"}, "the seed is not the one that was committed to"),
        ({"seed": "another"}, "the seed does not name the scheme"),
        ({"scheme_sha256": "0" * 64}, "the scheme hashes to"),
        ({"head": "0" * 64}, "the log ends in"),
    ],
)
def test_a_changed_record_differs(logged: Any, change: dict[str, Any], reason: str) -> None:
    _, _, entries, folder = logged
    write(folder, {**read(folder), **change}, entries)
    code, said = verify(folder)
    assert (code, reason in said) == (1, True), said


def test_before_the_reveal_nothing_can_be_verified(logged: Any) -> None:
    _, _, entries, folder = logged
    write(folder, {**read(folder), "seed": None}, entries)
    assert verify(folder)[0] == 2


def test_facts_are_bound_by_their_salt_and_not_by_their_order() -> None:
    written = hashlib.sha256('salt{"by":"é","case":"C-1"}'.encode()).hexdigest()
    assert facts_sha256("salt", {"case": "C-1", "by": "é"}) == written


def test_the_record_that_opens_a_log_commits_to_the_seed_and_keeps_it() -> None:
    scheme = SCHEMES["simple"]
    assert opening_record(scheme, "a seed") == {
        "record_version": 1,
        "algorithm": {"id": "hmac-sha256-tag-trickle", "version": "1.0"},
        "parameters": {
            "method": "trickle_simple",
            "arms": [{"label": "A", "ratio": 3}, {"label": "B", "ratio": 2}, {"label": "C", "ratio": 1}],
            "factors": [],
        },
        "scheme_sha256": hashlib.sha256(scheme.canonical()).hexdigest(),
        "seed_commitment": hashlib.sha256(b"a seed").hexdigest(),
        "seed": None,
    }
