"""`manage.py power` as the contract has it: one document on standard output, and what its exit says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import ROOT

GOOD = {"design": "cluster", "effect": 0.3, "power": 0.8, "cluster_size": 20, "icc": 0.05, "simulate": 20}


def run(place: Path, document: Any) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own, in which there is no database to be reached."""
    written = place / "design.json"
    written.write_text(document if isinstance(document, str) else json.dumps(document))
    own = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "EMBEDDED": "1",
        "LOCAL_DIR": str(place / "x"),
    }
    names = ("DJANGO_SETTINGS_MODULE", "REDIS_URL", "SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "manage.py", "power", "--design", str(written)]
    return subprocess.run(command, cwd=ROOT, env={**kept, **own}, capture_output=True, text=True)


@pytest.mark.slow
def test_solved(tmp_path: Path) -> None:
    done = run(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["clusters_per_arm"] == pytest.approx(18.0186, abs=1e-4)
    assert (found["rounded_up"], found["solved_for"]) == (19, "clusters_per_arm")
    assert found["design_effect"] == pytest.approx(1.95)
    assert found["df"] == pytest.approx(2 * (found["clusters_per_arm"] - 1))
    assert {key: found[key] for key in GOOD} == GOOD
    assert {"simulated_power", "simulated_size", "coverage", "noncentrality"} <= set(found)
    assert done.stderr.splitlines()[-1] == "100 % without an effect"


def in_process(
    place: Path, document: Any, capsys: "pytest.CaptureFixture[str]"
) -> tuple[Any, str, list[str]]:
    """Run it here, for what needs no process of its own: exit status, output and complaints."""
    written = place / "design.json"
    written.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(SystemExit) as caught:
        call_command("power", design=written)
    said = capsys.readouterr()
    return caught.value.code, said.out, said.err.splitlines()


def test_nothing_solves_it(tmp_path: Path, capsys: "pytest.CaptureFixture[str]") -> None:
    small = GOOD | {"clusters_per_arm": 4, "cluster_size": None, "effect": 0.05}
    status, out, _ = in_process(tmp_path, small, capsys)
    assert status == 3
    assert json.loads(out)["reason"].startswith("no size reaches a power of 0.8")


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        (GOOD | {"icc": 2}, ["/icc: 'icc' must be a number from 0 to below 1"]),
        ('{"design": "cluster", "design": "did"}', ["/: the key 'design' appears twice"]),
        ("{", ["/: not JSON: Expecting property name enclosed in double quotes at line 1, column 2"]),
    ],
)
def test_refused(
    tmp_path: Path, capsys: "pytest.CaptureFixture[str]", document: Any, lines: list[str]
) -> None:
    assert in_process(tmp_path, document, capsys) == (2, "", lines)


def test_no_file(tmp_path: Path, capsys: "pytest.CaptureFixture[str]") -> None:
    with pytest.raises(SystemExit) as caught:
        call_command("power", design=tmp_path / "none.json")
    assert caught.value.code == 2
    assert "--design: cannot read" in capsys.readouterr().err
