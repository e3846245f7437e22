"""Outcomes from after the start of a rollout are sealed as they arrive, and read only once the data are locked."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.fernet import Fernet
from django.utils import timezone

from centre import vault
from centre.errors import Conflict
from experiments import reader
from experiments.models import Dataset, DatasetSeal, Trial
from experiments.protocol import Protocol
from experiments.stats import plan as plans
from experiments.stats.frame import Coded, Frame, IntArray
from experiments.stats.timing import first_treated_values, period_values


class Sealed(Conflict):
    """The data are sealed until the data lock."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is written of a dataset: its identity, and the seal where it has one."""

    parquet_sha256: str
    seal: "PreparedSeal | None" = None


@dataclass(frozen=True, slots=True)
class PreparedSeal:
    """A seal that is ready to be written beside its dataset."""

    key: str
    file_sha256: str
    columns_sha256: str
    open_sha256: str
    n_open_rows: int
    boundary: str


def prepare(trial: Trial, table: pa.Table, kind: str, upload_sha256: str) -> Prepared:
    """Put the columns into the vault: as they are, or, in a design over time before the lock, sealed from its start.

    The identity of a dataset is the hash of what was sent and of its columns, sealed or not.
    """
    content = _parquet(table)
    registration = trial.registration
    read = registration.frozen_protocol if registration else None
    if read is None or not _is_sealed(trial, read, kind):
        return Prepared(vault.put_bytes(content).sha256)
    before, boundary = _before_the_start(trial, read, table)
    key = Fernet.generate_key()
    lock = Fernet(key)
    seal = PreparedSeal(
        key=key.decode(),
        file_sha256=vault.put_bytes(lock.encrypt(vault.read(upload_sha256))).sha256,
        columns_sha256=vault.put_bytes(lock.encrypt(content)).sha256,
        open_sha256=vault.put_bytes(_parquet(table.filter(pa.array(before)))).sha256,
        n_open_rows=int(before.sum()),
        boundary=boundary,
    )
    return Prepared(hashlib.sha256(content).hexdigest(), seal)


def keep(dataset: Dataset, prepared: Prepared) -> None:
    """Write the seal of a dataset, where it has one."""
    if prepared.seal is None:
        return
    seal = prepared.seal
    DatasetSeal.objects.create(
        dataset=dataset,
        key=seal.key,
        file_sha256=seal.file_sha256,
        columns_sha256=seal.columns_sha256,
        open_sha256=seal.open_sha256,
        n_open_rows=seal.n_open_rows,
        boundary=seal.boundary,
        sealed_at=timezone.now(),
    )


def column_names(dataset: Dataset) -> set[str]:
    """Return the names of the columns, which are no secret."""
    return {column["name"] for column in dataset.columns}


def columns(dataset: Dataset, names: Sequence[str] | None = None) -> pa.Table:
    """Return columns of a dataset, all rows.

    Raises
    ------
    Sealed : the dataset has rows that nobody may read before the data are locked.
    """
    seal: DatasetSeal | None = getattr(dataset, "seal", None)
    wanted = list(names) if names is not None else None
    if seal is None:
        return pq.read_table(vault.path(dataset.parquet_sha256), columns=wanted)
    if dataset.is_sealed:
        raise Sealed(
            f"{seal.n_sealed_rows:,} rows from {seal.boundary} on are sealed until the data are locked."
        )
    opened = Fernet(seal.key.encode()).decrypt(vault.read(seal.columns_sha256))
    return pq.read_table(io.BytesIO(opened), columns=wanted)


def open_columns(dataset: Dataset, names: Sequence[str]) -> pa.Table:
    """Return columns of the rows that may be read now: all, or those from before the start."""
    if not dataset.is_sealed:
        return columns(dataset, names)
    return pq.read_table(vault.path(dataset.seal.open_sha256), columns=list(names))


def _is_sealed(trial: Trial, read: Protocol, kind: str) -> bool:
    design = read.design.design
    return (
        kind == Dataset.Kind.OUTCOME
        and not trial.is_data_locked
        and design is not None
        and design.needs_comparison_over_time
    )


def _before_the_start(
    trial: Trial, read: Protocol, table: pa.Table
) -> tuple["np.ndarray[tuple[int], np.dtype[np.bool_]]", str]:
    """Return which rows are from before anybody's start, and that start; none where it cannot be told."""
    plan = plans.parse(dict(read.analysis_plan))
    name, nothing = plan.columns.period, np.zeros(table.num_rows, dtype=bool)
    allocation = trial.allocation
    if name is None or name not in table.column_names or allocation is None:
        return nothing, "the first row"
    period = Frame(table.select([name])).coded(name)
    values, place = period_values(period)
    starts = _coded(sorted(set(allocation.units.values_list("start", flat=True))))
    try:
        first = first_treated_values(starts, period, values)
    except ValueError:  # starts and periods are not written alike, so nothing can be called earlier
        return nothing, "the first row"
    first = first[np.isfinite(first)]
    if not len(first):
        return nothing, "the first row"
    boundary = float(first.min()) - read.qed.anticipation_periods
    before = (period.codes >= 0) & (values[place[period.codes]] < boundary)
    named = [text for text, at in zip(period.names, place, strict=True) if values[at] >= boundary]
    return before, min(named, key=lambda text: values[place[period.names.index(text)]], default="the end")


def _coded(names: list[str]) -> Coded:
    codes: IntArray = np.arange(len(names), dtype=np.int64)
    return Coded(codes, tuple(name or "never" for name in names))


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    reader.write_parquet(table, sink)
    return sink.getvalue()
