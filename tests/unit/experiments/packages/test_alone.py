"""What the script of a package says: with the data, without the draw, and where it can say nothing."""

import json
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest

from experiments.packages import again, alone
from experiments.packages.building import package
from experiments.stats.registered import DayRules, DrawnDays, Registered
from tests.unit.experiments.packages import made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    facts = made.facts(has_draw=True)
    for file in (*facts.files, *package(facts)):
        (tmp_path / file.name).write_bytes(file.content)
    pyarrow.csv.write_csv(made.table(), tmp_path / "data.csv")
    return tmp_path


def test_without_the_data_it_says_what_it_could_not_check(folder: Path) -> None:
    report = alone.replicate(folder, None, None)
    assert report.differences == []
    assert any("No data were given" in one for one in report.not_checked)
    assert report.as_json()["verdict"] == "same"


def test_without_the_draw_what_rests_on_it_is_left_out_and_named(folder: Path) -> None:
    report = alone.replicate(folder, folder / "data.csv", None)
    assert report.differences == []
    assert any("not compared" in one and "/checks/balance" in one for one in report.not_checked)


def test_with_data_and_draw_every_number_is_compared(folder: Path) -> None:
    sent = again.registered_json(Registered(), {})
    (folder / "registered.json").write_text(json.dumps(sent), encoding="utf-8")
    report = alone.replicate(folder, folder / "data.csv", folder / "registered.json")
    assert (report.differences, report.not_checked) == ([], [])
    assert any("bit for bit" in line for line in report.lines)


def test_a_published_number_that_is_wrong_is_found_by_itself_and_by_the_data(folder: Path) -> None:
    document = json.loads((folder / "result.json").read_bytes())
    document["estimates"][0]["conf_low"] *= 1.1
    (folder / "result.json").write_text(json.dumps(document), encoding="utf-8")
    alone_found = alone.replicate(folder, None, None)
    assert [one["pointer"] for one in alone_found.differences] == ["/estimates/0/conf_low"]
    found = alone.replicate(folder, folder / "data.csv", None)
    assert [one["pointer"] for one in found.differences] == ["/estimates/0/conf_low"] * 2


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("registered.json", "[]", "registered.json: this is not what the registration says"),
        ("registered.json", "{", "not JSON"),
        ("data.csv", "unit,arm\nU1,control\n", "calls"),
        ("plan.json", '{"plan_version": 1}', "plan.json"),
    ],
)
def test_what_cannot_be_used_is_named(folder: Path, name: str, content: str, why: str) -> None:
    sent = again.registered_json(Registered(), {})
    (folder / "registered.json").write_text(json.dumps(sent), encoding="utf-8")
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(alone.CannotDo) as refusal:
        alone.replicate(folder, folder / "data.csv", folder / "registered.json")
    assert why in "\n".join(map(str, refusal.value.args))


def test_what_the_registration_says_survives_json() -> None:
    said = Registered(
        assignment={"U1": "A"},
        shares={"A": 1.0, "B": 2.0},
        is_fixed=False,
        allowed=(("A", "B"), ("B", "A")),
        days=DrawnDays(DayRules(4, 2, 1, "A"), ("2026-01-01",), {"U1": ("A",)}),
        planned_dose={"A": 2.5},
        integrity_floor=0.6,
        attrition_boundary="cautious",
    )
    sent: Any = json.loads(json.dumps(again.registered_json(said, {"A": 1})))
    assert again.read_registered(sent) == (said, {"A": 1})
