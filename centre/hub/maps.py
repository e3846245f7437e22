"""PURE: areas of a force as points, and circles around those where something rose. A table beside it says the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from centre.drawing import line, number, svg, words_at

_WIDTH, _MARGIN, _LEGEND = 640.0, 24.0, 34.0
_KM_OF_A_DEGREE = 111.195
_LEAST = 7.0  # of a circle, so that one area is seen
_TALLEST = 640.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle with its number, which the table has too; `members` are places in the lists of points."""

    label: str
    longitude: float
    latitude: float
    radius_km: float
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Map:
    west: float
    north: float
    squeeze: float  # of a degree of longitude at this latitude
    scale: float  # drawing units of a degree of latitude
    height: float

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (
            _MARGIN + (longitude - self.west) * self.squeeze * self.scale,
            _MARGIN + (self.north - latitude) * self.scale,
        )


def of_clusters(
    name: str, title: str, longitude: Sequence[float], latitude: Sequence[float], circles: Sequence[Circle]
) -> str:
    """Draw every area as a point, those of a circle larger, and the circles with their numbers.

    Raises
    ------
    ValueError : no area.
    """
    if not longitude:
        raise ValueError("a map needs an area")
    drawn = _laid_out(longitude, latitude)
    inside = set().union(*(one.members for one in circles))
    places = [drawn.at(*one) for one in zip(longitude, latitude, strict=True)]
    parts = [
        _dots(
            [one for at, one in enumerate(places) if at not in inside],
            'stroke-width="3" stroke-opacity="0.35"',
        ),
        _dots([one for at, one in enumerate(places) if at in inside], 'stroke-width="6"'),
        *(_circle(one, drawn) for one in circles),
        *_ruler(drawn),
    ]
    described = f"{len(places):,} areas as points" + (
        f", with {len(circles)} numbered circle{'s' * (len(circles) != 1)} around those where counts rose."
        if circles
        else "; none stands out."
    )
    return svg(drawn.height, name, title, described, parts, width=_WIDTH)


def _laid_out(longitude: Sequence[float], latitude: Sequence[float]) -> _Map:
    west, east, south, north = min(longitude), max(longitude), min(latitude), max(latitude)
    squeeze = math.cos(math.radians((south + north) / 2))
    across, down = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((_WIDTH - 2 * _MARGIN) / across, _TALLEST / down)
    return _Map(west, north, squeeze, scale, down * scale + 2 * _MARGIN + _LEGEND)


def _dots(places: Sequence[tuple[float, float]], more: str) -> str:
    """Return points as one path: lines of no length with round ends."""
    if not places:
        return ""
    steps = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
    return f'<path d="{steps}" stroke="currentColor" stroke-linecap="round" fill="none" {more}/>'


def _circle(one: Circle, drawn: _Map) -> str:
    x, y = drawn.at(one.longitude, one.latitude)
    radius = max(one.radius_km / _KM_OF_A_DEGREE * drawn.scale, _LEAST)
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="currentColor" stroke-width="2"/>'
    return ring + words_at(min(x + radius + 6, _WIDTH - 8), max(y - radius, 12), one.label)


def _ruler(drawn: _Map) -> list[str]:
    """Return a line of a round length in kilometres, no longer than a third of the drawing."""
    of_km = drawn.scale / _KM_OF_A_DEGREE
    most = _WIDTH / 3 / of_km
    power = 10.0 ** math.floor(math.log10(most))
    km = next(power * factor for factor in (5, 2, 1) if power * factor <= most)
    y = drawn.height - 12
    return [
        line(f"{_MARGIN:.1f}", f"{y:.1f}", f"{_MARGIN + km * of_km:.1f}", f"{y:.1f}", 'stroke-width="2"'),
        words_at(_MARGIN + km * of_km + 6, y + 4, f"{number(km)} km", anchor="start"),
    ]
