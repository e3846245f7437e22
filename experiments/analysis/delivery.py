"""The dose ledger of a trial: every report of treatment, the newest word on each unit and day, beside the plan."""

import datetime as dt
from collections.abc import Callable, Collection, Container
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from centre import vault
from experiments import health
from experiments.analysis.expected import is_day, plans_by_row
from experiments.models import Allocation, Dataset, Trial
from experiments.protocol import Protocol
from experiments.protocol.vocabulary import ArmRole
from experiments.stats.delivery import Delivery, Forecast, Ledger, Spell, delivery, forecast, weeks
from experiments.stats.errors import NotEstimable
from experiments.stats.estimate_spec import Columns
from experiments.stats.figures.delivery import delivery_by_week
from experiments.stats.labels import label

DoseOn = Callable[[str, int], float]


@dataclass(frozen=True)
class DoseLedger:
    """What was reported of a trial, with the names behind its codes."""

    rows: Ledger
    units: tuple[str, ...]  # the name of each code
    n_units: int
    measure: str
    planned: float | None  # dose of the treatment arm for one row
    min_acceptable: float | None
    floor: float | None
    first: dt.date | None
    last: dt.date | None
    reports: tuple[str, ...]  # SHA-256 of each file, in the order they came

    @property
    def newest(self) -> dt.date:
        """Return the newest day that was reported."""
        return dt.date.fromordinal(int(self.rows.day.max()))

    def summary(self) -> Delivery:
        """Return what the reports say in all.

        Raises
        ------
        NotEstimable : nothing is known of a treated unit, or nothing was planned.
        """
        return delivery(self.rows, self.n_units)

    def forecast(self) -> Forecast | None:
        """Return how it will end, where the protocol says when the intervention runs."""
        if self.first is None or self.last is None or self.last < self.first:
            return None
        return forecast(self.rows, first=self.first.toordinal(), last=self.last.toordinal())

    @cached_property
    def known(self) -> Delivery | None:
        """Return what the reports say in all; None where they say nothing of the treatment."""
        try:
            return self.summary()
        except NotEstimable:
            return None

    @cached_property
    def weeks(self) -> tuple[Spell, ...]:
        """Return what the reports say week by week."""
        return weeks(self.rows)

    def drawing(self) -> str:
        """Return the weeks as SVG; empty where there are fewer than two."""
        return delivery_by_week(self.weeks, self.floor)

    def verdicts(self) -> tuple[health.Verdict, ...]:
        """Return how delivery is; nothing where the reports say nothing of the treated."""
        found = self.known
        if found is None:
            return ()
        return health.integrity(found, self.forecast(), self.floor), health.contamination(found)

    def lowest(self, names: Container[str], most: int) -> list[tuple[str, float, int]]:
        """Return the treated units below the smallest acceptable dose: name, mean dose and number of reports.

        Parameters
        ----------
        names : the units that may be named.
        most : how many, the lowest first.
        """
        known = self.rows.rows(self.rows.known & self.rows.treated)
        totals, counts = np.bincount(known.unit, known.delivered), np.bincount(known.unit)
        means = {int(code): float(totals[code] / counts[code]) for code in np.unique(known.unit)}
        low = [code for code, mean in means.items() if mean < (self.min_acceptable or 0.0)]
        shown = sorted(
            (means[code], self.units[code], int(counts[code])) for code in low if self.units[code] in names
        )
        return [(unit, mean, n_reports) for mean, unit, n_reports in shown[:most]]

    def as_json(self) -> dict[str, Any]:
        """Return what an analysis keeps of the ledger: the reports it rests on, and what they say in all."""
        found = self.known
        said = {
            "integrity": found.integrity if found else None,
            "contamination": found.contamination if found else None,
            "reported": found.reported if found else None,
            "floor": self.floor,
            "is_below_floor": self.is_below_floor,
        }
        return {"reports": list(self.reports), "measure": self.measure, **said}

    def of_unit(self) -> dict[str, float]:
        """Return the mean dose of each unit whose dose was reported."""
        known = self.rows.rows(self.rows.known)
        totals, counts = np.bincount(known.unit, known.delivered), np.bincount(known.unit)
        return {self.units[code]: float(totals[code] / counts[code]) for code in np.unique(known.unit)}

    @property
    def is_below_floor(self) -> bool:
        """Return whether less than the registered floor was delivered: then it was no test of the tactic."""
        found = self.known
        return found is not None and self.floor is not None and found.integrity < self.floor


