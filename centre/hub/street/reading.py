"""One street file as a table of columns."""

from centre.hub import reading
from centre.hub.reading import Layout, Lines
from centre.hub.street.labels import COLUMNS

LAYOUT = Layout("a street file", COLUMNS)


def read(content: bytes, *, month: str, names: frozenset[str] = frozenset()) -> Lines:
    """Read a street file of one month.

    Parameters
    ----------
    content : the bytes of the file.
    month : YYYY-MM, that every row must have.
    names : what the force is called; every row must be reported by one of them. Empty: any one name.

    Raises
    ------
    FileRefused : no such file, cut off, with columns shifted, of another month or of another force.
    """
    table = reading.table_of(content, LAYOUT)
    reading.of_one_month(table, month)
    reading.of_one_force(table, names)
    return Lines(reading.with_coordinates(table))
