"""Files of good form, and what is no table at all; numbers in brackets are of the catalogue."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from centre.spreadsheets import export_cell
from experiments.reader import ColumnSpec, FileRefused, Limits, Problem, read_upload
from tests.unit.experiments.reader.refusals import GOOD, PANEL, SCHEMA, messages, problems, values_of


class TestGoodFiles:
    def test_a_panel(self) -> None:
        reading = read_upload(GOOD.encode(), SCHEMA, panel=PANEL)
        assert reading.table.to_pydict() == {
            "unit": ["HS-001", "HS-001", "HS-002", "HS-002"],
            "week": [1, 2, 1, 2],
            "calls": [4, 0, 7, 12],
        }
        assert reading.report.n_rows == 4
        assert reading.report.columns == {"unit": "text", "week": "period", "calls": "count"}
        assert reading.report.missing_periods is not None
        assert reading.report.missing_periods.count == 0

    def test_report_carries_the_hash_of_the_bytes_received(self) -> None:
        report = read_upload(GOOD.encode(), SCHEMA).report
        assert report.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
        assert report.n_bytes == len(GOOD)

    @pytest.mark.parametrize(
        "text",
        [
            GOOD.replace("\n", "\r\n"),
            GOOD.rstrip("\n"),
            GOOD + "\n\r\n\n",
            "\ufeff" + GOOD,  # [38]
            GOOD.replace("HS-001", '"HS-001"').replace("unit", '"unit"'),
        ],
    )
    def test_other_ways_of_writing_the_same_file(self, text: str) -> None:
        assert read_upload(text.encode(), SCHEMA).table == read_upload(GOOD.encode(), SCHEMA).table

    def test_undeclared_columns_are_not_kept_and_named(self) -> None:
        text = "unit,week,beat,calls\nHS-001,1,N,4\n"
        reading = read_upload(text.encode(), SCHEMA)
        assert reading.table.column_names == ["unit", "week", "calls"]
        assert reading.report.ignored == ("beat",)

    def test_text_is_kept_as_written(self) -> None:
        """[46], [47], [58]"""
        written = ["NA", "null", "None", "007", "=cmd|' /C calc'!A0", " padded ", "1e400", "True"]
        assert values_of("text", *written) == written

    def test_quoted_commas_quotes_and_line_breaks(self) -> None:
        text = 'unit,x\n"a,b","say ""no"""\nc,"two\nlines"\nd,4\n'
        reading = read_upload(text.encode(), [ColumnSpec("unit", "text"), ColumnSpec("x", "text")])
        assert reading.table.to_pydict() == {"unit": ["a,b", "c", "d"], "x": ['say "no"', "two\nlines", "4"]}

    def test_lines_are_those_of_the_file_after_a_line_break_in_a_value(self) -> None:
        text = 'unit,week,calls\n"a\nb",1,4\nc,1,x\nd,2\n'
        assert [p.line for p in problems(text)] == [5]
        assert [p.line for p in problems(text.replace("d,2\n", ""))] == [4]

    def test_optional_columns_and_blank_values(self) -> None:
        schema = [*SCHEMA, ColumnSpec("harm", "number", required=False, optional=True)]
        assert "harm" not in read_upload(GOOD.encode(), schema).table.column_names
        text = "unit,week,calls,harm\na,1,1,\nb,1,1,2.5\n"
        reading = read_upload(text.encode(), schema)
        assert reading.table["harm"].to_pylist() == [None, 2.5]
        assert reading.report.blank == {"harm": 1}

    def test_progress_rises_to_one(self) -> None:
        told: list[float] = []
        read_upload(GOOD.encode(), SCHEMA, panel=PANEL, progress=lambda fraction, _: told.append(fraction))
        assert told == sorted(told)
        assert told[-1] == 1.0

    def test_streams_and_paths(self, tmp_path: Path) -> None:
        (tmp_path / "x.csv").write_text(GOOD)
        table = read_upload(GOOD.encode(), SCHEMA).table
        assert read_upload(io.BytesIO(GOOD.encode()), SCHEMA).table == table
        assert read_upload(tmp_path / "x.csv", SCHEMA).table == table


