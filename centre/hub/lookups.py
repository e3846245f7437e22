"""The lookup of areas that is in force, read once by each process."""

from functools import lru_cache

from centre import vault
from centre.hub import areas
from centre.hub.areas import Areas
from centre.models import AreaLookup


def current() -> tuple[AreaLookup | None, Areas | None]:
    """Return the lookup that is in force with its areas; None twice before the first is loaded."""
    row = AreaLookup.objects.current()
    return row, _read(row.lookup_sha256, row.districts_sha256) if row else None


@lru_cache(maxsize=2)
def _read(lookup: str, districts: str) -> Areas:
    return areas.read(vault.read(lookup), vault.read(districts) if districts else None)
