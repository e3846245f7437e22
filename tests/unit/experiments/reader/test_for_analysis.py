"""Reading only what an analysis plan names."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from experiments.reader import FileRefused, Problem, read_for_analysis


class TestForAnalysis:
    def test_only_the_columns_asked_for(self, tmp_path: Path) -> None:
        path = tmp_path / "panel.csv.gz"
        path.write_bytes(
            gzip.compress(b"id,name,year,first,y,junk\n1.0,Jo,2004,never,0.5,NA\n2.0,Al,2005,2005,,x\n")
        )
        columns = {"id": "text", "year": "period", "first": "first_treated", "y": "number"}
        reading = read_for_analysis(path, columns)  # type: ignore[arg-type]
        assert reading.table.to_pylist() == [
            {"id": "1.0", "year": 2004, "first": None, "y": 0.5},
            {"id": "2.0", "year": 2005, "first": 2005, "y": None},
        ]
        assert reading.report.blank == {"y": 1}

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("id,y\na,1\nb,NA\n", Problem(3, "y", "Not a number")),
            ("id,y\na,1\nb\n", Problem(3, None, "Line 3 has 1 value but the header has 2")),
            ("id,z\na,1\n", Problem(1, "y", "Column 'y' is missing; found id, z")),
            ("id,y,y\na,1,2\n", Problem(1, "y", "Column 'y' appears twice")),
        ],
    )
    def test_refused(self, text: str, problem: Problem) -> None:
        with pytest.raises(FileRefused) as caught:
            read_for_analysis(text.encode(), {"id": "text", "y": "number"})
        assert caught.value.problems == (problem,)

    def test_a_column_of_row_names_is_no_obstacle(self) -> None:
        """R's write.csv gives one without a name."""
        table = read_for_analysis(b'"","y"\n"1",2.5\n', {"y": "number"}).table
        assert table.to_pylist() == [{"y": 2.5}]
