"""PURE: the lines of a small CSV, read strictly; and the refusal that lists what is wrong, a line each."""

import csv
import io
from collections.abc import Sequence


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
