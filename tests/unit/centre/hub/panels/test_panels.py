"""Panels become partitions and sums by force: known values, any order and layout the same, a simulation, refusals."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from centre.hub.panels import rollup
from centre.hub.panels.building import build
from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.reading import Source
from tests.unit.centre.hub.panels.small import CODES, KNOWN, PLACES, Rows, built, long, wide, written


def read(folder: Path, *parts: Rows, absent_is_zero: bool = False, name: str = "panel.csv") -> rollup.Rollup:
    return rollup.read(built(folder, *parts, name=name).rollup, absent_is_zero=absent_is_zero)


def test_sums_are_those_that_can_be_added_up_by_hand(tmp_path: Path) -> None:
    # Seven areas are here and one is there: 0 to 6 and 7 in December, 8 to 14 and 15 in January.
    found = read(tmp_path, wide())
    assert (found.forces, found.measures, found.of_areas.tolist()) == (
        ("here", "there"),
        ("burglary", "robbery"),
        [7, 1],
    )
    assert found.values[0].tolist() == [[21, 7], [77, 15]]
    assert found.national("robbery").tolist() == [280, 920]
    series = found.series()["here", "burglary"]
    assert series.dates == (dt.date(2023, 12, 1), dt.date(2024, 1, 1))
    assert series.counts.tolist() == [21, 77]


def test_a_partition_is_a_year_in_which_one_column_of_one_month_can_be_read(tmp_path: Path) -> None:
    done = built(tmp_path, wide())
    assert [(one.year, one.rows) for one in done.partitions] == [(2023, 8), (2024, 8)]
    assert (done.areas, done.rows, done.cells) == (8, 16, 32)
    file = pq.ParquetFile(done.partitions[1].path)
    table = file.read_row_group(0, columns=["area", "robbery"])
    assert dict(zip(table["area"].to_pylist(), table["robbery"].to_pylist(), strict=True)) == {
        row["area"]: row["robbery"] for row in wide() if row["month"] == "2024-01"
    }


@pytest.mark.parametrize("name", ["panel.csv", "panel.csv.gz", "panel.parquet"])
@pytest.mark.parametrize("is_long", [False, True])
def test_neither_order_nor_layout_nor_format_nor_number_of_files_matters(
    tmp_path: Path, name: str, is_long: bool
) -> None:
    expected = read(tmp_path, wide())
    rows = long(wide()) if is_long else wide()
    mixed = [rows[at] for at in np.random.default_rng(3).permutation(len(rows))]
    found = read(tmp_path, mixed[:5], mixed[5:], name=name)
    assert found.measures == expected.measures
    assert found.months == expected.months
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.areas, expected.areas)


def test_a_month_in_which_an_area_is_missing_is_not_known_unless_absent_means_none(tmp_path: Path) -> None:
    rows = [row for row in wide() if row["area"] != CODES[0] or row["month"] != "2024-01"]
    strict = read(tmp_path, rows)
    assert np.isnan(strict.values[0, 1, 0])
    assert np.isnan(strict.national("burglary")[1])
    assert strict.values[0, 1, 1] == 15
    lenient = read(tmp_path, rows, absent_is_zero=True)
    assert lenient.values[0, 1].tolist() == [69, 15]
    # A force without any row in a month sent nothing: that is not none.
    without = read(
        tmp_path,
        [row for row in rows if row["area"] != CODES[-1] or row["month"] != "2024-01"],
        absent_is_zero=True,
    )
    assert np.isnan(without.values[0, 1, 1])


def test_a_month_without_any_row_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, wide(("2023-11", "2024-02")))
    assert len(found.months) == 4
    assert np.isnan(found.series()["there", "robbery"].counts).tolist() == [False, True, True, False]


def test_many_random_panels_add_up_as_pandas_adds_them(tmp_path: Path) -> None:
    random = np.random.default_rng(20261128)
    force = dict.fromkeys(CODES[:-1], "here") | {CODES[-1]: "there"}
    for at in range(20):
        rows = [
            row | {"burglary": int(random.poisson(4)), "robbery": int(random.integers(0, 2**31 - 1))}
            for row in wide(
                tuple(f"20{10 + at}-{month:02d}" for month in random.permutation(np.arange(1, 13))[:5])
            )
            if random.uniform() < 0.7
        ]
        folder = tmp_path / str(at)
        folder.mkdir()
        found = read(folder, rows, absent_is_zero=True)
        frame = pd.DataFrame(rows).assign(force=lambda one: one["area"].map(force))
        sums = frame.groupby(["force", "month"])[["burglary", "robbery"]].sum()
        for (name, month), row in sums.iterrows():
            place = found.months.index(dt.date.fromisoformat(f"{month}-01"))
            assert found.values[:, place, found.forces.index(name)].tolist() == row.tolist()
        assert np.count_nonzero(~np.isnan(found.values)) == sums.size


def _changed(at: int, **other: Any) -> Rows:
    rows = wide()
    rows[at] |= other
    return rows


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (_changed(3, burglary=-1), "0-panel.csv: row 5: a value of 'burglary' is -1: a count is 0 or more"),
        (_changed(3, burglary="1.5"), "Row #5: CSV conversion error"),
        (_changed(3, burglary=""), "CSV conversion error"),
        (_changed(3, burglary="3000000000"), "CSV conversion error"),
        (_changed(3, month="2024-13"), "row 5: month '2024-13' is none"),
        (_changed(3, month="03/2024"), "month '03/2024' is none"),
        (_changed(3, area="E01999999"), "row 5: area 'E01999999' is not in the lookup"),
        (_changed(3, area="E01000007"), "'E01000007' is not of 2021 .* a panel has one vintage"),
        (_changed(3, area=CODES[2]), f"area '{CODES[2]}' has two rows for 2023-12"),
        ([*wide(), wide()[0]], f"area '{CODES[0]}' has two rows for 2023-12"),
        ([row | {"arson": 1} for row in wide()], "column 'arson' is no measure"),
        ([{"month": row["month"], "burglary": 1} for row in wide()], "there is no column 'area'"),
        ([{"area": row["area"], "month": row["month"]} for row in wide()], "there is one at least"),
        ([*long(wide()), long(wide())[0]], "two rows of 'burglary' for 2023-12"),
        ([row | {"measure": "arson"} for row in long(wide())], "'arson' is no measure"),
        (
            [*long(wide()), long(wide())[0] | {"value": 0.5}],
            "row 34: a value of a measure that is counted is no",
        ),
    ],
)
def test_a_panel_that_cannot_be_is_refused_with_its_file(tmp_path: Path, rows: Rows, said: str) -> None:
    with pytest.raises(PanelRefused, match=said) as refused:
        built(tmp_path, rows)
    assert "0-panel.csv" in str(refused.value) or "two rows" in str(refused.value)


def test_hours_may_be_fractions_and_counts_beside_them_may_not(tmp_path: Path) -> None:
    rows = [row | {"officer-hours": 0.5} for row in wide()]
    found = read(tmp_path, rows)
    assert found.national("officer-hours").tolist() == [4, 4]
    rows[0]["burglary"] = 0.5
    with pytest.raises(PanelRefused, match="no whole number"):
        read(tmp_path, rows)


@pytest.mark.parametrize("name", ["panel.csv.gz", "panel.parquet"])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    source = written(tmp_path / name, wide())
    source.path.write_bytes(source.path.read_bytes()[:-9])
    with pytest.raises(PanelRefused, match=name):
        build([source], KNOWN, PLACES, tmp_path)


def test_files_of_one_panel_have_the_same_columns_and_there_is_one(tmp_path: Path) -> None:
    with pytest.raises(PanelRefused, match=r"1-panel.csv has other columns than 0-panel.csv"):
        built(tmp_path, wide(), long(wide()))
    with pytest.raises(PanelRefused, match="no CSV and no Parquet"):
        build([], KNOWN, PLACES, tmp_path)
    empty = tmp_path / "empty.csv"
    empty.write_text("area,month,burglary\n", encoding="utf-8")
    with pytest.raises(PanelRefused):
        build([Source(empty, "empty.csv")], KNOWN, PLACES, tmp_path)


def test_a_row_of_parquet_is_counted_from_1(tmp_path: Path) -> None:
    rows = [row | {"burglary": 0.5 if at == 3 else 1.0} for at, row in enumerate(wide())]
    with pytest.raises(
        PanelRefused, match=r"0-panel.parquet: row 4: a value of 'burglary' is no whole number"
    ):
        built(tmp_path, rows, name="panel.parquet")


def test_rows_without_end_are_refused_before_they_fill_the_disk(tmp_path: Path) -> None:
    whole = wide(tuple(f"2023-{month:02d}" for month in range(1, 13)))
    with pytest.raises(PanelRefused, match="has two rows for 2023-01"):
        built(tmp_path, whole, whole, whole)
    assert not list(tmp_path.rglob("*.parquet"))
