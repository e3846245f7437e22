"""The official boundary file of police force areas, read, matched to forces and simplified for a map on a page.

For maps only: simplified lines do not say in which force a point near a border lies.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from centre.errors import Invalid

Point = tuple[float, float]
Ring = list[Point]
WIDTH = 400.0  # of the drawing, in drawing units
TOLERANCE = 1.0  # how far a simplified line may leave the true one, in drawing units
MARK = 16.0  # how far apart two marks must stand
SMALLEST = 12.0  # an island of fewer square units is left out, unless it is all that a force has
# The box in which England and Wales lie, in degrees.
WEST, EAST, SOUTH, NORTH = -9.0, 3.0, 49.0, 56.5
ATTRIBUTION = (
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0",
    "Contains OS data © Crown copyright and database right 2023",
)
# Names of the boundary file that differ from every other list: old and new, inverted, with "&".
ALIASES = {
    "London, City of": "city-of-london",
    "Devon & Cornwall": "devon-and-cornwall",
    "Devon and Cornwall": "devon-and-cornwall",
    "Hampshire": "hampshire",
    "Hampshire and Isle of Wight": "hampshire",
    "Metropolitan Police": "metropolitan",
}


class BadBoundaries(Invalid):
    """The file is not what is needed; the message says which feature, and what to do."""

    title = "The boundaries were not loaded"


class Known(Protocol):
    """What is needed of a force."""

    slug: str
    name: str
    ons_code: str


def read(document: Any, forces: Iterable[Known]) -> dict[str, Any]:
    """Return what a map needs of a GeoJSON file of police force areas: a path and a place for the mark by force.

    Parameters
    ----------
    document : a FeatureCollection in longitude and latitude (WGS 84), a Polygon or MultiPolygon for each force, with
        the code of the Office for National Statistics in a property that ends in "CD" or the name in one in "NM".
    forces : those that must all be in it. Codes are matched first, names after.

    Returns
    -------
    `width`, `height`, `attribution` and `areas`: by slug `path`, `x` and `y`. Latitude and longitude are drawn with
    the degree of longitude shortened to that of the middle latitude, simplified by Douglas and Peucker (1973).

    Raises
    ------
    BadBoundaries : no FeatureCollection; a feature of no force, twice or of an unknown shape; a force without a
        feature; coordinates that are not degrees in England and Wales.
    """
    known = list(forces)
    found: dict[str, list[list[Ring]]] = {}
    for number, feature in enumerate(_features(document), start=1):
        slug = _slug(feature, known, number)
        if slug in found:
            raise BadBoundaries(f"Feature {number}: a second area for {slug}. Each force has one.")
        found[slug] = _polygons(feature, number)
    if missing := sorted(one.name for one in known if one.slug not in found):
        raise BadBoundaries(f"The file has no area for {', '.join(missing)}. Use the whole official file.")
    return _drawn(found)


def _features(document: Any) -> list[Mapping[str, Any]]:
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection" or not features:
        raise BadBoundaries("This is no GeoJSON FeatureCollection. Download the boundaries as GeoJSON.")
    if not all(isinstance(one, Mapping) for one in features):
        raise BadBoundaries("A feature is no JSON object. Download the boundaries as GeoJSON.")
    return features


def _slug(feature: Mapping[str, Any], forces: list[Known], number: int) -> str:
    properties = feature.get("properties")
    values = properties if isinstance(properties, Mapping) else {}
    codes = {str(value).strip() for key, value in values.items() if str(key).upper().endswith("CD")}
    names = [str(value).strip() for key, value in values.items() if str(key).upper().endswith("NM")]
    by_code = [one.slug for one in forces if one.ons_code and one.ons_code in codes]
    if by_code:
        return by_code[0]
    for name in names:
        slugs = {one.slug for one in forces}
        if ALIASES.get(name) in slugs:
            return ALIASES[name]
        for one in forces:
            if name in (one.name, one.slug) or one.name.startswith(f"{name} "):
                return one.slug
    shown = names[0] if names else "without a name"
    raise BadBoundaries(f"Feature {number} ({shown}) is no police force area that is known here.")


def _polygons(feature: Mapping[str, Any], number: int) -> list[list[Ring]]:
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise BadBoundaries(f"Feature {number} is no Polygon or MultiPolygon.")
    try:
        parts = geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]  # type: ignore[index]
        polygons = [[[(float(p[0]), float(p[1])) for p in ring] for ring in rings] for rings in parts]
    except (KeyError, IndexError, TypeError, ValueError):
        raise BadBoundaries(f"Feature {number}: its coordinates cannot be read.") from None
    points = [point for rings in polygons for ring in rings for point in ring]
    if not points or any(len(ring) < 4 for rings in polygons for ring in rings):
        raise BadBoundaries(f"Feature {number}: a ring has fewer than four points.")
    if not all(WEST <= x <= EAST and SOUTH <= y <= NORTH for x, y in points):
        raise BadBoundaries(
            f"Feature {number}: its coordinates are no degrees of longitude and latitude in England and Wales. "
            "Download the boundaries in WGS 84, not in the British National Grid."
        )
    return polygons


def _drawn(found: Mapping[str, list[list[Ring]]]) -> dict[str, Any]:
    points = [point for polygons in found.values() for rings in polygons for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shortened = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * shortened)

    def place(point: Point) -> Point:
        return (point[0] - west) * shortened * scale, (north - point[1]) * scale

    areas = {
        slug: _area([[[place(point) for point in ring] for ring in rings] for rings in polygons])
        for slug, polygons in sorted(found.items())
    }
    _part_marks(areas)
    height = round((north - south) * scale, 1)
    return {"width": WIDTH, "height": height, "attribution": list(ATTRIBUTION), "areas": areas}


def _part_marks(areas: dict[str, dict[str, Any]]) -> None:
    """Where two marks would cover each other, move that of the larger area to the west: London's, off the City's."""
    by_size = sorted(areas.values(), key=lambda area: area["size"])
    for place, area in enumerate(by_size):
        for smaller in by_size[:place]:
            if math.dist((area["x"], area["y"]), (smaller["x"], smaller["y"])) < MARK:
                area["x"] = round(smaller["x"] - MARK, 1)


def _area(polygons: list[list[Ring]]) -> dict[str, Any]:
    ordered = sorted(polygons, key=lambda rings: _size(rings[0]), reverse=True)
    kept = [ordered[0], *(rings for rings in ordered[1:] if _size(rings[0]) >= SMALLEST)]
    x, y = _middle(ordered[0][0])
    path = "".join(_path(ring) for rings in kept for ring in rings)
    size = sum(_size(rings[0]) for rings in kept)
    return {"path": path, "x": round(x, 1), "y": round(y, 1), "size": round(size, 1)}


def _path(ring: Ring) -> str:
    """Return a closed ring as path data in tenths of a unit; a ring so small that it vanishes stays a triangle."""
    half = len(ring) // 2
    open_ring = [*simplified(ring[: half + 1])[:-1], *simplified(ring[half:])[:-1]]
    if len(open_ring) < 3:
        open_ring = [ring[0], ring[len(ring) // 3], ring[2 * len(ring) // 3]]
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in open_ring) + "Z"


def simplified(line: Ring) -> Ring:
    """Return a line with fewer points, nowhere further than `TOLERANCE` from the first (Douglas and Peucker 1973)."""
    keep, stack = {0, len(line) - 1}, [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        distances = [_distance(line[n], line[first], line[last]) for n in range(first + 1, last)]
        if distances and max(distances) > TOLERANCE:
            far = first + 1 + distances.index(max(distances))
            keep.add(far)
            stack += [(first, far), (far, last)]
    return [line[n] for n in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return the distance of a point from a stretch."""
    (x, y), (a, b), (c, d) = point, start, end
    length = (c - a) ** 2 + (d - b) ** 2
    if not length:
        return math.dist(point, start)
    along = min(1.0, max(0.0, ((x - a) * (c - a) + (y - b) * (d - b)) / length))
    return math.dist(point, (a + along * (c - a), b + along * (d - b)))


def _size(ring: Ring) -> float:
    return abs(_signed(ring))


def _signed(ring: Ring) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _middle(ring: Ring) -> Point:
    """Return the centre of gravity of a ring, or of its points where it has no area."""
    area = _signed(ring)
    if not area:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    x = sum((x1 + x2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairs) / (6 * area)
    y = sum((y1 + y2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairs) / (6 * area)
    return x, y
