"""Rows, quotes and headers; numbers in brackets are of the bad-input catalogue."""

from __future__ import annotations

import pytest

from experiments.reader import FileRefused, read_upload
from tests.unit.experiments.reader.refusals import SCHEMA, messages


class TestStructure:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ('unit,week,calls\n"a,1,4\nb,1,4\n', ["Quote opened on line 2 is never closed"]),  # [39]
            ('unit,week,calls\na,1,4\n"b,1,4\n"c",1,4\n', ["Quote opened on line 3 is never closed"]),
            ('unit,week,calls\na"b,1,4\n', ["Line 2 has a quote in the middle of a value"]),
            ('unit,week,calls\na,1,4\n"b"x,1,4\n', ["Line 3 has a quote in the middle of a value"]),
            ("unit,week,calls\na,1,4\n\nb,1,4\n", ["Line 3 is empty"]),
            ("unit,week,calls\na,1,4,9\nb,1,4,9\n", [  # [42]
                "Line 2 has 4 values but the header has 3", "Line 3 has 4 values but the header has 3"]),
            ("unit,week,calls\na,1,4\nb,1\nc\n", [  # [43]
                "Line 3 has 2 values but the header has 3", "Line 4 has 1 value but the header has 3"]),
            ("unit,week,calls\na,1,4\nb,\"1,4\",5,6\n", ["Line 3 has 4 values but the header has 3"]),
            ("\nunit,week,calls\na,1,4\n", ["Line 1 is empty; it must hold the names of the columns"]),
        ],
    )  # fmt: skip
    def test_refused(self, text: str, found: list[str]) -> None:
        assert messages(text) == found
        assert messages(text.replace("\n", "\r\n")) == found

    def test_the_first_hundred_are_named_and_all_are_counted(self) -> None:
        with pytest.raises(FileRefused) as caught:
            read_upload(("unit,week,calls\n" + "a,1\n" * 250).encode(), SCHEMA)
        assert (len(caught.value.problems), caught.value.total) == (100, 250)

    @pytest.mark.parametrize(
        ("header", "found"),
        [
            ("unit,week,calls,calls", ["Column 'calls' appears twice"]),  # [40]
            ("unit,calls", ["Column 'week' is missing; found unit, calls"]),  # [41]
            ("unit,week,calls,", ["Column 4 has no name"]),
            ("unit,Week,calls", ["Column 'week' is missing; found unit, Week, calls"]),
        ],
    )
    def test_header(self, header: str, found: list[str]) -> None:
        row = ",".join("1" * (header.count(",") + 1))
        assert messages(f"{header}\n{row}\n") == found

    def test_semicolons_are_recognised(self) -> None:
        [first, *_] = messages("unit;week;calls\na;1;4\n")
        assert first == (
            "Column 'unit' is missing; found unit;week;calls. Separate values with commas, not semicolons"
        )
