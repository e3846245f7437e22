"""From staged files to a Panel: every row is read first, then all is kept or nothing; and a panel's sums."""

import json
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max
from django.urls import reverse

from centre import audit, vault
from centre.errors import Invalid, Problem
from centre.hub import lookups
from centre.hub.panels import rollup
from centre.hub.panels.building import Built, build
from centre.hub.panels.faults import PanelRefused
from centre.hub.panels.places import places
from centre.hub.panels.reading import Kind, Source
from centre.hub.panels.rollup import Rollup
from centre.hub.panels.unpacking import unpack
from centre.hub.trends.series import Series
from centre.models import AreaLookup, Force, Measure, Panel, Run
from centre.runs import Context

_LOCK = 0x50414E4C  # "PANL": one version at a time on PostgreSQL
# Those that add up over areas: of rates and shares the parts are sent.
_ADDITIVE = {Measure.Unit.COUNT: True, Measure.Unit.HARM: False, Measure.Unit.HOURS: False}


def receive(context: Context) -> Callable[[], dict[str, Any]]:
    """Read the staged files; return what writes the row."""
    params = context.run.params
    row, areas = lookups.current()
    if row is None or areas is None:
        raise Invalid.field("file", "No lookup of areas is loaded: load it first (manage.py load_areas)")
    with tempfile.TemporaryDirectory(prefix="panel-") as folder:
        try:
            built = build(
                _sources(context, Path(folder)),
                known(),
                places(areas, params["vintage"], _forces()),
                Path(folder),
                tell=context.progress,
            )
        except PanelRefused as refusal:
            problems = [Problem("file", problem) for problem in refusal.problems]
            raise Invalid("The panel is refused, and nothing of it was kept", problems) from refusal
        context.progress(0.9, "Keeping the columns")
        values = _kept(built, params)
    return lambda: _commit(context.run, row, values)


def known() -> dict[str, Kind]:
    """Return the measures that a panel may have, as they hold today."""
    return {
        one.key: Kind(one.key, _ADDITIVE[Measure.Unit(one.unit)])
        for one in Measure.objects.in_force()
        if one.unit in _ADDITIVE
    }


def sums(panel: Panel) -> Rollup:
    """Return a panel's sums by force, month and measure."""
    return _sums(panel.rollup_sha256, panel.absent_is_zero)


def series(panel: Panel) -> dict[tuple[str, str], Series]:
    """Return the monthly counts of each force (its slug) and measure (its key), for trends: missing is never 0."""
    return sums(panel).series()


@lru_cache(maxsize=8)  # by content, so that what is kept cannot go stale
def _sums(sha256: str, absent_is_zero: bool) -> Rollup:
    return rollup.read(vault.path(sha256), absent_is_zero=absent_is_zero)


def discard_staged(run: Run) -> None:
    """Take away files that were refused, unless a panel or another Run needs the same content."""
    awaited = (
        Run.objects.unfinished().filter(task=run.task).exclude(pk=run.pk).values_list("params", flat=True)
    )
    needed = {one["sha256"] for params in awaited for one in params["files"]}
    needed |= {one["sha256"] for files in Panel.objects.values_list("files", flat=True) for one in files}
    for one in run.params["files"]:
        if one["sha256"] not in needed:
            vault.discard(one["sha256"])


def _forces() -> dict[str, str]:
    return {one.ons_code: one.slug for one in Force.objects.official() if one.ons_code}


def _sources(context: Context, folder: Path) -> list[Source]:
    """Return the files that came, and those of an archive in its place."""
    found = []
    for at, one in enumerate(context.run.params["files"]):
        place = folder / f"unpacked-{at}"
        place.mkdir()
        source = Source(vault.path(one["sha256"]), one["name"])
        found += unpack(source, place, tell=lambda words: context.progress(0, words))
    return found


def _kept(built: Built, params: dict[str, Any]) -> dict[str, Any]:
    """Put partitions, roll-up and manifest into the vault; return the fields of the row."""
    files = [{"kind": "source", **one} for one in params["files"]]
    for one in built.partitions:
        with one.path.open("rb") as file:
            stored = vault.put(file)
        files.append(
            {
                "kind": "partition",
                "year": one.year,
                "rows": one.rows,
                "sha256": stored.sha256,
                "size": stored.size,
            }
        )
    with built.rollup.open("rb") as file:
        rolled = vault.put(file)
    values = {
        "measures": list(built.measures),
        "n_areas": built.areas,
        "n_rows": built.rows,
        "n_cells": built.cells,
        "files": files,
        "rollup_sha256": rolled.sha256,
    }
    months = {"first_month": built.first_month, "last_month": built.last_month}
    manifest = {**values, **{name: str(day) for name, day in months.items()}, "vintage": params["vintage"]}
    kept = vault.put_bytes(json.dumps(manifest, sort_keys=True, indent=1).encode())
    return {**values, **months, "manifest_sha256": kept.sha256}


def _wait_for_others() -> None:
    """Let one panel at a time have its version, until the transaction ends: two of one name take two.

    SQLite has one writer at a time, and the run has written already. No row could be locked: panels are frozen.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _commit(run: Run, lookup: AreaLookup, values: dict[str, Any]) -> dict[str, Any]:
    params = run.params
    _wait_for_others()
    before = Panel.objects.filter(name=params["name"]).aggregate(newest=Max("version"))["newest"] or 0
    panel = Panel.objects.create(
        pk=run.subject_id,
        version=before + 1,
        lookup=lookup,
        received_by=run.requested_by,
        **{name: params[name] for name in ("name", "source", "vintage", "absent_is_zero")},
        **values,
    )
    detail = {
        "name": panel.name,
        "version": panel.version,
        "rows": panel.n_rows,
        "manifest": panel.manifest_sha256,
    }
    audit.record("panel.kept", subject=panel, by=run.requested_by or audit.SYSTEM, detail=detail)
    return {
        "panel": str(panel.pk),
        "message": f"{panel} is kept: {panel.n_rows:,} rows of {panel.n_areas:,} areas",
        "page": reverse("hub-panel", args=[panel.pk]),
        "label": "See its sums",
    }
