"""The whole public registry of a day as one zip file: table after table, row after row, never all of it in memory."""

import datetime as dt
import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from centre import audit, vault
from centre.api import streaming
from centre.api.csv import line
from centre.canonical import canonical_json
from centre.models import Force
from centre.runs import Context
from experiments import snapshots
from experiments.models import Registration, Release, ReleasedEstimate, ReleaseFile, Site, Snapshot, Trial
from experiments.packages.archive import entry
from experiments.packages.tidy import FREE_TEXT, TIDY
from experiments.snapshots import Part, Table
from tactics.models import Finding, Rating, Tactic

Progress = Callable[[float, str], None]
_CHUNK = 2_000
_LEVEL = 3  # of compression: most of the gain for a third of the time


@dataclass(slots=True)
class _Counted:
    """What went into a file of the snapshot."""

    sha256: Any
    size: int = 0
    pieces: int = 0


def snapshot(context: Context) -> Callable[[], dict[str, Any]]:
    """Make the snapshot of the run's day; it is kept together with the end of the run."""
    made = make(dt.date.fromisoformat(context.run.params["day"]), context.progress)

    def done() -> dict[str, Any]:
        keep(made)
        return {}

    return done


@dataclass(frozen=True, slots=True)
class Made:
    """A snapshot's file, in the vault."""

    day: dt.date
    sha256: str
    size: int
    parts: tuple[Part, ...]


def make(day: dt.date, progress: Progress) -> Made:
    """Write the file and put it into the vault."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", compresslevel=_LEVEL) as archive:
            parts = tuple(_parts(archive, day, progress))
            for name, content in (
                ("README.md", snapshots.readme(day, parts)),
                ("datapackage.json", snapshots.descriptor(day, parts)),
                ("SHA256SUMS", snapshots.checksums(parts)),
            ):
                archive.writestr(entry(name, day), content)
        file.seek(0)
        stored = vault.put(file)
    return Made(day, stored.sha256, stored.size, parts)


@transaction.atomic
def keep(made: Made) -> Snapshot:
    """The snapshot is on the record; the registry made it by itself."""
    parts = [
        {"name": part.name, "sha256": part.sha256, "bytes": part.size, "rows": part.rows}
        for part in made.parts
    ]
    kept = Snapshot.objects.create(
        day=made.day, sha256=made.sha256, size=made.size, parts=parts, made_at=timezone.now()
    )
    audit.record("snapshot.made", subject=kept, by=None, detail={"sha256": made.sha256})
    return kept


def _parts(archive: zipfile.ZipFile, day: dt.date, progress: Progress) -> Iterator[Part]:
    anybody = AnonymousUser()
    newest = (
        ReleasedEstimate.objects.aggregate(pk=Max("pk"))["pk"] or 0
    )  # what comes later is in the next one
    known = ReleasedEstimate.objects.all_visible_to(anybody).filter(pk__lte=newest)
    released = known.order_by("released_at", "pk")
    names = [column.name for column in TIDY]
    steps = len(snapshots.TABLES) + 2

    progress(0, "Writing estimates")
    blocks = streaming.lines(released, names, free=FREE_TEXT)
    counted = _put(archive, "estimates.csv", day, blocks)
    # A reason may have lines of its own, so lines are not rows.
    yield _part(
        "estimates.csv",
        "one released estimate",
        counted,
        rows=released.count(),
        columns=TIDY,
        key=snapshots.ESTIMATE_KEY,
    )
    for place, table in enumerate(snapshots.TABLES, start=1):
        progress(place / steps, f"Writing {table.name}")
        name = f"{table.name}.csv"
        counted = _put(archive, name, day, _lines(table))
        yield _part(name, table.row, counted, rows=counted.pieces - 1, columns=table.columns, key=table.key)
    progress((steps - 1) / steps, "Writing protocols")
    counted = _put(archive, snapshots.PROTOCOLS, day, _protocols())
    yield _part(snapshots.PROTOCOLS, "the protocol in force of one trial", counted, rows=counted.pieces)
    progress(1, "Written")


def _part(name: str, row: str, counted: _Counted, **known: Any) -> Part:
    return Part(name, row, counted.sha256.hexdigest(), counted.size, **known)


def _put(archive: zipfile.ZipFile, name: str, day: dt.date, blocks: Iterable[bytes]) -> _Counted:
    counted = _Counted(hashlib.sha256())
    with archive.open(entry(name, day), "w", force_zip64=True) as out:
        for block in blocks:
            out.write(block)
            counted.sha256.update(block)
            counted.size += len(block)
            counted.pieces += 1
    return counted


def _lines(table: Table) -> Iterator[bytes]:
    """Yield the header, then one piece for each row."""
    yield line(field.column.name for field in table.fields)
    rows = _public()[table.model].order_by(*table.order)
    yield from map(
        line, rows.values_list(*(field.path for field in table.fields)).iterator(chunk_size=_CHUNK)
    )


def _public() -> dict[str, QuerySet[Any]]:
    """Return what everybody may see of each model."""
    anybody = AnonymousUser()
    trials = Trial.objects.public()
    releases = Release.objects.visible_to(anybody).published()
    return {
        "centre.Force": Force.objects.all(),
        "tactics.Tactic": Tactic.objects.visible_to(anybody),
        "tactics.Rating": Rating.objects.visible_to(anybody),
        "tactics.Finding": Finding.objects.visible_to(anybody),
        "experiments.Trial": trials,
        "experiments.Site": Site.objects.filter(trial__in=trials),
        "experiments.Registration": Registration.objects.filter(trial__in=trials),
        "experiments.Release": releases,
        "experiments.ReleaseFile": ReleaseFile.objects.filter(release__in=releases),
    }


def _protocols() -> Iterator[bytes]:
    """Yield a line for the protocol in force of each trial."""
    versions = Registration.objects.filter(trial__in=Trial.objects.public(), next=None)
    fields = ("trial__number", "major", "minor", "sha256", "protocol")
    for number, major, minor, sha256, protocol in (
        versions.order_by("trial__number").values_list(*fields).iterator(chunk_size=200)
    ):
        document = {
            "trial_id": number,
            "version": f"{major}.{minor}",
            "registration_hash": sha256,
            "protocol": protocol,
        }
        yield canonical_json(document) + b"\n"
