"""From files to a partition for each year, by month within it, and the sums of each force: all of it or nothing."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.places import Places
from centre.hub.panels.reading import AREA, MONTH, Kind, Layout, Source, batches, layout
from centre.hub.panels.rollup import ROLLUP, Sums, summed
from centre.hub.panels.spool import Spool, Year

Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Partition:
    """One year's rows, in a file of their own."""

    year: int
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class Built:
    """What stands in the folder."""

    measures: tuple[str, ...]
    first_month: dt.date
    last_month: dt.date
    areas: int  # that have a row in some month
    rows: int  # areas × months that have one
    cells: int
    partitions: tuple[Partition, ...]
    rollup: Path


def build(
    sources: Sequence[Source],
    known: Mapping[str, Kind],
    places: Places,
    folder: Path,
    *,
    tell: Tell = lambda share, words: None,
) -> Built:
    """Read the files as one panel, and write its partitions and its sums by force.

    Parameters
    ----------
    sources : CSV, CSV in gzip, or Parquet; wide (area, month, a column for each measure) or long (area, month,
        measure, value), rows in any order.
    known : the measures that areas can have, by their key.
    places : the areas of the panel's vintage.
    folder : where to write; whoever asked takes it away if this raises.

    Raises
    ------
    PanelRefused : an unknown area or one of another vintage, an area twice in a month, a value that cannot be, a
        file that is damaged, or no row.
    """
    wanted = layout(sources, known)
    weight = [max(1, one.path.stat().st_size) for one in sources]
    with closing(Spool(folder, wanted, places)) as spool:
        for at, source in enumerate(sources):
            for batch in batches(source, wanted, places):
                spool.add(batch)
                tell(0.6 * sum(weight[:at]) / sum(weight), f"Read {spool.rows:,} rows")
    if not spool.rows:
        raise PanelRefused(["the panel has no row"])
    return _written(spool, wanted, places, folder, tell)


def _written(spool: Spool, wanted: Layout, places: Places, folder: Path, tell: Tell) -> Built:
    partitions, sums, cells, months = [], [], 0, []
    seen, has = np.zeros(len(places), np.bool_), np.zeros(len(wanted.measures), np.bool_)
    for year in spool.years():
        partitions.append(_partition(year, wanted, places, folder))
        sums.append(summed(year, wanted, places))
        cells += int(np.count_nonzero(year.known))
        seen |= year.known.any(axis=(0, 1))
        has |= year.known.any(axis=(1, 2))
        months += [dt.date(year.year, at + 1, 1) for at in _months(year)]
        tell(0.8, f"Wrote {year.year}")
    rollup = folder / ROLLUP
    _write_rollup(rollup, sums, wanted, has, places)
    return Built(
        measures=tuple(one.key for one, is_there in zip(wanted.measures, has, strict=True) if is_there),
        first_month=months[0],
        last_month=months[-1],
        areas=int(np.count_nonzero(seen)),
        rows=sum(one.rows for one in partitions),
        cells=cells,
        partitions=tuple(partitions),
        rollup=rollup,
    )


def _months(year: Year) -> list[int]:
    return [int(at) for at in np.flatnonzero(year.known.any(axis=(0, 2)))]


def _partition(year: Year, wanted: Layout, places: Places, folder: Path) -> Partition:
    """Write a year, a row group for each month: one column of one month can be read alone."""
    path = folder / f"{year.year}.parquet"
    value = pa.int32() if wanted.dtype is np.int32 else pa.float64()
    schema = pa.schema(
        [
            (AREA, pa.dictionary(pa.int32(), pa.string())),
            (MONTH, pa.date32()),
            *((one.key, value) for one in wanted.measures),
        ]
    )
    rows = 0
    # Dictionaries of counts cost more than they save at zstd's fastest; the codes of areas are worth one.
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[AREA, MONTH],
        write_statistics=[MONTH],
    ) as writer:
        for at in _months(year):
            table = _month(year, at, wanted, places, schema)
            writer.write_table(table, row_group_size=max(1, table.num_rows))
            rows += table.num_rows
    return Partition(year.year, path, rows)


def _month(year: Year, at: int, wanted: Layout, places: Places, schema: pa.Schema) -> pa.Table:
    there = np.flatnonzero(year.known[:, at].any(axis=0) if wanted.is_long else year.known[0, at])
    is_whole = len(there) == len(places)
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(there.astype(np.int32)), places.codes),
        pa.array(np.full(len(there), np.datetime64(f"{year.year}-{at + 1:02d}-01", "D")), pa.date32()),
    ]
    for measure in range(len(wanted.measures)):
        values = year.values[measure, at] if is_whole else year.values[measure, at][there]
        missing = ~year.known[measure, at][there] if wanted.is_long else None
        columns.append(pa.array(values, schema.field(measure + 2).type, mask=missing))
    return pa.Table.from_arrays(columns, schema=schema)


def _write_rollup(path: Path, sums: list[Sums], wanted: Layout, has: np.ndarray, places: Places) -> None:
    schema: pa.Schema | None = None
    tables = []
    for one in sums:
        for at in np.flatnonzero(has):
            table = one.table(
                int(at), wanted.measures[int(at)].key, places, is_whole=wanted.dtype is np.int32
            )
            schema = table.schema
            tables.append(table)
    whole = pa.concat_tables(tables) if schema is not None else pa.table({})
    pq.write_table(whole.combine_chunks(), path, compression="zstd")
