"""From a staged archive to a Submission and its monthly files: every file is examined first, then all kept or none."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.urls import reverse

from centre import audit, vault
from centre.errors import Invalid, NotPermitted, Problem
from centre.hub import force_names, lookups
from centre.hub.archives import ArchiveRefused
from centre.hub.examination import Examination, Examined, ForceNames, examine
from centre.models import Force, MonthlyFile, Run, Submission
from centre.permissions import Permission, has_permission
from centre.runs import Context

_ROW_GROUP = 65_536  # rows, so that a reader of few columns skips most of the file


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One file's columns and ids, written beside each other and not yet in the vault."""

    force: str
    kind: str
    month: str
    sha256: str
    rows: int
    profile: dict[str, Any]
    columns: Path
    ids: Path | None


def receive(context: Context) -> Callable[[], dict[str, Any]]:
    """Examine the staged archive; return what writes its rows."""
    run = context.run
    lookup, areas = lookups.current()
    forces = {force.slug: force for force in Force.objects.all()}
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        prepared: list[_Prepared] = []

        def keep(one: Examined) -> None:
            _refuse_others_force(run, forces[one.member.force])
            prepared.append(_write(one, Path(folder)))
            context.progress(min(0.9, len(prepared) / (len(prepared) + 20)), f"Examined {one.member.path}")

        try:
            found = examine(
                vault.path(run.params["sha256"]),
                areas=areas,
                forces=_names(forces.values()),
                keep=keep,
                name=run.params["filename"],
            )
        except ArchiveRefused as refusal:
            raise Invalid(
                "The archive is refused, and nothing of it was kept", _problems(refusal)
            ) from refusal
        context.progress(0.9, "Keeping the columns")
        kept = [_kept(one) for one in prepared]
    return lambda: _commit(run, lookup, found, kept)


def discard_staged(run: Run) -> None:
    """Take away an archive that was refused, unless a row or another Run needs the same content."""
    sha256 = run.params["sha256"]
    if not Run.objects.await_file(run) and not Submission.objects.filter(sha256=sha256).exists():
        vault.discard(sha256)


def _names(forces: Iterable[Force]) -> dict[str, ForceNames]:
    """Return what each force is called in files: invented ones by their name alone."""
    known = force_names.known()
    return {
        force.slug: known.get(force.slug) or ForceNames(frozenset({force.name}), force.ons_code)
        for force in forces
    }


def _refuse_others_force(run: Run, force: Force) -> None:
    """Refuse a file of a force for which the person may not send data; a command sends for all."""
    if run.requested_by is None or has_permission(run.requested_by, Permission.HUB_SUBMIT, on=force):
        return
    raise NotPermitted(
        f"The archive holds files of {force.slug}, and you send data for your own force alone."
    )


def _problems(refusal: ArchiveRefused) -> list[Problem]:
    return [Problem("file", problem) for problem in refusal.problems]


def _write(one: Examined, folder: Path) -> _Prepared:
    stem = folder / f"{one.member.force}-{one.member.month}-{one.member.kind}"
    columns, ids = stem.with_suffix(".parquet"), stem.with_suffix(".ids")
    # Dictionaries and zstd: a month of a force is a tenth of its CSV.
    pq.write_table(one.table, columns, compression="zstd", row_group_size=_ROW_GROUP)
    if one.ids is not None:
        ids.write_bytes(one.ids.astype("<u8").tobytes())
    return _Prepared(
        force=one.member.force,
        kind=one.member.kind,
        month=one.member.month,
        sha256=hashlib.sha256(one.content).hexdigest(),
        rows=one.profile.rows,
        profile=asdict(one.profile),
        columns=columns,
        ids=None if one.ids is None else ids,
    )


def _kept(one: _Prepared) -> dict[str, Any]:
    """Put the columns and the ids into the vault; return the fields of the row."""
    return {
        "force": one.force,
        "kind": one.kind,
        "month": date.fromisoformat(f"{one.month}-01"),
        "sha256": one.sha256,
        "rows": one.rows,
        "profile": one.profile,
        "columns_sha256": _put(one.columns),
        "ids_sha256": "" if one.ids is None else _put(one.ids),
    }


def _put(path: Path) -> str:
    with path.open("rb") as file:
        return vault.put(file).sha256


def _commit(run: Run, lookup: Any, found: Examination, kept: list[dict[str, Any]]) -> dict[str, Any]:
    if known := Submission.objects.filter(sha256=run.params["sha256"]).first():
        return _links(known, f"This archive was received already, on {known.received_at:%-d %B %Y}")
    # One submission of a force at a time: two must not make the same version.
    forces = {
        one.slug: one
        for one in Force.objects.select_for_update()
        .filter(slug__in={file["force"] for file in kept})
        .order_by("pk")
    }
    newest = {
        (one.force_id, one.kind, one.month): one
        for one in MonthlyFile.objects.newest().filter(force__in=forces.values())
    }
    files, unchanged = [], 0
    for file in kept:
        force = forces[file["force"]]
        before = newest.get((force.pk, file["kind"], file["month"]))
        if before and before.sha256 == file["sha256"]:
            unchanged += 1
            continue
        files.append({**file, "force": force, "version": before.version + 1 if before else 1})
    submission = Submission.objects.create(
        pk=run.subject_id,
        filename=run.params["filename"],
        source=run.params["source"],
        sha256=run.params["sha256"],
        size=run.params["size"],
        unchanged=unchanged,
        passed_over=list(found.passed_over)[:100],
        areas=lookup,
        received_by=run.requested_by,
    )
    MonthlyFile.objects.bulk_create([MonthlyFile(submission=submission, **file) for file in files])
    detail = {"sha256": submission.sha256, "files": len(files), "unchanged": unchanged}
    audit.record("submission.kept", subject=submission, by=run.requested_by or audit.SYSTEM, detail=detail)
    return _links(submission, _words(len(files), unchanged))


def _words(n_files: int, unchanged: int) -> str:
    if not n_files:
        return f"Nothing new: the hub has all {unchanged:,} files as they are"
    known = f"; {unchanged:,} were there already, byte for byte" if unchanged else ""
    return f"{n_files:,} monthly file{'s' * (n_files > 1)} kept{known}"


def _links(submission: Submission, message: str) -> dict[str, Any]:
    return {
        "submission": str(submission.pk),
        "message": message,
        "page": reverse("hub-submission", args=[submission.pk]),
        "label": "See what it holds",
    }