class TestNotATable:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "The file is empty"),  # [33]
            (b"\xef\xbb\xbf \n\n", "The file is empty"),
            (b"unit,week,calls\n", "No data rows"),  # [34]
            (b"unit,week,calls\n\n\n", "No data rows"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an Excel file. Save it as CSV UTF-8"),
            (b"<!DOCTYPE html><html>", "This is a web page, not data"),  # [36]
            (b"\n  <html lang=en>", "This is a web page, not data"),
            (gzip.compress(GOOD.encode(), mtime=0), "Upload a plain CSV"),  # [59]
            (b"BZh91AY", "Upload a plain CSV"),
            (b"%PDF-1.7", "This is a PDF, not data. Save the table as CSV UTF-8"),
            (GOOD.encode("utf-16"), "Save as UTF-8; first problem at line 1, byte 1"),  # [37]
            (GOOD.encode("utf-16-le"), "Save as UTF-8; first problem at line 1, byte 2"),
            (
                b"unit,week,calls\na,1,1\nStreatham caf\xe9 xy,1,1\n",
                "Save as UTF-8; first problem at line 3, byte 14",
            ),
            (
                b"unit,week,calls\na,1,1\nb\x00c,1,1\n",
                "Line 3 contains a character we cannot accept (U+0000)",
            ),
            (
                b"unit,week\ra,1\r",
                "Line 1 contains a carriage return that does not end it. Save as CSV UTF-8",
            ),
            (b"PAR1 is not a Parquet file", "This Parquet file cannot be read"),
        ],
    )
    def test_refused_at_sight(self, content: bytes, message: str) -> None:
        assert messages(content) == [message]

    def test_workbooks_and_archives(self) -> None:
        """[35], [59]"""
        for name, message in [
            ("xl/workbook.xml", "This is an Excel file. Save it as CSV UTF-8"),
            ("data.csv", "Upload a plain CSV"),
            ("nested.zip", "Upload a plain CSV"),
        ]:
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w") as archive:
                archive.writestr(name, "x")
            assert messages(stream.getvalue()) == [message]

    def test_gzip_where_it_is_allowed_is_unpacked_no_further_than_the_limit(self) -> None:
        packed = gzip.compress(GOOD.encode())
        table = read_upload(packed, SCHEMA, gzipped_allowed=True).table
        assert table == read_upload(GOOD.encode(), SCHEMA).table
        bomb = gzip.compress(b"unit,week,calls\n" + b"a,1,1\n" * 400_000)
        assert len(bomb) < 20_000
        small = Limits(n_bytes=1_000_000)
        assert messages(bomb, gzipped_allowed=True, limits=small) == ["The file is larger than 1 MB"]
        assert messages(packed[:-9], gzipped_allowed=True) == ["The compressed file is damaged"]


class TestLimits:
    """[60], [61]: the limit is named, and size is told apart from form (413 from 400)."""

    @pytest.mark.parametrize(
        ("content", "limits", "message"),
        [
            (
                b"unit,week,calls\n" + b"a,1,1\n" * 200_000,
                Limits(n_bytes=1_000_000),
                "The file is larger than 1 MB",
            ),
            (b"unit,week,calls\n" + b"a,1,1\n" * 11, Limits(rows=10), "The file has more than 10 rows"),
            (
                b",".join(b"c%d" % i for i in range(100_000)) + b"\n1\n",
                Limits(),
                "The file has more than 500 columns",
            ),
        ],
    )
    def test_too_large(self, content: bytes, limits: Limits, message: str) -> None:
        with pytest.raises(FileRefused) as caught:
            read_upload(io.BytesIO(content), SCHEMA, limits=limits)
        assert caught.value.too_large
        assert [p.message for p in caught.value.problems] == [message]

    def test_a_stream_is_read_no_further_than_the_limit(self) -> None:
        class Endless(io.RawIOBase):
            taken = 0

            def read(self, size: int = -1) -> bytes:
                self.taken += size
                return b"a" * size

        stream = Endless()
        assert messages_of_stream(stream) == ["The file is larger than 50 MB"]
        assert stream.taken == 50_000_001

    def test_long_cell(self) -> None:
        text = "unit,week,calls\nb,1,1\n" + "a" * 10_001 + ",1,1\n"
        [problem] = problems(text)
        assert problem == Problem(3, "unit", "A value is longer than 10,000 characters (line 3)")


def messages_of_stream(stream: io.RawIOBase) -> list[str]:
    with pytest.raises(FileRefused) as caught:
        read_upload(stream, SCHEMA)  # type: ignore[arg-type]
    return [problem.message for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("cell", "exported"),
    [("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("@x", "'@x"), ("+1", "'+1"), ("-1", "'-1"),
     ("a=b", "a=b"), ("", ""), ("\tx", "'\tx"), ("\uff1dx", "'\uff1dx")],
)  # fmt: skip
def test_export_cell(cell: str, exported: str) -> None:
    """[58]"""
    assert export_cell(cell) == exported
