"""The sample forces' street files: the same bytes every time, with the faults that they are made to have."""

import datetime as dt
from pathlib import Path

import pytest

from centre import sample
from centre.hub.examination import ForceNames, examine
from centre.hub.quality.checks import findings
from experiments.management.sample import street_files

TODAY = dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("force", "checks"),
    [
        ("northmoor", {"missing_months", "blank_street"}),
        ("eastvale", set()),
        ("southmere", {"no_location"}),
        ("westholt", set()),
    ],
)
def test_each_force_has_its_faults_and_no_other(tmp_path: Path, force: str, checks: set[str]) -> None:
    archive = street_files.archive(force, TODAY)
    assert archive == street_files.archive(force, TODAY.replace(day=1))
    (tmp_path / "a.tar").write_bytes(archive)
    known = {force: ForceNames(frozenset({sample.FORCES[force]}), "")}
    (found,) = examine(tmp_path / "a.tar", forces=known).series
    assert {one.check for one in findings(found)} == checks | {"open_outcomes"}
    assert found.months[-1] == "2026-10"
    burglary = [one.categories["Burglary"] for one in found.profiles]
    assert (burglary[-1] > 1.5 * max(burglary[-13:-1])) is (force == "eastvale")
