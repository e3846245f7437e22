"""`manage.py walk`: one command takes a panel from an idea to a rated page, through a real Redis and worker."""

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from experiments.stats.simulate import rollout_panel
from tests import shared_data
from tests.conftest import ROOT, run_command

PLAN = ROOT / "docs" / "walk" / "plan.json"
_OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAULT_DIR")


def walk(place: Path, panel: Path, plan: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name not in _OWN}
    environment |= {"LOCAL_DIR": str(place), "DJANGO_SETTINGS_MODULE": "centre.settings", "EMBEDDED": "1"}
    return run_command("walk", "--panel", str(panel), "--plan", str(plan), *more, environment=environment)


def generated(place: Path) -> tuple[Path, Path]:
    """Return a small panel of the same shape, and the documented plan without the outcome that it lacks."""
    panel, plan = place / "panel.csv", place / "plan.json"
    rollout_panel(400, 24, n_cohorts=8, seed=7).to_csv(panel, index=False)
    document = json.loads(PLAN.read_text())
    document["estimates"] = [one for one in document["estimates"] if one["outcome"] != "sustained"]
    plan.write_text(json.dumps(document))
    return panel, plan


def rows(report: Path) -> dict[str, list[str]]:
    """Return the rows of the report's tables by their first cell."""
    cells = ([cell.strip() for cell in line.split("|")[1:-1]] for line in report.read_text().splitlines())
    return {row[0]: row[1:] for row in cells if row}


def one(database: Path, query: str) -> Any:
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_generated_panel_goes_the_whole_way_once(tmp_path: Path) -> None:
    panel, plan = generated(tmp_path)
    place, report = tmp_path / "registry", tmp_path / "report.md"
    walked = walk(place, panel, plan, "--report", str(report))
    assert walked.returncode == 0, walked.stderr
    assert re.search(r"Trial CPP-\d{4}-0001-[\dX] is published: Real data, demonstration only", walked.stdout)
    found = rows(report)
    assert float(found["complaints-simple"][3].replace("−", "-"))
    assert "no unit is never treated" in found["complaints-never"][3]
    database = place / "registry.sqlite3"
    assert one(database, "SELECT count(*) FROM tactics_finding") == 2
    assert one(database, "SELECT count(*) FROM centre_run WHERE state = 'done'") == 2
    assert one(database, "SELECT is_registered FROM experiments_analysis") == 1

    again = walk(place, panel, plan)
    assert again.returncode == 1
    assert "has been walked in this database. Give another --name." in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.skipif(
    shared_data.training_panel() is None, reason="the published panel is not beside the checkout"
)
def test_the_published_panel_goes_the_whole_way(tmp_path: Path) -> None:
    panel, report = shared_data.training_panel(), tmp_path / "report.md"
    assert panel
    walked = walk(tmp_path / "registry", panel, PLAN, "--report", str(report))
    assert walked.returncode == 0, walked.stderr
    # The numbers of R's did on the same panel, at the three figures that disclosure control lets out.
    assert rows(report)["complaints-simple"][3:5] == ["−0.00518", "0.00392"]
    assert "560,520 rows, 7,785 units" in report.read_text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("uid,period,first_trained,complaints,force\n1,1,2,x,0\n", "line 2"),
        ("uid,period,complaints,force\n1,1,0,0\n", "first_trained"),
    ],
    ids=["not a number", "no such column"],
)
def test_a_bad_panel_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    panel, plan = generated(tmp_path)
    panel.write_text(content)
    refused = walk(tmp_path / "registry", panel, plan)
    assert refused.returncode == 1
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
