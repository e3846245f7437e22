"""Maps by force: tiles of one size that need no boundaries, or the boundaries where they are loaded. Pure."""

from centre.maps.boundaries import BadBoundaries, read
from centre.maps.drawing import Drawing, Legend, Said, Shape, boundaries, tiles

__all__ = [
    "BadBoundaries",
    "Drawing",
    "Legend",
    "Said",
    "Shape",
    "boundaries",
    "read",
    "tiles",
]
