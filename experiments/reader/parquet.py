"""Parquet: read as text, so that the same checks apply; written so that equal tables give equal bytes."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.reader.problems import refuse
from experiments.reader.schema import Limits

ROW_GROUP = 1 << 17
# What a compressed file may grow to in memory, as a multiple of the limit on files.
EXPANSION = 20


def header(content: bytes, limits: Limits) -> tuple[list[str], int]:
    """Names of the columns and number of rows; what is too large is refused before it is unpacked."""
    try:
        found = pq.ParquetFile(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise refuse("This Parquet file cannot be read") from error
    metadata = found.metadata
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    if sum(group.num_rows for group in groups) != metadata.num_rows:
        raise refuse("This Parquet file cannot be read: it says two numbers of rows")
    if metadata.num_rows == 0:
        raise refuse("No data rows")
    if metadata.num_rows > limits.rows:
        raise refuse(f"The file has more than {limits.rows:,} rows", too_large=True)
    if len(found.schema_arrow.names) > limits.columns:
        raise refuse(f"The file has more than {limits.columns:,} columns", too_large=True)
    if sum(group.total_byte_size for group in groups) > EXPANSION * limits.n_bytes:
        raise _too_large()
    return list(found.schema_arrow.names), metadata.num_rows


def read_text(content: bytes, columns: list[str], limits: Limits) -> dict[str, pa.ChunkedArray]:
    """Read the columns as text, in the form a CSV file would have them. Missing values are blank.

    A text is stored once however many rows have it, so a small file can hold more than any memory: texts are read
    without being repeated, and counted before they are.
    """
    try:
        found = pq.ParquetFile(pa.BufferReader(content))
        kinds = {name: found.schema_arrow.field(name).type for name in columns}
        for name, kind in kinds.items():
            _refuse_type(name, kind)
        texts = [name for name, kind in kinds.items() if _is_text(kind)]
        table = pq.read_table(pa.BufferReader(content), columns=columns, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise refuse("This Parquet file cannot be read") from error
    if sum(map(_unpacked, table.columns)) > EXPANSION * limits.n_bytes:
        raise _too_large()
    return {name: _as_text(table.column(name)) for name in columns}


def _too_large() -> Exception:
    return refuse("The file is too large once it is unpacked", too_large=True)


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(kind) for test in tests)


def _refuse_type(name: str, kind: pa.DataType) -> None:
    if pa.types.is_dictionary(kind):
        return _refuse_type(name, kind.value_type)
    if not (
        _is_text(kind) or pa.types.is_timestamp(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind)
        or pa.types.is_floating(kind) or pa.types.is_date32(kind) or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    ):  # fmt: skip
        raise refuse(f"Column '{name}' is of a type we cannot read ({kind})", column=name)
    return None


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        # pandas knows no dates, only times; a column of midnights is a column of dates.
        days = column.cast(pa.timestamp("us"), safe=False)
        midnights = pc.equal(pc.floor_temporal(days, unit="day"), days)
        if pc.all(midnights, min_count=0).as_py():
            column = days.cast(pa.date32())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    return pc.fill_null(column.cast(pa.string()), "")


def _unpacked(column: pa.ChunkedArray) -> int:
    """Return how many bytes the texts of a column are when each row has its own; of other columns nought."""
    if not (pa.types.is_dictionary(column.type) and _is_text(column.type.value_type)):
        return 0
    lengths = (pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in column.chunks)
    return sum(pc.sum(each.cast(pa.int64()), min_count=0).as_py() for each in lengths)


def write_parquet(table: pa.Table, sink: BinaryIO) -> None:
    """Write a table so that its bytes depend on its values, types and column order alone."""
    plain = table.replace_schema_metadata(None).combine_chunks()
    pq.write_table(
        plain, sink, compression="zstd", row_group_size=ROW_GROUP, version="2.6", store_schema=False
    )  # fmt: skip
