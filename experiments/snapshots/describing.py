"""A snapshot's descriptor (Frictionless Data Package 2), its checksums, and its page in plain words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from centre.canonical import document_json
from experiments.packages.columns import Column
from experiments.packages.datapackage import DIALECT, PROFILES, licence, schema
from experiments.packages.facts import LICENCE, LICENCE_URL
from experiments.snapshots.tables import PROTOCOLS

_MEDIA = {"csv": "text/csv", "jsonl": "application/jsonl", "md": "text/markdown"}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a snapshot: its hash, its size, how many rows, and its columns where it is a table."""

    name: str
    row: str
    sha256: str
    size: int
    rows: int
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()


def descriptor(day: dt.date, parts: Sequence[Part]) -> bytes:
    """Return `datapackage.json`."""
    return document_json(
        {
            "$schema": f"{PROFILES}/datapackage.json",
            "name": f"tactic-registry-{day:%Y-%m-%d}",
            "title": f"The public registry on {day:%Y-%m-%d}",
            "version": f"{day:%Y-%m-%d}",
            "licenses": [licence(LICENCE, LICENCE_URL)],
            "resources": [_resource(part) for part in parts],
        }
    )


def _resource(part: Part) -> dict[str, object]:
    kind = part.name.rsplit(".", 1)[-1]
    made: dict[str, object] = {
        "name": part.name.rsplit(".", 1)[0],
        "path": part.name,
        "description": f"One line is {part.row}.",
        "format": kind,
        "mediatype": _MEDIA[kind],
        "encoding": "utf-8",
        "bytes": part.size,
        "hash": f"sha256:{part.sha256}",
        "rowCount": part.rows,
    }
    if part.columns:
        made |= {"type": "table", "dialect": DIALECT, "schema": schema(part.columns, part.key)}
    return made


def checksums(parts: Sequence[Part]) -> bytes:
    """Return `SHA256SUMS`, as `sha256sum --check` reads it."""
    return "".join(f"{part.sha256}  {part.name}\n" for part in parts).encode()


def readme(day: dt.date, parts: Sequence[Part]) -> bytes:
    """Return `README.md`."""
    lines = [
        f"# The public registry on {day:%-d %B %Y}",
        "",
        "Everything that everybody could read in the registry on that day, as tables (CSV, UTF-8) and, of each",
        f"trial, the protocol in force (`{PROTOCOLS}`, one JSON document a line). `datapackage.json` describes every",
        "column, and `SHA256SUMS` has the hash of every file: `sha256sum --check SHA256SUMS`.",
        "",
        "Rows with `is_simulated` true are invented to show how the registry works. They are no evidence.",
        "",
        "A snapshot is never changed. What was withdrawn or corrected later still stands in it: look at the registry",
        "before you rely on a number.",
        "",
        "| file | a line is | lines |",
        "| --- | --- | --- |",
        *(f"| `{part.name}` | {part.row} | {part.rows:,} |" for part in parts),
        "",
        "Licence: Open Government Licence v3.0.",
        "",
    ]
    return "\n".join(lines).encode()
