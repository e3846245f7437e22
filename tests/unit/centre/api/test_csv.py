import csv
import io

import pytest

from centre.api.csv import cell, write


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00"])
def test_text_that_a_spreadsheet_would_run_is_quoted(start):
    assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (-0.5, -0.5),
        (-3, -3),
        ("plain", "plain"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_cells_keep_their_type(value, expected):
    assert cell(value) == expected


def test_write_can_be_read_back():
    rows = [{"a": 'say "hi", twice', "b": -1.5}, {"a": "two\nlines", "b": None}]
    first = write(["a", "b"], rows, header=True)
    assert list(csv.reader(io.StringIO(first.decode(), newline=""))) == [
        ["a", "b"],
        ['say "hi", twice', "-1.5"],
        ["two\nlines", ""],
    ]
    assert not write(["a", "b"], rows, header=False).startswith(b"a,b")
