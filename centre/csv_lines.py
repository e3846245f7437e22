"""PURE: the lines of a small CSV, read strictly; and the refusal that lists what is wrong, a line each."""

import csv
import io
from collections.abc import Iterable, Sequence

MOST_PROBLEMS = 50


class LinesRefused(ValueError):
    """What was given cannot be used; each problem is one line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def lines(raw: bytes, refused: type[LinesRefused]) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of each line of a CSV in UTF-8, empty ones too.

    Raises
    ------
    LinesRefused : as `refused`, for another encoding, a NUL character, or quotes that do not close.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise refused(["the file is not UTF-8 text: save it as CSV (UTF-8)"]) from fault
    if "\x00" in text:
        raise refused(["the file holds a NUL character: save it as CSV (UTF-8)"])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as fault:
        raise refused([f"line {reader.line_num}: {fault}"]) from fault


def rows(raw: bytes, refused: type[LinesRefused], columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of each line under the line of columns; lines without a cell are passed over.

    Raises
    ------
    LinesRefused : as `refused`, for what `lines` refuses, an empty file, and other columns.
    """
    every = [
        (number, [cell.strip() for cell in cells]) for number, cells in lines(raw, refused) if any(cells)
    ]
    if not every:
        raise refused(["The file is empty"])
    number, head = every[0]
    if [cell.lower() for cell in head] != list(columns):
        raise refused([f"Line {number}: the columns must be {','.join(columns)}"])
    return every[1:]


def first(problems: Iterable[str], number: int) -> list[str]:
    """Return the first problems of as many, and how many more there are."""
    shown = [problem for _, problem in zip(range(MOST_PROBLEMS), problems, strict=False)]
    more = number - MOST_PROBLEMS
    return shown + ([f"And {more} problems more"] if more > 0 else [])
