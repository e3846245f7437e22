"""What a file that was sent again changes: counts before and after, and crimes that came or went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from centre.hub import stops
from centre.hub.counts import Counts
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
    """Two versions of a force's month: `gained` and `lost` are ids of crimes, so anti-social behaviour has none.

    Stops and searches have no ids; what is counted of them is of people, and told to the nearest ten.
    """

    month: str
    changes: tuple[Change, ...]
    gained: int | None
    lost: int | None
    of_people: bool = False

    @property
    def rows(self) -> Change:
        """Return the rows before and after."""
        return self.changes[0]


def revision(
    before: Profile | Counts,
    after: Profile | Counts,
    ids_before: NDArray[np.uint64] | None,
    ids_after: NDArray[np.uint64] | None,
) -> Revision:
    """Compare two versions of one month: the rows, then each count that differs, the largest difference first.

    Parameters
    ----------
    ids_before, ids_after : sorted, each id once (`centre.hub.street.profile.hashes`); None where the kind has none.

    Raises
    ------
    ValueError : the two are not of the same force and month, or not of the same kind.
    """
    if _of(before) != _of(after):
        raise ValueError("two versions of one force's month are compared")
    of_people = isinstance(after, Counts) and after.kind == stops.KIND
    differ = sorted(
        (one for one in _each(before.counted, after.counted, of_people) if one.difference),
        key=lambda one: (-abs(one.difference), one.what),
    )
    return Revision(
        month=after.month,
        changes=(Change("Rows", before.rows, after.rows), *differ),
        gained=_only_in(ids_after, ids_before),
        lost=_only_in(ids_before, ids_after),
        of_people=of_people,
    )


def _only_in(one: NDArray[np.uint64] | None, other: NDArray[np.uint64] | None) -> int | None:
    if one is None or other is None:
        return None
    return len(np.setdiff1d(one, other, assume_unique=True))


def _each(
    before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int], of_people: bool
) -> Iterator[Change]:
    """Give each count before and after; of people, only where both may be told."""
    for key in sorted(before.keys() | after.keys()):
        pair = [before.get(key, 0), after.get(key, 0)]
        said = [stops.told(n) for n in pair] if of_people else pair
        if said[0] is not None and said[1] is not None:
            yield Change(key[1] or "(blank)", said[0], said[1])


def _of(one: Profile | Counts) -> tuple[str, str, str]:
    return (one.kind if isinstance(one, Counts) else "street", one.force, one.month)
