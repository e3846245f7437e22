"""PURE: a CSV of groups of like forces: one line for each force in a group, refused whole with every problem."""

import datetime as dt
from dataclasses import dataclass

from centre.csv_lines import LinesRefused, lines

COLUMNS = ("group", "valid_from", "source", "licence", "force")
LONGEST = {"group": 120, "source": 200, "licence": 120}


class GroupsRefused(LinesRefused):
    """The file cannot be used; each problem is one line."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of forces that are alike, and who says so."""

    name: str
    valid_from: dt.date
    source: str
    licence: str
    forces: frozenset[str]


def read(raw: bytes, known: frozenset[str]) -> list[Group]:
    """Return the groups of the file, in its order; `known` are the forces' short names.

    Raises
    ------
    GroupsRefused : other columns, no line, an unknown force or one twice in a group, a date that is none, a cell that
        is empty or too long, lines of one group that disagree, a group of one force.
    """
    every = [(number, cells) for number, cells in lines(raw, GroupsRefused) if any(cells)]
    if not every or tuple(cell.strip().lower() for cell in every[0][1]) != COLUMNS:
        raise GroupsRefused([f"Line 1: the columns must be {','.join(COLUMNS)}"])
    heads: dict[str, tuple[dt.date, str, str]] = {}
    members: dict[str, list[str]] = {}
    problems = [] if len(every) > 1 else ["The file has no group: only the line of columns"]
    for number, cells in every[1:]:
        row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=False))
        fault = _fault(row, known) if len(cells) == len(COLUMNS) else "the line has another number of cells"
        if not fault:
            head = (dt.date.fromisoformat(row["valid_from"]), row["source"], row["licence"])
            if heads.setdefault(row["group"], head) != head:
                fault = "valid_from, source and licence differ from the group's first line"
            elif row["force"] in members.setdefault(row["group"], []):
                fault = f"{row['force']} is in this group already"
            else:
                members[row["group"]].append(row["force"])
        if fault:
            problems.append(f"Line {number}: {fault}")
    problems += [f"{name}: a group needs two forces or more" for name, of in members.items() if len(of) == 1]
    if problems:
        raise GroupsRefused(problems)
    return [Group(name, *heads[name], frozenset(of)) for name, of in members.items()]


def _fault(row: dict[str, str], known: frozenset[str]) -> str:
    for name, longest in LONGEST.items():
        if not row[name] or len(row[name]) > longest or not row[name].isprintable():
            return f"{name} must be 1 to {longest} characters"
    if row["force"] not in known:
        return f"“{row['force'][:60]}” is no force: use its short name, like surrey"
    try:
        dt.date.fromisoformat(row["valid_from"])
    except ValueError:
        return f"valid_from is “{row['valid_from'][:60]}”: write the day as 2026-03-31"
    return ""
