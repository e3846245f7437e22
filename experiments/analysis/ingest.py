"""From a staged upload to a Dataset version: every row checked, then columns in the vault; or nothing at all."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from centre import audit, vault
from centre.errors import Invalid, Problem
from centre.models import Run
from centre.runs import Context
from centre.text import is_blank
from experiments import reader
from experiments.analysis import sealing
from experiments.analysis.expected import Expected, expected
from experiments.models import Dataset, Trial
from experiments.stats.labels import label
from experiments.unit_list import as_refusal

_NEVER = ("", "never", "inf", "Inf", "infinity", "0")


def ingest(context: Context) -> Callable[[], dict[str, Any]]:
    """Check the staged file against the registered protocol and the frozen units; return what writes the row."""
    params = context.run.params
    trial = Trial.objects.get(pk=context.run.subject_id)
    wanted = expected(trial, context.run.person, params["kind"])
    limits = reader.Limits(n_bytes=settings.UPLOAD_LIMIT_BYTES)
    try:
        reading = reader.read_upload(
            vault.path(params["sha256"]),
            wanted.columns,
            panel=wanted.panel,
            limits=limits,
            progress=lambda fraction, message: context.progress(0.8 * fraction, message),
        )
    except reader.FileRefused as refusal:
        raise as_refusal(refusal) from refusal
    _check_starts(reading.table, wanted)
    if (
        params["kind"] != Dataset.Kind.DOSE
    ):  # a day without a report is a fact about delivery, shown where it is read
        _check_missing(reading.report, params["reason"])
    context.progress(0.85, "Writing the columns")
    prepared = sealing.prepare(trial, reading.table, params["kind"], params["sha256"])
    return lambda: _keep(context.run, trial, reading.report, prepared)


def discard_staged(run: Run) -> None:
    """Take away an upload that failed or is kept sealed, unless another row or Run needs the same content."""
    sha256 = run.params["sha256"]
    is_kept = Dataset.objects.filter(file_sha256=sha256, seal=None).exists()
    if not is_kept and not Run.objects.await_file(run):
        vault.discard(sha256)


def _check_starts(table: pa.Table, wanted: Expected) -> None:
    """Refuse treatment starts that are not the frozen ones."""
    if not wanted.starts or wanted.start_column is None or wanted.start_column not in table.column_names:
        return
    pairs = table.select([wanted.panel.unit, wanted.start_column]).group_by(
        [wanted.panel.unit, wanted.start_column]
    )
    found = pairs.aggregate([])
    units, starts = (found.column(name).to_pylist() for name in (wanted.panel.unit, wanted.start_column))
    wrong = {
        unit
        for unit, start in zip(units, starts, strict=True)
        if _start(start) != _start(wanted.starts.get(unit, ""))
    }
    if wrong:
        noun = "unit" if len(wrong) == 1 else "units"
        message = f"Treatment start differs from the frozen list for {len(wrong):,} {noun}"
        raise Invalid(message, [Problem(f"column {wanted.start_column}", message)])


def _start(value: object) -> str:
    """Return a start as text; every way to write "never" is one."""
    text = label(value).strip()
    if text in _NEVER:
        return ""
    return label(float(text)) if text.replace(".", "", 1).isdecimal() else text


def _check_missing(report: reader.Report, reason: str) -> None:
    """Ask for a reason where periods are missing: rows that nobody sent are not rows of zeros."""
    missing = report.missing_periods
    if missing and missing.count and is_blank(reason):
        message = f"{missing.message}: say why or upload again"
        examples = [Problem("reason", message)]
        examples += [
            Problem(f"unit {unit}", f"No row for {period}") for unit, period in missing.examples[:20]
        ]
        raise Invalid(message, examples)


def _keep(run: Run, trial: Trial, report: reader.Report, prepared: sealing.Prepared) -> dict[str, Any]:
    params: Mapping[str, Any] = run.params
    trial = Trial.objects.select_for_update().get(pk=trial.pk)
    same_kind = Dataset.objects.filter(trial=trial, kind=params["kind"])
    known = same_kind.filter(file_sha256=params["sha256"]).first()
    if known is not None:
        message = f"Already received on {known.received_at:%-d %B %Y}"
        return _links(known, message)
    newest = same_kind.order_by("-version").values_list("version", flat=True).first() or 0
    if newest and trial.analyses.exists() and is_blank(params["reason"]):
        raise Invalid.field("reason", "These data were already analysed. Say why this version replaces them")
    dataset = Dataset.objects.create(
        trial=trial,
        kind=params["kind"],
        version=newest + 1,
        file_sha256=params["sha256"],
        file_size=params["size"],
        parquet_sha256=prepared.parquet_sha256,
        n_rows=report.n_rows,
        columns=[{"name": name, "kind": kind} for name, kind in report.columns.items()],
        filename_given=params["filename"],
        force=run.person.forces.first(),
        reason=params["reason"],
        warnings=_warnings(report),
        received_at=timezone.now(),
        received_by=run.person,
    )
    sealing.keep(dataset, prepared)
    if prepared.seal is not None:
        transaction.on_commit(lambda: discard_staged(run))
    detail = {"dataset": str(dataset.public_id), "version": dataset.version, "sha256": dataset.file_sha256}
    audit.record("dataset.kept", subject=trial, by=run.person, detail=detail)
    return _links(dataset, f"Kept as version {dataset.version}")


def _links(dataset: Dataset, message: str) -> dict[str, Any]:
    ref = dataset.trial.ref
    page = reverse("trial-data", args=[ref])
    return {
        "dataset": str(dataset.public_id),
        "trial": ref,
        "message": message,
        "page": page,
        "label": "See the data",
    }


def _warnings(report: reader.Report) -> list[str]:
    found = [f"Column “{name}” is not in the protocol and was not kept" for name in report.ignored]
    found += [f"{count:,} values of “{name}” are blank" for name, count in report.blank.items()]
    if report.missing_periods and report.missing_periods.count:
        found.append(report.missing_periods.message)
    return found
