"""Read a small CSV of effects strictly: every refusal names line and column. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from centre.csv_lines import LinesRefused, lines

MAXIMUM_ROWS = 10_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
KNOWN = ("yi", "vi", "sei", "study", "weight")
COUNTS = ("ai", "n1i", "ci", "n2i")  # events and people, treated then control, as metafor names them


class EffectsRefused(LinesRefused):
    """The file cannot be used; each problem is one line."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The columns, in the order of the file. A file of counts has `counts`, and no effects of its own."""

    yi: list[float]
    vi: list[float]
    studies: list[str]
    weights: list[float] | None = None
    moderators: dict[str, list[float]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    counts: list[tuple[int, int, int, int]] | None = None


def read(raw: bytes, moderators: Sequence[str] = ()) -> Effects:
    """Return the effects of a CSV in UTF-8 with the columns yi and vi (or sei), or ai, n1i, ci and n2i.

    Raises
    ------
    EffectsRefused : encoding, header, a short or long row, or a cell that is no plain number.
    """
    rows = _rows(raw)
    header = rows[0][1]
    taken = _check_header(header, moderators)
    width = len(header)
    problems = [
        f"line {line}: {len(cells)} fields; the header has {width}"
        for line, cells in rows[1:]
        if len(cells) != width
    ]
    if problems:
        raise EffectsRefused(problems[:20])
    columns = {name: [cells[at] for _, cells in rows[1:]] for at, name in enumerate(header)}
    lines = [line for line, _ in rows[1:]]
    wanted = [*taken, *moderators, *(["weight"] if "weight" in header else [])]
    numbers = {name: _numbers(name, columns[name], lines, problems) for name in wanted}
    _check_signs(numbers, lines, problems)
    if taken == COUNTS and not problems:
        _check_counts(numbers, lines, problems)
    if problems:
        raise EffectsRefused(problems[:20])
    return Effects(
        yi=numbers.get("yi", []),
        vi=numbers.get("vi", [value**2 for value in numbers.get("sei", [])]),
        studies=columns.get("study", [str(number) for number in range(1, len(lines) + 1)]),
        weights=numbers.get("weight"),
        moderators={name: numbers[name] for name in moderators},
        lines=lines,
        counts=_counts(numbers) if taken == COUNTS else None,
    )


def _counts(numbers: dict[str, list[float]]) -> list[tuple[int, int, int, int]]:
    rows = zip(*(numbers[name] for name in COUNTS), strict=True)
    return [(int(a), int(n1), int(c), int(n2)) for a, n1, c, n2 in rows]


def _rows(raw: bytes) -> list[tuple[int, list[str]]]:
    rows = [
        (line, [cell.strip() for cell in cells])
        for line, cells in lines(raw, EffectsRefused)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise EffectsRefused(["the file is empty"])
    if len(rows) < 2:
        raise EffectsRefused(["the file has a header and no rows"])
    if len(rows) > MAXIMUM_ROWS + 1:
        raise EffectsRefused([f"the file has {len(rows) - 1:,} rows; at most {MAXIMUM_ROWS:,} can be pooled"])
    return rows


def _check_header(header: list[str], moderators: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold the effects: yi with vi or sei, or the four counts."""
    is_counted = not {"yi", "vi", "sei"} & set(header) and bool(set(COUNTS) & set(header))
    problems = [f"line 1: column {name or '(no name)'} appears twice" for name in _repeated(header)]
    known = {*KNOWN, *(COUNTS if is_counted else ()), *moderators}
    problems += [
        f"line 1: unknown column {name}; name it in --moderators to use it, or remove it"
        for name in header
        if name not in known
    ]
    needed = COUNTS if is_counted else ("yi",)
    problems += [f"line 1: column {name} is missing" for name in (*needed, *moderators) if name not in header]
    if not is_counted and ("vi" in header) == ("sei" in header):
        problems.append("line 1: give one of the columns vi (variance) and sei (standard error)")
    if problems:
        raise EffectsRefused(problems)
    return COUNTS if is_counted else ("yi", "vi" if "vi" in header else "sei")


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if list(names).count(name) > 1})


def _numbers(name: str, cells: list[str], lines: list[int], problems: list[str]) -> list[float]:
    values = []
    for cell, line in zip(cells, lines, strict=True):
        value = float(cell) if _NUMBER.fullmatch(cell) else float("nan")
        # 1e400 reads as infinity: a number that cannot be held is as wrong as a word.
        if not abs(value) < float("inf"):
            problems.append(f"line {line}, column {name}: expected a plain number such as -0.25")
        values.append(value)
    return values


def _check_signs(numbers: dict[str, list[float]], lines: list[int], problems: list[str]) -> None:
    for spread in {"vi", "sei"} & set(numbers):
        for line, value in zip(lines, numbers[spread], strict=True):
            if value <= 0 or value**2 == 0:
                problems.append(f"line {line}, column {spread}: must be above 0")
    for line, value in zip(lines, numbers.get("weight", ()), strict=False):
        if value < 0:
            problems.append(f"line {line}, column weight: must be 0 or more")


def _check_counts(numbers: dict[str, list[float]], lines: list[int], problems: list[str]) -> None:
    for name in COUNTS:
        for line, value in zip(lines, numbers[name], strict=True):
            if value < 0 or value != int(value):
                problems.append(f"line {line}, column {name}: must be a whole number, 0 or more")
    for events, people in (("ai", "n1i"), ("ci", "n2i")):
        for line, some, total in zip(lines, numbers[events], numbers[people], strict=True):
            if total < 1:
                problems.append(f"line {line}, column {people}: must be 1 or more")
            elif some > total:
                problems.append(
                    f"line {line}, column {events}: more events than there are people in {people}"
                )
