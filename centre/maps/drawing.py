"""The drawing of a map by force, in drawing units: each force is a tile or an area with a mark that repeats its colour.

The meaning is in the mark, in the name of each link and in the table beside the map; the colour only repeats it.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

TILE, GAP, MARGIN = 40, 4, 4
STEP = TILE + GAP
COLUMNS, ROWS = 8, 9
MARKS = ("disc", "diamond", "half", "ring", "cross")
_FILE = Path(__file__).resolve().parent.parent / "reference" / "force_tiles.csv"


class Placed(Protocol):
    """What is needed of a force."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Legend:
    """One thing that can be so of a force: its mark (one of `MARKS`) and its words."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is so of one force: its place in the legend, and where its link leads."""

    legend: Legend
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """One force of the map. A tile has a corner; an area has a path. The mark stands at x, y."""

    name: str
    code: str
    mark: str
    words: str
    url: str
    x: float
    y: float
    left: float = 0
    top: float = 0
    path: str = ""

    @property
    def text_y(self) -> float:
        """Return the baseline of the code in a tile."""
        return self.top + 15


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole map with its legend and source. The page has a table beside it that says the same."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    legend: tuple[Legend, ...]
    silent: str  # what a force is called of which nothing is said
    n_silent: int
    tile: int = TILE
    is_placed: bool = True  # forces stand roughly where they are
    attribution: tuple[str, ...] = ()


def tiles(
    forces: Iterable[Placed], said: Mapping[str, Said], *, legend: Sequence[Legend], silent: str
) -> Drawing:
    """Return a map of equal tiles, each force roughly where it is; forces without a place stand to the side.

    Parameters
    ----------
    forces : those that the map has.
    said : by slug, what is so of a force; a force that is not in it is `silent`.
    legend : what can be so, in the order in which it is listed.
    """
    known = sorted(forces, key=lambda one: one.name)
    placed = [one for one in known if one.slug in _places()]
    beside = [one for one in known if one.slug not in _places()]
    corners = {one.slug: (_places()[one.slug][1], _places()[one.slug][2]) for one in placed}
    corners |= {one.slug: corner for one, corner in zip(beside, _free(bool(placed)), strict=False)}
    shown = [one for one in known if one.slug in corners]
    rows = 1 + max((row for _, row in corners.values()), default=0)
    return Drawing(
        width=MARGIN + COLUMNS * STEP,
        height=MARGIN + rows * STEP,
        shapes=tuple(_tile(one, corners[one.slug], said.get(one.slug), silent) for one in shown),
        legend=tuple(legend),
        silent=silent,
        n_silent=sum(one.slug not in said for one in known),
        is_placed=bool(placed),
    )


def boundaries(
    forces: Iterable[Placed],
    said: Mapping[str, Said],
    *,
    legend: Sequence[Legend],
    silent: str,
    document: Mapping[str, Any],
) -> Drawing:
    """Return a map of the forces' areas. `document` is what `read` made of the official file.

    A force that has no area is in the table only.
    """
    known = sorted(forces, key=lambda one: one.name)
    areas = document["areas"]
    # The largest first: a small force inside a large one, the City in London, is drawn over it with its mark.
    drawn = sorted((one for one in known if one.slug in areas), key=lambda one: -areas[one.slug]["size"])
    return Drawing(
        width=document["width"],
        height=document["height"],
        shapes=tuple(_area(one, areas[one.slug], said.get(one.slug), silent) for one in drawn),
        legend=tuple(legend),
        silent=silent,
        n_silent=sum(one.slug not in said for one in known),
        attribution=tuple(document["attribution"]),
    )


def _tile(force: Placed, corner: tuple[int, int], said: Said | None, silent: str) -> Shape:
    left, top = MARGIN / 2 + corner[0] * STEP, MARGIN / 2 + corner[1] * STEP
    code = _places()[force.slug][0] if force.slug in _places() else force.slug[:3].upper()
    return Shape(
        **_about(force, code, said, silent), left=left, top=top, x=left + TILE / 2, y=top + TILE - 13
    )


def _area(force: Placed, area: Mapping[str, Any], said: Said | None, silent: str) -> Shape:
    return Shape(**_about(force, "", said, silent), path=area["path"], x=area["x"], y=area["y"])


def _about(force: Placed, code: str, said: Said | None, silent: str) -> dict[str, Any]:
    return {
        "name": force.name,
        "code": code,
        "mark": said.legend.mark if said else "",
        "words": said.legend.words if said else silent,
        "url": said.url if said else "",
    }


def _free(has_grid: bool) -> list[tuple[int, int]]:
    """Return the places for forces without one: the upper right corner of the grid, or rows of their own."""
    if has_grid:
        return [(column, row) for row in (0, 1) for column in (7, 0, 1)]
    return [(column, row) for row in range(20) for column in range(COLUMNS)]


@cache
def _places() -> dict[str, tuple[str, int, int]]:
    with open(_FILE, encoding="utf-8", newline="") as source:
        return {
            row["slug"]: (row["code"], int(row["column"]), int(row["row"])) for row in csv.DictReader(source)
        }
