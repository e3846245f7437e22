"""A country of eight areas in two forces, and panels of it as files."""

import csv
import gzip
import itertools
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from centre.hub.panels.building import Built, build
from centre.hub.panels.places import places
from centre.hub.panels.reading import Kind, Source
from tests.unit.centre.hub.invented import AREAS, HERE, THERE

KNOWN = {key: Kind(key) for key in ("burglary", "robbery")} | {
    "officer-hours": Kind("officer-hours", is_whole=False)
}
PLACES = places(AREAS, "2021", {HERE: "here", THERE: "there"})
CODES = PLACES.codes.to_pylist()
Rows = list[dict[str, Any]]


def wide(months: tuple[str, ...] = ("2023-12", "2024-01")) -> Rows:
    """Return a row for each area and month: burglaries 0, 1, 2 …, robberies ten times as many."""
    return [
        {"area": area, "month": month, "burglary": at, "robbery": 10 * at}
        for at, (month, area) in enumerate(itertools.product(months, CODES))
    ]


def long(rows: Rows) -> Rows:
    """Return the same with a row for each measure."""
    return [
        {"area": row["area"], "month": row["month"], "measure": key, "value": row[key]}
        for row in rows
        for key in row
        if key in KNOWN
    ]


def written(path: Path, rows: Rows) -> Source:
    """Write rows in the format that the name says."""
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "wt", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return Source(path, path.name)


def built(folder: Path, *parts: Rows, name: str = "panel.csv") -> Built:
    """Build a panel of files in a new folder."""
    sources = [written(folder / f"{at}-{name}", rows) for at, rows in enumerate(parts)]
    target = folder / f"built-{len(list(folder.iterdir()))}"
    target.mkdir()
    return build(sources, KNOWN, PLACES, target)
