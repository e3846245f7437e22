"""From files to batches: areas and months as small numbers, values as one block; whatever the layout of the file."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.places import Places

AREA, MONTH, MEASURE, VALUE = "area", "month", "measure", "value"
LONG = {AREA, MONTH, MEASURE, VALUE}
_BLOCK = 2 << 20  # bytes of a CSV that are read at once: enough for the threads, little for the memory
_ROWS = 1 << 17  # of a Parquet
_MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])(?:-01)?")
_WORD = pa.dictionary(pa.int32(), pa.string())
Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """A measure that may be in a panel: whole numbers, or any of 0 or more."""

    key: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows. `values` has a row for each measure of the layout: every one of a wide file, one of a long."""

    months: Keys  # since the year 0
    areas: Keys
    measures: Keys | None  # of a long file: which one each row is of
    values: NDArray[Any]


@dataclass(frozen=True)
class Source:
    """One file: where it lies, and what it is called."""

    path: Path
    name: str

    @property
    def is_parquet(self) -> bool:
        """Return whether it is Parquet, by its first bytes."""
        with self.path.open("rb") as file:
            return file.read(4) == b"PAR1"


@dataclass(frozen=True)
class Layout:
    """What the columns of a panel are, the same in each of its files."""

    measures: tuple[Kind, ...]
    is_long: bool

    @property
    def dtype(self) -> Any:
        """Return the type of all values."""
        return np.int32 if all(one.is_whole for one in self.measures) else np.float64


def layout(sources: Sequence[Source], known: Mapping[str, Kind]) -> Layout:
    """Return the layout of the files.

    Raises
    ------
    PanelRefused : there is no file, they differ, or a column is no measure of the dictionary.
    """
    if not sources:
        raise PanelRefused(["there is no CSV and no Parquet file"])
    found = {one.name: _columns(one) for one in sources}
    first = found[sources[0].name]
    for name, columns in found.items():
        if columns != first:
            raise PanelRefused(
                [f"{name} has other columns than {sources[0].name}: a panel's files have the same"]
            )
    if set(first) == LONG:
        return Layout(tuple(known[key] for key in sorted(known)), is_long=True)
    if missing := [name for name in (AREA, MONTH) if name not in first]:
        raise PanelRefused([f"{sources[0].name}: there is no column {name!r}" for name in missing])
    measures = [name for name in first if name not in (AREA, MONTH)]
    if unknown := [name for name in measures if name not in known]:
        raise PanelRefused(
            [f"{sources[0].name}: column {name!r} is no measure that areas can have" for name in unknown]
        )
    if not measures or len(set(first)) != len(first):
        raise PanelRefused([f"{sources[0].name}: each measure is one column, and there is one at least"])
    return Layout(tuple(known[name] for name in measures), is_long=False)


def batches(source: Source, wanted: Layout, places: Places) -> Iterator[Batch]:
    """Read a file as a stream.

    Raises
    ------
    PanelRefused : a value is not one that its measure can have, a month is none, an area is not known, the file is cut
        off or damaged.
    """
    start = 1 if source.is_parquet else 2  # a CSV is counted with its header, as a spreadsheet shows it
    with _named(source):
        try:
            for record in _records(source, wanted):
                yield _batch(record, wanted, places)
                start += record.num_rows
        except PanelRefused as refusal:
            where = "" if refusal.row is None else f"row {start + refusal.row:,}: "
            raise PanelRefused([f"{where}{problem}" for problem in refusal.problems]) from refusal
        except pa.ArrowInvalid:
            if not source.is_parquet:
                _say_in_which_row(source, wanted)
            raise


def _batch(record: pa.RecordBatch, wanted: Layout, places: Places) -> Batch:
    names = [VALUE] if wanted.is_long else [one.key for one in wanted.measures]
    months, areas = _months(record.column(MONTH)), _areas(record.column(AREA), places)
    measures = _measures(record.column(MEASURE), wanted) if wanted.is_long else None
    values = np.empty((len(names), len(areas)), wanted.dtype)
    for at, name in enumerate(names):
        _fill(values[at], record.column(name), name, wanted)
    _refuse_fractions(values, measures, wanted)
    return Batch(months, areas, measures, values)


def _say_in_which_row(source: Source, wanted: Layout) -> None:
    """Read a CSV that Arrow refused again, by one thread: only then its words name the row."""
    for _ in _records(source, wanted, in_order=True):
        pass


@contextmanager
def _named(source: Source) -> Iterator[None]:
    """Say in which file a fault is; Arrow's own words name column and row."""
    try:
        yield
    except PanelRefused as refusal:
        raise PanelRefused([f"{source.name}: {problem}" for problem in refusal.problems]) from refusal
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, EOFError) as fault:
        raise PanelRefused([f"{source.name}: {str(fault).splitlines()[0][:300]}"]) from fault


