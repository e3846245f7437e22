"""What a file that was sent again changes: counts before and after, and crimes that came or went."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centre.hub.street.profile import Profile


@dataclass(frozen=True, slots=True)
class Change:
    """One count before and after."""

    what: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """Return by how much it grew; negative where it fell."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Revision:
    """Two versions of a force's month: `gained` and `lost` are ids of crimes, so anti-social behaviour has none."""

    month: str
    changes: tuple[Change, ...]
    gained: int
    lost: int

    @property
    def rows(self) -> Change:
        """Return the rows before and after."""
        return self.changes[0]


def revision(
    before: Profile, after: Profile, ids_before: NDArray[np.uint64], ids_after: NDArray[np.uint64]
) -> Revision:
    """Compare two versions of one month: the rows, then each count that differs, the largest difference first.

    Parameters
    ----------
    ids_before, ids_after : sorted, each id once (`centre.hub.street.profile.hashes`).

    Raises
    ------
    ValueError : the two are not of the same force and month.
    """
    if (before.force, before.month) != (after.force, after.month):
        raise ValueError("two versions of one force's month are compared")
    counted = [
        Change("Rows without a place", before.no_location, after.no_location),
        Change("Blank street names", before.blank_street, after.blank_street),
        Change("Areas", before.areas, after.areas),
        *_each(before.categories, after.categories),
        *_each(before.outcomes, after.outcomes),
    ]
    differ = sorted(
        (one for one in counted if one.difference), key=lambda one: (-abs(one.difference), one.what)
    )
    return Revision(
        month=after.month,
        changes=(Change("Rows", before.rows, after.rows), *differ),
        gained=len(np.setdiff1d(ids_after, ids_before, assume_unique=True)),
        lost=len(np.setdiff1d(ids_before, ids_after, assume_unique=True)),
    )


def _each(before: Mapping[str, int], after: Mapping[str, int]) -> list[Change]:
    names = sorted(before.keys() | after.keys())
    return [Change(name or "(blank)", before.get(name, 0), after.get(name, 0)) for name in names]
