"""The list of units of a trial: read from a file, and written in its one canonical form. No Django."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from centre.errors import Invalid, Problem, TooLarge
from experiments import reader
from experiments.randomise import Unit, canonical_csv
from experiments.randomise.things import NUMBER

COLUMNS = ("unit", "stratum", "cluster", "force", "start")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the list; `force` is a slug, `start` the first treated period where nothing is drawn."""

    unit: str
    stratum: str = ""
    cluster: str = ""
    force: str = ""
    start: str = ""
    extra: tuple[tuple[str, str], ...] = ()


def read(content: bytes, further: Sequence[str] = ()) -> list[UnitLine]:
    """Read a list from CSV or Parquet with the column `unit`, any of the others, and the further columns.

    Parameters
    ----------
    content : the file as it was sent.
    further : the columns that the registered draw reads besides: covariates, or the arms of a list drawn elsewhere.

    Raises
    ------
    Invalid : with the line of each problem.
    """
    schema = [
        reader.ColumnSpec(name, "text", required=name == "unit", optional=name != "unit") for name in COLUMNS
    ] + [reader.ColumnSpec(name, "text") for name in further]
    try:
        table = reader.read_upload(content, schema).table
    except reader.FileRefused as refusal:
        raise as_refusal(refusal) from refusal
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    return [
        UnitLine(
            **{name: values[row] or "" for name, values in columns.items() if name in COLUMNS},
            extra=tuple((name, as_number(columns[name][row] or "")) for name in further),
        )
        for row in range(table.num_rows)
    ]


def as_number(text: str) -> str:
    """Return a number in its one form, so that 1.50 and 1.5 hash alike; any other text as it is."""
    if not NUMBER.fullmatch(text):
        return text
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, decimals = digits.partition(".")
    decimals = decimals.rstrip("0")
    number = (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
    return number if number == "0" else f"{sign}{number}"


def as_refusal(refusal: reader.FileRefused) -> Invalid | TooLarge:
    """Return the reader's refusal as one that pages and the API show."""
    problems = [Problem(_place(found), found.message) for found in refusal.problems]
    more = f" (and {refusal.total - 1:,} more)" if refusal.total > 1 else ""
    message = f"{refusal.problems[0].message}{more}"
    return TooLarge(message, problems) if refusal.too_large else Invalid(message, problems)


def units(lines: Sequence[UnitLine]) -> list[Unit]:
    """Return the lines as the draw takes them; the row is for messages."""
    return [
        Unit(line.unit, line.stratum, line.cluster, line.extra, row=place)
        for place, line in enumerate(lines, start=2)
    ]


def canonical(lines: Sequence[UnitLine], *, with_starts: bool) -> bytes:
    """Return the one way to write the list; its SHA-256 is what is committed to.

    A list for a draw is written as the verifier reads it; treatment starts are a fourth column.
    """
    if not with_starts:
        return canonical_csv(units(lines)).encode()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "stratum", "cluster", "start"))
    writer.writerows(sorted((line.unit, line.stratum, line.cluster, line.start) for line in lines))
    return text.getvalue().encode()


def _place(found: reader.Problem) -> str:
    parts = [f"line {found.line}"] if found.line else []
    return ", ".join([*parts, *([f"column {found.column}"] if found.column else [])]) or "file"


def force_slugs(lines: Iterable[UnitLine]) -> set[str]:
    """Return the forces that the list names."""
    return {line.force for line in lines if line.force}
