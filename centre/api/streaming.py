"""A whole list as one CSV file, row by row, never all of it in memory.

On PostgreSQL the database writes the lines itself (COPY); on SQLite Python does. Both give the same cells, but for how
a whole number in a column of decimals is written (2 or 2.0).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.models import BooleanField, DateTimeField, F, Field, Func, QuerySet, TextField

from centre.api.csv import line
from centre.spreadsheets import FORMULA_STARTS

_STARTS = ", ".join(f"'{start}'" for start in FORMULA_STARTS if start != "\x00")
_BLOCK = 256 * 1024  # bytes that go to the network at a time
_CHUNK = 2_000  # rows that SQLite is asked for at a time


def lines(rows: QuerySet[Any], columns: Sequence[str], *, free: Collection[str] = ()) -> Iterator[bytes]:
    """Return the header and a line for each row, in blocks.

    Parameters
    ----------
    rows : in an order that an index has, so that the database need not sort all of them before the first line.
    columns : fields of the model, in order.
    free : those whose text people write. The others hold words of ours, which never start a formula.
    """
    header = line(columns)
    if connections[rows.db].vendor == "postgresql":
        return _blocks(header, _copied(rows, columns, free))
    return _blocks(header, _written(rows, columns))


def _blocks(header: bytes, pieces: Iterable[Any]) -> Iterator[bytes]:
    block = bytearray(header)
    for piece in pieces:
        block += piece
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _copied(rows: QuerySet[Any], columns: Sequence[str], free: Collection[str]) -> Iterator[Any]:
    fields = {field.attname: field for field in rows.model._meta.concrete_fields}
    cells = {f"cell_{place}": _cell(fields[name], is_free=name in free) for place, name in enumerate(columns)}
    asked = rows.annotate(**cells).values_list(*cells)
    try:
        sql, parameters = asked.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:  # the ORM knows without asking that there are none
        return
    with transaction.atomic(using=rows.db), connections[rows.db].cursor() as cursor:
        # The index has the order, and one process reads it: nothing is sorted, gathered or merged.
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL max_parallel_workers_per_gather = 0")
        # The question is the ORM's own; what a caller sent is among its parameters.
        statement = f"COPY ({sql}) TO STDOUT WITH (FORMAT csv)"
        with cursor.cursor.copy(statement, parameters) as copy:
            yield from copy


class _Moment(Func):
    """A time as the API writes it."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


class _YesNo(Func):
    """True and false in words."""

    template = "CASE %(expressions)s WHEN true THEN 'true' WHEN false THEN 'false' END"


class _Guarded(Func):
    """Text that no spreadsheet runs as a formula, as `export_cell` has it; PostgreSQL keeps no NUL."""

    template = (
        f"CASE WHEN left(%(expressions)s, 1) IN ({_STARTS}) "
        "THEN '''' || %(expressions)s ELSE %(expressions)s END"
    )


def _cell(field: "Field[Any, Any]", *, is_free: bool) -> Any:
    """Return how PostgreSQL writes a column, so that it is as `centre.api.csv.cell` would."""
    named = F(field.attname)
    if isinstance(field, BooleanField):
        return _YesNo(named, output_field=TextField())
    if isinstance(field, DateTimeField):
        return _Moment(named, output_field=TextField())
    if is_free:
        return _Guarded(named, output_field=TextField())
    return named


def _written(rows: QuerySet[Any], columns: Sequence[str]) -> Iterator[bytes]:
    return map(line, rows.values_list(*columns).iterator(chunk_size=_CHUNK))