def _columns(source: Source) -> list[str]:
    with _named(source):
        if source.is_parquet:
            return list(pq.read_schema(source.path).names)
        with pa.input_stream(str(source.path), compression=_compression(source)) as stream:
            head = stream.read(65_536).split(b"\n", 1)[0]
    try:
        return next(csv.reader([head.decode("utf-8-sig").rstrip("\r")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as fault:
        raise PanelRefused([f"{source.name}: the first line is no line of a CSV in UTF-8"]) from fault


def _compression(source: Source) -> str | None:
    with source.path.open("rb") as file:
        return "gzip" if file.read(2) == b"\x1f\x8b" else None


def _records(source: Source, wanted: Layout, *, in_order: bool = False) -> Iterator[pa.RecordBatch]:
    if source.is_parquet:
        with pq.ParquetFile(source.path, memory_map=False, pre_buffer=False) as file:
            yield from file.iter_batches(_ROWS)
        return
    value = pa.int32() if wanted.dtype is np.int32 else pa.float64()
    types: dict[str, pa.DataType] = {AREA: _WORD, MONTH: _WORD}
    types |= {MEASURE: _WORD, VALUE: value} if wanted.is_long else {one.key: value for one in wanted.measures}
    with (
        pa.input_stream(str(source.path), compression=_compression(source)) as stream,
        pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(block_size=_BLOCK, use_threads=not in_order),
            convert_options=pacsv.ConvertOptions(
                column_types=types, null_values=[], strings_can_be_null=False
            ),
        ) as reader,
    ):
        yield from reader


def _words(column: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return a column's different words, and which of them each row has."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        column = pc.strftime(column.dictionary_encode().dictionary, "%Y-%m-%d").take(
            column.dictionary_encode().indices
        )
    if column.null_count:
        raise PanelRefused(["an area, a month or a measure is empty"], row=_first(column.is_null()))
    coded = column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()
    return coded.dictionary.cast(pa.string()), np.asarray(coded.indices)


def _areas(column: pa.Array, places: Places) -> Keys:
    words, rows = _words(column)
    try:
        return places.indices(words)[rows]
    except PanelRefused as refusal:
        at = words.to_pylist().index(refusal.word)
        raise PanelRefused(refusal.problems, row=_first(rows == at)) from refusal


def _months(column: pa.Array) -> Keys:
    words, rows = _words(column)
    found = []
    for at, word in enumerate(words.to_pylist()):
        if not (parts := _MONTH.fullmatch(word)):
            raise PanelRefused([f"month {word!r} is none: write it as 2024-05"], row=_first(rows == at))
        found.append(int(parts[1]) * 12 + int(parts[2]) - 1)
    return np.array(found, np.int64)[rows]


def _measures(column: pa.Array, wanted: Layout) -> Keys:
    words, rows = _words(column)
    place = {one.key: at for at, one in enumerate(wanted.measures)}
    for at, word in enumerate(words.to_pylist()):
        if word not in place:
            raise PanelRefused([f"{word!r} is no measure that areas can have"], row=_first(rows == at))
    return np.array([place[word] for word in words.to_pylist()], np.int64)[rows]


def _fill(into: NDArray[Any], column: pa.Array, name: str, wanted: Layout) -> None:
    """Write a column's values, or refuse one that cannot be."""
    if column.null_count:
        raise PanelRefused(
            [f"a value of {name!r} is empty: leave out the row; a missing count is never 0"],
            row=_first(column.is_null()),
        )
    if pa.types.is_floating(column.type) and wanted.dtype is np.int32:
        given = np.asarray(column)
        if (is_broken := given != np.floor(given)).any():
            raise PanelRefused([f"a value of {name!r} is no whole number"], row=_first(is_broken))
        column = column.cast(pa.int64())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise PanelRefused([f"{name!r} holds no numbers"])
    into[:] = column.cast(pa.int32() if wanted.dtype is np.int32 else pa.float64(), safe=True).to_numpy()
    if len(into) and not (into.min() >= 0 and np.isfinite(into.max())):
        row = _first(~((into >= 0) & np.isfinite(into)))
        raise PanelRefused([f"a value of {name!r} is {into[row]:g}: a count is 0 or more"], row=row)


def _refuse_fractions(values: NDArray[Any], measures: Keys | None, wanted: Layout) -> None:
    """Refuse half a crime where a panel also has measures that may be fractions."""
    if wanted.dtype is np.int32:
        return
    whole = np.array([one.is_whole for one in wanted.measures])
    is_broken = values != np.floor(values)
    at_fault = is_broken[0] & whole[measures] if measures is not None else is_broken[whole].any(axis=0)
    if at_fault.any():
        raise PanelRefused(["a value of a measure that is counted is no whole number"], row=_first(at_fault))


def _first(at_fault: Any) -> int:
    """Return the first row at fault."""
    return int(np.flatnonzero(np.asarray(at_fault))[0])
