"""The whole way from a file to rows: the contract, false discovery over series, what is refused and how."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from centre.hub.trends import series_file
from centre.hub.trends.answer import answer
from centre.hub.trends.errors import TrendsRefused
from tests import shared_data
from tests.conftest import run_command
from tests.unit.centre.hub.trends.made import days, months, noise

COLUMNS = {"series", "date", "count", "expected", "upper_bound", "score", "alarm", "rule"}
CONTROL = {"p_value", "q_value", "signal"}


def csv_of(counts: Any) -> str:
    lines = [f"{2015 + at // 12}-{at % 12 + 1:02d},{count:g}" for at, count in enumerate(counts)]
    return "date,count\n" + "\n".join(lines) + "\n"


def written(tmp_path: Path, text: str, method: str, options: Any = None) -> list[str]:
    """Write the files, and return the arguments that name them."""
    (tmp_path / "series.csv").write_text(text, encoding="utf-8")
    arguments = ["--data", str(tmp_path / "series.csv"), "--method", method]
    if options is not None:
        (tmp_path / "options.json").write_text(json.dumps(options), encoding="utf-8")
        arguments += ["--options", str(tmp_path / "options.json")]
    return arguments


@pytest.mark.slow
def test_the_command_prints_rows_and_nothing_else(tmp_path: Path) -> None:
    options = {"b": 5, "w": 1, "range": [80, 84]}
    arguments = written(tmp_path, csv_of(noise(1)), "farrington_flexible", options)
    done = run_command(
        "trends", *arguments, environment={**os.environ, "DATABASE_URL": "sqlite:////nowhere/at/all"}
    )
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert [row["date"] for row in rows] == [f"2021-{month:02d}-01" for month in range(8, 13)]
    assert all(set(row) == COLUMNS for row in rows)
    assert "100 %" in done.stderr


def ended(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[object, str, list[str]]:
    """Return the exit code, and what the command said on both streams."""
    with pytest.raises(SystemExit) as end:
        call_command("trends", *arguments)
    said = capsys.readouterr()
    return end.value.code, said.out, said.err.splitlines()


def test_the_command_says_what_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = written(tmp_path, csv_of(noise(1)[:30]), "farrington_flexible", {"w": 1})
    code, out, _ = ended(capsys, arguments)
    rows = json.loads(out)
    assert (code, [row["alarm"] for row in rows]) == (3, [None])
    assert rows[0]["not_estimable"].startswith("Looking back 5 years")


def test_the_command_refuses_by_line_and_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = written(tmp_path, "date,count\n2024-01,3\n2024-02,-1\n2024-13,5\n", "xmr")
    assert ended(capsys, data) == (
        2,
        "",
        [
            "line 3, column count: must be a number, 0 or more; leave it empty where it is missing",
            "line 4, column date: write a date as 2024-05-13 or 2024-05",
        ],
    )
    options = written(tmp_path, csv_of(noise(1)), "farrington_flexible", {"bb": 3, "w": -1})
    code, _, problems = ended(capsys, options)
    assert code == 2
    assert problems[0].startswith("option bb: not known for farrington_flexible; use alpha, b,")
    assert problems[1] == "option w: must be a whole number from 0 to 26"
    (tmp_path / "options.json").write_text('{"w": 1, "w": 2}')
    assert ended(capsys, options)[::2] == (2, ["--options: Key 'w' appears twice."])
    assert ended(capsys, ["--data", "/nowhere", "--method", "xmr"])[2] == [
        "cannot read '/nowhere': No such file or directory"
    ]


def test_the_vector_of_xmr_through_the_answer() -> None:
    path = shared_data.find("test_vectors.json")
    if path is None:
        pytest.skip("the shared vectors are not beside the checkout; test_xmr.py holds them")
    vector = json.loads(path.read_text())["xmr"]
    rows = answer("xmr", [days(vector["y"])], {}, {"baseline_n": vector["baseline_n"]}).rows
    assert [row["rule"] for row in rows] == vector["expected_labels"]
    assert [row["upper_bound"] for row in rows] == pytest.approx([vector["upl"]] * len(rows))
    assert [row["lower_bound"] for row in rows] == pytest.approx([vector["lpl"]] * len(rows))


def test_the_original_method_is_the_flexible_one_with_its_own_defaults() -> None:
    series = [months(noise(2))]
    original = answer("farrington", series, {}, {"w": 1, "range": [84, 84]}).rows
    flexible = answer(
        "farrington_flexible",
        series,
        {},
        {"w": 1, "alpha": 0.025, "weights_threshold": 1.0, "range": [84, 84]},
    ).rows
    assert original == flexible


@pytest.mark.slow
def test_false_discoveries_over_602_series_of_noise() -> None:
    """43 forces by 14 types: one month is judged, and nothing has happened."""
    signals, alarms = [], []
    for month in range(2):
        series = [
            months(noise(1_000 * month + at, mean=3 + at % 40, dispersion=1 + (at % 3) / 2), name=f"{at:03d}")
            for at in range(602)
        ]
        rows = answer("farrington_flexible", series, {}, {"w": 1, "range": [84, 84]}).rows
        judged = [row for row in rows if "not_estimable" not in row]
        assert len(judged) > 590
        assert all(set(row) == COLUMNS | CONTROL for row in judged)
        alarms.append(sum(row["alarm"] for row in judged))
        signals.append(sum(row["signal"] for row in judged))
    # Without control some thirty alarms a month; with it, none or one.
    assert np.mean(alarms) > 15
    assert sum(signals) <= 2


@pytest.mark.slow
def test_seeded_outbreaks_among_many_series_are_found() -> None:
    drawn = np.random.default_rng(5)
    series, seeded = [], set(range(0, 300, 20))
    for at in range(300):
        counts = noise(at, mean=20)
        if at in seeded:
            counts[83] = drawn.poisson(3 * 20 * np.exp(0.3 * np.sin(2 * np.pi * 83 / 12)))
        series.append(months(counts, name=f"{at:03d}"))
    rows = answer("farrington_flexible", series, {}, {"w": 1, "range": [84, 84]}).rows
    found = {int(row["series"]) for row in rows if row["signal"]}
    assert len(found & seeded) >= 0.8 * len(seeded)
    assert len(found - seeded) <= 0.1 * len(found) + 2


def test_rows_in_any_order_are_the_same_series() -> None:
    lines = csv_of(noise(3)).splitlines()
    turned = [lines[0], *reversed(lines[1:])]
    one, other = (series_file.read("\n".join(text).encode()) for text in (lines, turned))
    assert (
        answer("farrington_flexible", *one, {"w": 1}).rows
        == answer("farrington_flexible", *other, {"w": 1}).rows
    )


def test_without_a_range_what_has_a_history_is_judged() -> None:
    rows = answer("farrington_flexible", [months(noise(4))], {}, {"w": 1, "b": 3}).rows
    assert rows[0]["date"] == "2018-02-01"
    assert rows[-1]["date"] == "2021-12-01"
    halves = answer("cusum", [months(noise(4))], {}, {}).rows
    assert len(halves) == 42


@pytest.mark.parametrize(
    "span", [[0, 3], [3, 2], [1, 999], ["2024-01-01", "2024-02-30"], [1], "1", [True, 3]]
)
def test_a_range_that_is_none_is_refused(span: Any) -> None:
    with pytest.raises(TrendsRefused, match="option range"):
        answer("ears_c1", [days(list(range(20)))], {}, {"range": span})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no rows"),
        ("date,count\n", "no rows"),
        ("date,count,colour\n2024-01,1,red\n", "unknown column colour"),
        ("date,count,count\n2024-01,1,1\n", "column count appears twice"),
        ("date\n2024-01\n", "column count is missing"),
        ("date,count,x\n2024-01,1,2\n", "both columns x"),
        ("date,count\n2024-01,1,2\n", "3 fields; the header has 2"),
        ("date,count\n2024-01,1e5\n", "must be a number"),
        ("date,count\n2024-01,NaN\n", "must be a number"),
        ("date,count\n01/02/2024,1\n", "write a date as"),
        ("date,count,population\n2024-01,1,0\n", "column population: must be a number above 0"),
        ("date,count\n2024-01,1\n2024-01,2\n", "the date 2024-01-01 appears twice"),
        ("date,count\n2024-01,1\n", "two dates or more"),
        ("date,count,x,y\n2024-01,1,200,0\n", "longitude and a latitude"),
        ("date,count,x,y\n2024-01,1,0,0\n2024-02,1,0,1\n", "more than one place"),
        ('date,count\n"2024-01,1\n', "line"),
    ],
)
def test_files_are_refused_by_line(text: str, problem: str) -> None:
    with pytest.raises(TrendsRefused, match=problem):
        series_file.read(text.encode())
    with pytest.raises(TrendsRefused, match="UTF-8"):
        series_file.read(b"date,count\n2024-01,\xff\n")


def test_a_scan_by_file() -> None:
    drawn = np.random.default_rng(1)
    lines = ["series,date,count,x,y"]
    for at in range(9):
        for month in range(1, 7):
            count = drawn.poisson(4) + (15 if at == 4 and month == 6 else 0)
            lines.append(
                f"E0100000{at},2024-{month:02d},{count},{-0.5 + at % 3 * 0.01},{51 + at // 3 * 0.01}"
            )
    series, places = series_file.read("\n".join(lines).encode())
    rows = answer("scan", series, places, {"replications": 99}).rows
    assert (rows[0]["series"], rows[0]["areas"], rows[0]["start"]) == (
        "E01000004",
        ["E01000004"],
        "2024-06-01",
    )
    assert rows[0]["alarm"]
    with pytest.raises(TrendsRefused, match="no count for 2024-06-01"):
        answer("scan", *series_file.read("\n".join(lines[:-1]).encode()), {})
    with pytest.raises(TrendsRefused, match="columns x"):
        answer("scan", series, {}, {})
    few = answer("scan", *series_file.read(b"series,date,count,x,y\na,2024-01,0,0,0\na,2024-02,0,0,0\n"), {})
    assert (few.is_whole, few.rows[0]["not_estimable"]) == (
        False,
        "A scan needs two places and two dates or more",
    )
