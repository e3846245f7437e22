"""The list of units: what is drawn, its one canonical form, and what is wrong with it."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEADER = ("unit", "stratum", "cluster")
MAX_IDENTIFIER = 200


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a trial, with the stratum and the cluster it belongs to ("" where there is none).

    ``extra`` are the further columns that the method reads, in the order of the scheme: a covariate's value, the
    arm of a list made elsewhere. ``row`` is where it stood in the list that was handed in, for messages only.
    """

    id: str
    stratum: str = ""
    cluster: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    row: int | None = field(default=None, compare=False)

    def value(self, column: str) -> str:
        """Return what the unit has in one of the further columns; "" where it has none."""
        return dict(self.extra).get(column, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stops a draw. ``row`` is None where the whole list or the scheme is meant."""

    row: int | None
    message: str


class DrawRefused(Exception):
    """The list or the scheme cannot be drawn. Nothing was drawn."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def canonical_csv(units: Iterable[Unit]) -> str:
    """Write the list as CSV in its one canonical form.

    Header ``unit,stratum,cluster`` and the further columns, units in the order of their code points, line feeds,
    quotes only where CSV needs them. The order and the format of what was handed in leave no trace.
    """
    listed = list(units)
    further = tuple(name for name, _ in listed[0].extra) if listed else ()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*HEADER, *further))
    writer.writerows(
        sorted((unit.id, unit.stratum, unit.cluster, *map(unit.value, further)) for unit in listed)
    )
    return text.getvalue()


def list_sha256(units: Iterable[Unit]) -> str:
    """SHA-256 of the canonical list in UTF-8, as lower-case hexadecimal."""
    return hashlib.sha256(canonical_csv(units).encode()).hexdigest()


def unacceptable(value: str) -> str | None:
    """Why a value cannot be an identifier, or None. Blank is judged by the caller."""
    for character in value:
        # Other (control, format, surrogate, private, unassigned) and line or paragraph separators: they are
        # invisible, or change how the rest is shown, and U+001F would break the labels.
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            return f"contains a character we cannot accept (U+{ord(character):04X})"
    if value != value.strip():
        return "has a space before or after it"
    if unicodedata.normalize("NFC", value) != value:
        return "has an accent written as a separate character; write it as one character"
    if len(value) > MAX_IDENTIFIER:
        return f"is longer than {MAX_IDENTIFIER} characters"
    return None


def list_problems(units: Sequence[Unit]) -> list[Problem]:
    """Everything wrong with the list whatever the scheme: blank, unreadable and duplicate identifiers."""
    found: list[Problem] = []
    first_seen: dict[str, int] = {}
    for position, unit in enumerate(units, start=1):
        row = unit.row or position
        if not unit.id.strip():
            found.append(Problem(row, f"Row {row} has no unit identifier"))
            continue
        for name, value in zip(HEADER, (unit.id, unit.stratum, unit.cluster), strict=True):
            if reason := unacceptable(value):
                found.append(Problem(row, f"The {name} on row {row} {reason}"))
        for name, value in unit.extra:
            if reason := unacceptable(value):
                found.append(Problem(row, f"The {name} on row {row} {reason}"))
        earlier = first_seen.setdefault(unit.id, row)
        if earlier != row:
            found.append(Problem(row, f"Unit {unit.id} appears twice (rows {earlier} and {row})"))
    if not units:
        found.append(Problem(None, "The list has no units"))
    return found