def dose_ledger(trial: Trial, *, only: Collection[str] | None = None) -> DoseLedger | None:
    """Return the ledger of a trial; None before the first report. `only` names the reports by their files' hashes."""
    registration, allocation = trial.registration, trial.allocation
    reports = list(trial.datasets.filter(kind=Dataset.Kind.DOSE).order_by("version"))
    if only is not None:
        reports = [report for report in reports if report.file_sha256 in only]
    if registration is None or allocation is None or not reports:
        return None
    read = registration.frozen_protocol
    names, codes, days, delivered, planned = _newest(reports)
    by_plan = plans_by_row(allocation)
    if by_plan:
        planned = np.nan_to_num(planned)
    else:
        dose_on = _dose_on(allocation, read)
        usual = [dose_on(names[code], day) for code, day in zip(codes.tolist(), days.tolist(), strict=True)]
        planned = np.where(np.isnan(planned), np.array(usual, dtype=np.float64), planned)
    blocks = _blocks(allocation)
    block_names = sorted(set(blocks.values()))
    places = {name: place for place, name in enumerate(block_names)}
    block = np.array([places.get(blocks.get(names[code], ""), 0) for code in codes.tolist()], dtype=np.int64)
    treatment = next((arm.dosage for arm in read.arms if arm.role is ArmRole.TREATMENT), None)
    rows = Ledger(codes, days, planned > 0, planned, delivered, block)
    return DoseLedger(
        rows=rows,
        units=names,
        n_units=allocation.units_so_far,
        measure=treatment.measure if treatment and treatment.measure else "dose",
        planned=treatment.planned if treatment else None,
        min_acceptable=treatment.min_acceptable if treatment else None,
        floor=read.decision.integrity_floor,
        first=read.dates.intervention_start.date,
        last=read.dates.intervention_end.date,
        reports=tuple(report.file_sha256 for report in reports),
    )


def with_delivered(table: pa.Table, ledger: DoseLedger, columns: Columns) -> pa.Table:
    """Add the columns of dose and of treatment received that a plan names and the data file does not hold.

    The dose is a unit's mean over its reports; what it received is that as a share of the planned dose, 1 at most.
    """
    if columns.unit is None or columns.unit not in table.column_names:
        return table
    of_unit = ledger.of_unit()
    doses = np.array(
        [of_unit.get(label(unit), np.nan) for unit in table.column(columns.unit).to_pylist()],
        dtype=np.float64,
    )
    if columns.dose and columns.dose not in table.column_names:
        table = table.append_column(columns.dose, _blank_where_unknown(doses))
    if columns.received and columns.received not in table.column_names and ledger.planned:
        shares = np.minimum(doses / ledger.planned, 1.0)
        table = table.append_column(columns.received, _blank_where_unknown(shares))
    return table


def _blank_where_unknown(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _newest(
    reports: list[Dataset],
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return names, and for each unit and day that was reported its newest dose and plan."""
    tables = [_read(report) for report in reports]
    table = pa.concat_tables(tables)
    coded = table.column("unit").combine_chunks().dictionary_encode()
    order = np.argsort(coded.dictionary.to_numpy(zero_copy_only=False).astype(str))
    names = tuple(str(name) for name in np.asarray(coded.dictionary.to_pylist(), dtype=str)[order])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    codes = place[coded.indices.to_numpy(zero_copy_only=False)]
    days = table.column("date").cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    days += dt.date(1970, 1, 1).toordinal()
    keys = codes * (int(days.max()) + 1) + days
    # Reports are in the order they came: of several on one key the last is kept.
    _, from_the_end = np.unique(keys[::-1], return_index=True)
    kept = len(keys) - 1 - from_the_end
    delivered, planned = (
        table.column(name).to_numpy(zero_copy_only=False).astype(np.float64)[kept]
        for name in ("delivered", "planned")
    )
    return names, codes[kept], days[kept], delivered, planned


def _read(report: Dataset) -> pa.Table:
    table = pq.read_table(vault.path(report.parquet_sha256))
    columns = {"unit": table.column("unit"), "date": table.column("date")}
    for name in ("delivered", "planned"):
        known = table.column(name) if name in table.column_names else pa.nulls(table.num_rows)
        columns[name] = known.cast(pa.float64())
    return pa.table(columns)


def _dose_on(allocation: Allocation, read: Protocol) -> DoseOn:
    """Return what each unit was to get on a day, as the draw or the frozen starts have it: 0 in the comparison."""
    doses = {arm.id: arm.dosage.planned or 0.0 for arm in read.arms if arm.role is ArmRole.TREATMENT}
    first = next(iter(doses.values()), 0.0)
    if allocation.by_day:
        drawn = {
            (unit, day.toordinal()): doses.get(arm, 0.0)
            for unit, day, arm in allocation.assigned_periods.values_list("unit", "day", "arm")
        }
        return lambda unit, day: drawn.get((unit, day), 0.0)
    if not allocation.needs_draw:
        starts = {
            unit: dt.date.fromisoformat(start).toordinal()
            for unit, start in allocation.units.values_list("code", "start")
            if is_day(start)
        }
        return lambda unit, day: first if day >= starts.get(unit, day + 1) else 0.0
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    until = allocation.waiting_until
    waits = {arm.id for arm in read.arms if arm.role is ArmRole.WAITLIST} if until else set()

    def dose(unit: str, day: int) -> float:
        arm = arms.get(unit, "")
        return first if arm in waits and until and day >= until.toordinal() else doses.get(arm, 0.0)

    return dose


def _blocks(allocation: Allocation) -> dict[str, str]:
    """Return what each unit was drawn within; nothing where a unit is its own comparison."""
    if allocation.changes_over_time:
        return {}
    rows = allocation.assignments.values_list("unit", "block", "stratum")
    return {unit: block or stratum for unit, block, stratum in rows if block or stratum}
