"""The structure of a CSV file: where its records begin, and whether every one has the header's columns.

CSV libraries repair what they do not understand: a short row is filled up, a surplus value becomes an index,
a quote that is never closed swallows the rest of the file. Here the bytes themselves are looked at, before
any of it is parsed. Numpy does it on blocks, so half a million lines take a fraction of a second.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.reader.problems import SHOWN, Problem, Problems, refuse
from experiments.reader.schema import Limits

BLOCK = 1 << 24
NEWLINE, RETURN, QUOTE, COMMA = b"\n"[0], b"\r"[0], b'"'[0], b","[0]


@dataclass(frozen=True, slots=True)
class Structure:
    """A file whose records all have the header's number of values.

    Attributes
    ----------
    header : the names of the columns.
    body_start, body_end : the bytes of the data rows.
    n_rows : how many there are.
    lines : line of each row where some value contains a line break, else None (row i is on line i + 2).
    longest : bytes in the longest record.
    multiline : whether some value contains a line break.
    """

    header: list[str]
    body_start: int
    body_end: int
    n_rows: int
    lines: NDArray[np.int64] | None
    longest: int

    @property
    def multiline(self) -> bool:
        return self.lines is not None


@dataclass(frozen=True, slots=True)
class _Scan:
    """Where records end (line feed or end of file), the separators before each end, and every line feed."""

    ends: NDArray[np.int64]
    separators: NDArray[np.int64]
    newlines: NDArray[np.int64]


def structure(content: bytes, limits: Limits) -> Structure:
    """Find the records of a CSV file.

    Raises
    ------
    FileRefused : unclosed or misplaced quotes, empty lines, rows of another length than the header, no rows,
        or more than the limits allow. Every row at fault is counted; the first hundred are named.
    """
    _refuse_lone_returns(content)
    data = np.frombuffer(content, np.uint8)
    if QUOTE in content:
        _refuse_bad_quotes(content, data)
    scan = _scan(data, quoted=QUOTE in content)
    starts = np.concatenate(([0], scan.ends[:-1] + 1))
    lengths = scan.ends - starts
    empty = (lengths == 0) | ((lengths == 1) & (data[np.minimum(starts, len(data) - 1)] == RETURN))
    last = int(np.flatnonzero(~empty)[-1]) + 1  # empty lines at the end of a file are nobody's rows
    header = _header(content[: scan.ends[0]], limits)
    if last == 1:
        raise refuse("No data rows")
    if last - 1 > limits.rows:
        raise refuse(f"The file has more than {limits.rows:,} rows", too_large=True)
    lines = None
    if len(scan.newlines) > np.count_nonzero(scan.ends < len(data)):  # some are inside values
        lines = np.searchsorted(scan.newlines, starts[:last]) + 1
    fields = np.diff(scan.separators[:last]) + 1
    _refuse_uneven_rows(fields, empty[1:last], len(header), lines)
    return Structure(
        header=header,
        body_start=int(starts[1]),
        body_end=int(scan.ends[last - 1]),
        n_rows=last - 1,
        lines=None if lines is None else lines[1:].astype(np.int64),
        longest=int(lengths[:last].max()),
    )


def _refuse_lone_returns(content: bytes) -> None:
    lone = re.search(rb"\r(?!\n)", content)
    if lone is None:
        return
    line = content.count(b"\n", 0, lone.start()) + 1
    raise refuse(f"Line {line} contains a carriage return that does not end it. Save as CSV UTF-8", line=line)


def _refuse_bad_quotes(content: bytes, data: NDArray[np.uint8]) -> None:
    """Quotes enclose whole values: an odd one opens after a separator, an even one closes before a separator.

    Two quotes in a row inside a value close and open it again, so they need no rule of their own.
    """
    quotes = np.flatnonzero(data == QUOTE)
    before = np.where(quotes > 0, data[np.maximum(quotes - 1, 0)], NEWLINE)
    after = np.where(quotes + 1 < len(data), data[np.minimum(quotes + 1, len(data) - 1)], NEWLINE)
    opens = np.arange(len(quotes)) % 2 == 0
    bad = np.where(
        opens, ~np.isin(before, [COMMA, NEWLINE, QUOTE]), ~np.isin(after, [COMMA, NEWLINE, RETURN, QUOTE])
    )
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        line = content.count(b"\n", 0, int(quotes[first])) + 1
        opened = content.count(b"\n", 0, int(quotes[first - first % 2])) + 1
        if opened == line:
            raise refuse(f"Line {line} has a quote in the middle of a value", line=line)
    elif len(quotes) % 2:
        opened = content.count(b"\n", 0, int(quotes[-1])) + 1
    else:
        return
    raise refuse(f"Quote opened on line {opened} is never closed", line=opened)


def _scan(data: NDArray[np.uint8], *, quoted: bool) -> _Scan:
    ends, separators, newlines = [], [], []
    counted, inside = 0, 0
    for offset in range(0, len(data), BLOCK):
        block = data[offset : offset + BLOCK]
        newline, comma = block == NEWLINE, block == COMMA
        all_newlines = np.flatnonzero(newline)
        if quoted:
            # Odd number of quotes so far: inside a quoted value. A byte may overflow, its parity stays right.
            outside = (np.cumsum(block == QUOTE, dtype=np.uint8) + np.uint8(inside)) % 2 == 0
            inside = 0 if outside[-1] else 1
            newline &= outside
            comma &= outside
        end, separator = np.flatnonzero(newline), np.flatnonzero(comma)
        ends.append(end + offset)
        separators.append(np.searchsorted(separator, end) + counted)
        newlines.append(all_newlines + offset)
        counted += len(separator)
    if data[-1] != NEWLINE:
        ends.append(np.array([len(data)]))
        separators.append(np.array([counted]))
    return _Scan(*(np.concatenate(parts).astype(np.int64) for parts in (ends, separators, newlines)))


def _header(record: bytes, limits: Limits) -> list[str]:
    text = record.removesuffix(b"\r").decode()
    if not text:
        raise refuse("Line 1 is empty; it must hold the names of the columns", line=1)
    if text.count(",") >= limits.columns:
        raise refuse(f"The file has more than {limits.columns:,} columns", too_large=True)
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise refuse(f"The names of the columns cannot be read: {error}", line=1) from error


def _refuse_uneven_rows(
    fields: NDArray[np.int64], empty: NDArray[np.bool_], expected: int, lines: NDArray[np.int64] | None
) -> None:
    wrong = np.flatnonzero((fields != expected) | empty)
    if not len(wrong):
        return
    problems = Problems()
    shown = []
    for row in wrong[:SHOWN]:
        line = int(row) + 2 if lines is None else int(lines[row + 1])
        values = "1 value" if fields[row] == 1 else f"{fields[row]} values"
        message = (
            f"Line {line} is empty"
            if empty[row]
            else f"Line {line} has {values} but the header has {expected}"
        )
        shown.append(Problem(line, None, message))
    problems.extend(shown, len(wrong))
    problems.raise_if_any()
