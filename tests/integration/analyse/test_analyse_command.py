"""`manage.py analyse` as the contract has it: one document on standard output, and what its exit says."""

import csv
import gzip
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import ROOT
from tests.reference import vectors
from tests.unit.experiments.stats.panels import plan

PANEL = vectors.panel()
GOOD = plan("callaway_santanna", options={"aggregation": "dynamic", "control_group": "not_yet_treated"})


def second(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the plan with one more estimate."""
    return {
        **document,
        "estimates": [*document["estimates"], {**document["estimates"][0], "id": "H2", **changes}],
    }


class Run:
    """One run in a process of its own, in which there is no database to be reached."""

    def __init__(self, place: Path, document: Any, data: Path | str, *more: str, **environment: str) -> None:
        written = place / "plan.json"
        written.write_text(document if isinstance(document, str) else json.dumps(document))
        own = {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "EMBEDDED": "1",
            "LOCAL_DIR": str(place / "x"),
        }
        names = ("DJANGO_SETTINGS_MODULE", "REDIS_URL", "SECRET_KEY")
        kept = {name: value for name, value in os.environ.items() if name not in names}
        command = [sys.executable, "manage.py", "analyse", "--plan", str(written), "--data", str(data), *more]
        done = subprocess.run(
            command, cwd=ROOT, env={**kept, **own, **environment}, capture_output=True, text=True
        )
        self.status, self.out, self.errors = done.returncode, done.stdout, done.stderr.splitlines()

    @property
    def document(self) -> dict[str, Any]:
        """Return the document without what differs between runs."""
        found: dict[str, Any] = json.loads(self.out)
        found["provenance"] |= {"started_at": "", "seconds": 0}
        return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "panel.csv"
    PANEL.to_csv(path, index=False)
    return path


def test_every_estimate_made(tmp_path: Path, data: Path) -> None:
    run = Run(tmp_path, GOOD, data)
    assert run.status == 0, run.errors
    row = run.document["estimates"][0]
    assert (row["estimate"], row["std_error"]) == pytest.approx((-0.1388981481, 0.3015269913), abs=6e-11)
    assert run.out.count("\n{") == 0
    assert run.errors[-1].startswith("100 %")
    assert run.document["result_version"] == 1
    assert set(run.document) == {"result_version", "estimates", "checks", "data", "plan_sha256", "provenance"}


def test_one_estimate_that_cannot_be_made(tmp_path: Path, data: Path) -> None:
    run = Run(tmp_path, second(GOOD, estimator="two_by_two", options={}), data)
    assert run.status == 3
    one, other = run.document["estimates"]
    assert (one["status"], other["status"]) == ("ok", "not_estimable")
    assert "adopt at 3 different dates" in other["reason"]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("{not json", "line 1"),
        ('{"plan_version": 1, "plan_version": 1}', "twice"),
        ({**GOOD, "formula": "y ~ x"}, "/formula"),
        ({**GOOD, "estimates": [{**GOOD["estimates"][0], "estimator": "magic"}]}, "/estimates/0/estimator"),
        ({**GOOD, "columns": {**GOOD["columns"], "unit": "officer"}}, "officer"),
    ],
)
def test_a_plan_that_is_refused(tmp_path: Path, data: Path, document: Any, line: str) -> None:
    run = Run(tmp_path, document, data)
    assert (run.status, run.out) == (2, "")
    assert any(line in error for error in run.errors), run.errors
    assert not any("Traceback" in error for error in run.errors)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("\n0,1,0,0", "\n0,one,0,0", "line 2, column 'period'"),
        ("unit,period", "unit,unit", "appears twice"),
        ("\n0,2,", "\n0,1,", "line 3, column 'unit': Unit '0' appears twice in period '1'"),
        ("\n0,2,0", "\n0,2,4", "line 3, column 'first': It changes within the unit '0'"),
    ],
)
def test_data_that_are_refused_with_line_and_column(
    tmp_path: Path, data: Path, old: str, new: str, line: str
) -> None:
    text = data.read_text()
    assert old in text
    data.write_text(text.replace(old, new, 1))
    run = Run(tmp_path, GOOD, data)
    assert (run.status, run.out) == (2, ""), run.errors
    assert any(line in error for error in run.errors), run.errors


def test_files_that_are_not_there(tmp_path: Path, data: Path) -> None:
    run = Run(tmp_path, GOOD, tmp_path / "none.csv")
    assert run.status == 2
    assert run.errors == [f"--data: cannot read '{tmp_path / 'none.csv'}': No such file or directory"]
    run = Run(tmp_path, GOOD, data, "--data-kind", "parquet")
    assert run.status == 2
    assert run.errors[-1] == "--data-kind: the file is csv, not parquet"


def test_csv_gzip_and_parquet_are_one(tmp_path: Path, data: Path) -> None:
    packed, columns = tmp_path / "panel.csv.gz", tmp_path / "panel.parquet"
    packed.write_bytes(gzip.compress(data.read_bytes()))
    PANEL.to_parquet(columns, index=False)
    shuffled = tmp_path / "shuffled.csv"
    PANEL.sample(frac=1, random_state=1).to_csv(shuffled, index=False)
    runs = [Run(tmp_path, GOOD, path) for path in (data, packed, columns, shuffled)]
    assert [run.status for run in runs] == [0] * 4, [run.errors for run in runs]
    for run in runs[1:]:
        assert run.document["estimates"] == runs[0].document["estimates"]
        assert run.document["checks"] == runs[0].document["checks"]
        assert run.document["plan_sha256"] == runs[0].document["plan_sha256"]


def test_the_same_bytes_in_any_process(tmp_path: Path, data: Path) -> None:
    one, other = (Run(tmp_path, GOOD, data, PYTHONHASHSEED=seed) for seed in ("0", "99"))
    assert one.document == other.document


def test_only_some_estimates(tmp_path: Path, data: Path) -> None:
    document = {**second(GOOD, estimator="twfe", covariance="CR1", options={}), "checks": ["pre_trends"]}
    run = Run(tmp_path, document, data, "--only", "H2")
    assert [row["id"] for row in run.document["estimates"]] == ["H2"]
    assert run.document["checks"] == {}
    assert Run(tmp_path, document, data, "--only", "H9").status == 2


def test_out_writes_document_table_and_figures(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"
    run = Run(tmp_path, GOOD, data, "--out", str(out))
    assert run.status == 0
    assert (out / "result.json").read_text() == run.out
    with (out / "estimates.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    row = run.document["estimates"][0]
    assert len(rows) == 1 + len(row["terms"])
    assert float(rows[0]["estimate"]) == row["estimate"]
    assert [line["term"] for line in rows[1:]] == [term["term"] for term in row["terms"]]
    drawings = sorted(path.name for path in out.glob("*.svg"))
    assert drawings == ["estimates-difference.svg", "event-study-H1.svg"]
    for name in drawings:
        assert ET.fromstring((out / name).read_text()).tag.endswith("svg")


def test_no_number_of_a_document_is_not_a_number(tmp_path: Path, data: Path) -> None:
    frame = pd.read_csv(data)
    frame.assign(y=1.0).to_csv(data, index=False)
    run = Run(tmp_path, GOOD, data)
    assert run.status == 3
    assert "NaN" not in run.out
    assert "Infinity" not in run.out
    row = run.document["estimates"][0]
    assert row["estimate"] is row["p_value"] is row["mde"] is None
