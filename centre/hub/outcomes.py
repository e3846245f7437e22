"""PURE: files of outcomes of data.police.uk: each row says what became of one crime, in the file's month."""

from centre.hub import faults, reading
from centre.hub.counts import Counts
from centre.hub.faults import Rule, not_among
from centre.hub.reading import Layout, Lines
from centre.hub.street.faults import OF_PLACES
from centre.hub.street.labels import COLUMNS, NO_LOCATION, outcomes

KIND = "outcomes"
LAYOUT = Layout("a file of outcomes", (*COLUMNS[: COLUMNS.index("Crime type")], "Outcome type"))
RULES = (
    *OF_PLACES,
    Rule("outcome_unknown", "the outcome is none that the files know", not_among("Outcome type", outcomes)),
)


def read(content: bytes, *, month: str, names: frozenset[str] = frozenset()) -> Lines:
    """Read the outcomes of one month.

    Parameters
    ----------
    content : the bytes of the file.
    month : YYYY-MM, that every row must have: that of the outcome, not of the crime.
    names : what the force is called; every row must be reported by one of them. Empty: any one name.

    Raises
    ------
    FileRefused : no such file, cut off, of another month or force, or with a row that names no crime or no outcome.
    """
    table = reading.table_of(content, LAYOUT)
    reading.of_one_month(table, month)
    reading.of_one_force(table, names)
    ids, said = table.column("Crime ID"), table.column("Outcome type")
    reading.refuse(reading.unlike(ids, "[0-9a-f]{64}"), ids, "Crime ID", "64 hexadecimal digits")
    reading.refuse(reading.unlike(said, ".+"), said, "Outcome type", "an outcome")
    return Lines(reading.with_coordinates(table))


def profile(lines: Lines, *, force: str, month: str) -> Counts:
    """Count what a file holds."""
    places = reading.counts(lines.column("Location"))
    return Counts(
        kind=KIND,
        force=force,
        month=month,
        rows=len(lines),
        no_location=places.get(NO_LOCATION, 0),
        crimes=len(lines.column("Crime ID").unique()),
        types={},
        outcomes=reading.counts(lines.column("Outcome type")),
        faults=tuple(faults.found(lines, RULES)),
    )
