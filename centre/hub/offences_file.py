"""PURE: a CSV of recorded offences by title, force and month: read row by row, refused whole with every problem."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from centre.csv_lines import LinesRefused, first, rows
from centre.hub import weights
from centre.hub.months import first_day

COLUMNS = ("force", "month", "offence", "count")
_WHOLE = re.compile(r"[0-9]{1,9}\Z")
_NEAR = 3  # titles that are suggested, at most


class OffencesRefused(LinesRefused):
    """The file cannot be used; each problem is one line."""


@dataclass(frozen=True, slots=True)
class Month:
    """One force's month: the count of each title that the file names. None is not known, and never 0."""

    force: str
    month: dt.date
    counts: Mapping[str, int | None]


@dataclass(frozen=True)
class Known:
    """What a file may speak of: the sender's forces, the titles that have a weight, and today."""

    forces: frozenset[str]
    titles: frozenset[str]
    today: dt.date

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {title.casefold(): title for title in sorted(self.titles)}

    def near(self, title: str) -> list[str]:
        """Return the titles that are most like another, the nearest first."""
        return [self._folded[one] for one in get_close_matches(title.casefold(), self._folded, n=_NEAR)]


class _Fault(Exception):
    """What is wrong with a row."""


class _NoTitle(_Fault):
    """The list has no offence of this title."""


def read(raw: bytes, known: Known) -> list[Month]:
    """Return the months of the file, in the order of force and month; the order of its rows says nothing.

    Raises
    ------
    OffencesRefused : the columns are others, there is no row, or a row cannot be used; at most 50 problems are listed.
    """
    lines: dict[tuple[str, dt.date, str], int] = {}
    found: dict[tuple[str, dt.date], dict[str, int | None]] = {}
    faults: list[tuple[int, _Fault]] = []
    for number, cells in rows(raw, OffencesRefused, COLUMNS):
        try:
            force, month, title, n = _row(cells, known)
            if (before := lines.setdefault((force, month, title), number)) != number:
                raise _Fault(f"line {before} has the same offence of the same month: send one count")
        except _Fault as fault:
            faults.append((number, fault))
        else:
            found.setdefault((force, month), {})[title] = n
    if faults:
        # Near titles are looked for only where they are shown: to compare with every title takes time.
        raise OffencesRefused(first((_told(number, one, known) for number, one in faults), len(faults)))
    if not found:
        raise OffencesRefused(["The file has no count: only the line of columns"])
    return [Month(*key, found[key]) for key in sorted(found)]


def _row(cells: list[str], known: Known) -> tuple[str, dt.date, str, int | None]:
    if len(cells) != len(COLUMNS):
        raise _Fault(f"has {len(cells)} cells where {len(COLUMNS)} are to be")
    force, text, title, n = cells
    if force not in known.forces:
        raise _Fault(
            f"“{force[:60]}” is not a force that you send counts of: use its short name, like surrey"
        )
    month = first_day(text)
    if month is None:
        raise _Fault(f"month is “{text[:60]}”: write it as 2026-03")
    if month >= known.today.replace(day=1):
        raise _Fault("the month is not over yet")
    if not title:
        raise _Fault("the offence has no title")
    if title in weights.NEVER:
        raise _Fault(
            f"“{title}” is a category of offences of very different harm: send each offence by its title"
        )
    if title not in known.titles:
        raise _NoTitle(title)
    if n and not _WHOLE.match(n):
        raise _Fault(
            f"count is “{n[:60]}”: write a whole number of 0 or more, like 12, and leave it empty if not known"
        )
    return force, month, title, int(n) if n else None


def _told(number: int, fault: _Fault, known: Known) -> str:
    if not isinstance(fault, _NoTitle):
        return f"Line {number}: {fault}"
    title = str(fault)[:120]
    near = " or ".join(f"“{one}”" for one in known.near(title))
    return f"Line {number}: “{title}” is no offence of a loaded table of weights" + (
        f": did you mean {near}?" if near else ""
    )
