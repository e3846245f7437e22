"""Whatever the bytes, the reader gives a table or a refusal, and agrees with Python's own CSV parser."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import get_args

from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.reader import ColumnSpec, FileRefused, Kind, read_for_analysis, read_upload
from tests.unit.experiments.reader.refusals import PANEL, SCHEMA

# NUL is refused, a lone carriage return too; everything else may stand in a quoted value.
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


@settings(deadline=None)  # the first call loads Arrow
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str, str]], line_end: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    table = read_for_analysis(text.getvalue().encode(), {"a": "text", "b": "text", "c": "text"}).table
    assert table.to_pylist() == [{k: v or None for k, v in zip("abc", row, strict=True)} for row in rows]


@settings(deadline=None)
@given(st.text('ab,"\n', max_size=40))
@example('a,"\n')
@example('"a""b",a\n')
def test_accepted_structure_is_what_the_csv_module_reads(body: str) -> None:
    text = "x,y\n" + body
    with contextlib.suppress(FileRefused):
        table = read_for_analysis(text.encode(), {"x": "text", "y": "text"}).table
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row][1:]
        assert [[row["x"] or "", row["y"] or ""] for row in table.to_pylist()] == rows


@settings(deadline=None)
@given(st.binary(max_size=60))
@example(b'"')
@example(b"PAR1PAR1")
@example(b"\x1f\x8b\x08")
def test_no_bytes_cause_anything_but_a_refusal(content: bytes) -> None:
    for raw in (content, b"unit,week,calls\n" + content):
        with contextlib.suppress(FileRefused):
            read_upload(raw, SCHEMA, panel=PANEL, gzipped_allowed=True)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([kind for kind in get_args(Kind) if kind != "text"]),
    st.lists(st.text(st.sampled_from("0123456789.,-+eE%£ Qw/T"), max_size=10), min_size=1, max_size=6),
)
def test_values_of_every_kind_are_exact_or_refused(kind: Kind, values: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["u", "x"], *([str(i), value] for i, value in enumerate(values))])
    with contextlib.suppress(FileRefused):
        table = read_upload(text.getvalue().encode(), [ColumnSpec("x", kind, required=False)]).table
        for value, read in zip(values, table["x"].to_pylist(), strict=True):
            assert (read is None) == (value == "")
            if isinstance(read, int | float):
                assert read == float(value)
