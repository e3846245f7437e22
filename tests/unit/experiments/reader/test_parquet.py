"""Parquet in and out."""

from __future__ import annotations

import io
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.reader import ColumnSpec, Limits, Problem, read_upload, write_parquet
from tests.unit.experiments.reader.refusals import GOOD, PANEL, SCHEMA, messages, problems


class TestParquet:
    def table(self) -> pa.Table:
        return pa.table(
            {
                "unit": pa.array(["a", "a", "b", None]).dictionary_encode(),
                "week": pa.array([1, 2, 1, 2], pa.int16()),
                "calls": pa.array([1.0, 0.0, None, 3.0]),
            }
        )

    def content(self, table: pa.Table) -> bytes:
        stream = io.BytesIO()
        pq.write_table(table, stream)
        return stream.getvalue()

    def test_the_same_checks(self) -> None:
        assert problems(self.content(self.table())) == [
            Problem(3, "calls", "A value is missing"),
            Problem(4, "unit", "A value is missing"),
        ]
        floats = pa.table({"unit": ["a", "b"], "week": [1, 1], "calls": [float("nan"), 2.5]})
        assert problems(self.content(floats)) == [
            Problem(1, "calls", "Not a number"),
            Problem(2, "calls", "Count must be a whole number, 0 or more"),
        ]
        double = pa.table({"unit": ["a", "a"], "week": [1, 1], "calls": [1, 1]})
        assert messages(self.content(double), panel=PANEL) == ["Rows 1 and 2 are the same unit and week"]

    def test_types(self) -> None:
        days = pa.array([date(2026, 1, 5)], pa.date32())
        schema = [
            ColumnSpec("d", "date"),
            ColumnSpec("t", "date"),
            ColumnSpec("b", "binary"),
            ColumnSpec("x", "number"),
        ]
        table = pa.table({"d": days, "t": days.cast(pa.timestamp("ns")), "b": [True], "x": [0.1 + 0.2]})
        assert read_upload(self.content(table), schema).table.to_pylist() == [
            {"d": date(2026, 1, 5), "t": date(2026, 1, 5), "b": 1, "x": 0.1 + 0.2}
        ]
        times = pa.table({"d": pa.array([1], pa.timestamp("s"))})
        assert messages(self.content(times), schema[:1]) == ["Use YYYY-MM-DD"]
        nested = pa.table({"d": [[1]]})
        assert messages(self.content(nested), schema[:1]) == [
            "Column 'd' is of a type we cannot read (list<element: int64>)"
        ]

    def test_no_rows_too_many_rows_too_many_columns(self) -> None:
        assert messages(self.content(self.table().slice(0, 0))) == ["No data rows"]
        assert messages(self.content(self.table()), limits=Limits(rows=3)) == [
            "The file has more than 3 rows"
        ]
        assert messages(self.content(self.table()), limits=Limits(columns=2)) == [
            "The file has more than 2 columns"
        ]

    def test_a_parquet_bomb_is_not_unpacked(self) -> None:
        bomb = self.content(pa.table({"unit": pa.array([f"{i:0200}" for i in range(20_000)])}))
        limits = Limits(n_bytes=len(bomb), rows=10**6)
        if len(bomb) * 20 < 20_000 * 200:
            assert messages(bomb, limits=limits) == ["The file is too large once it is unpacked"]

    def test_what_is_written_is_read_back_and_depends_on_values_alone(self) -> None:
        table = read_upload(GOOD.encode(), SCHEMA).table
        one, two = io.BytesIO(), io.BytesIO()
        write_parquet(table, one)
        chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)]).replace_schema_metadata(
            {"made": "today"}
        )
        write_parquet(chunked, two)
        assert one.getvalue() == two.getvalue()
        assert read_upload(one.getvalue(), SCHEMA).table == table
