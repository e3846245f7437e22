"""PURE: when it changed how crime is counted or recorded, which may be why a figure changed."""

from dataclasses import dataclass
from functools import cache

from centre.hub import reference_tables

TO_BE_CONFIRMED = "reported"  # the status of a change whose date nobody has confirmed


@dataclass(frozen=True, slots=True)
class Change:
    """A change, from a month on: in one force, or in all where `force` is empty."""

    month: str
    force: str
    what: str
    source: str
    status: str

    @property
    def words(self) -> str:
        """Return what changed, as a person may read it: what is not confirmed says so."""
        return (
            f"{self.what} (reported change, to be confirmed)" if self.status == TO_BE_CONFIRMED else self.what
        )


@cache
def known() -> tuple[Change, ...]:
    """Return all changes in the order of their months."""
    found = (Change(**row) for row in reference_tables.rows("markers.csv"))
    return tuple(sorted(found, key=lambda one: (one.month, one.force, one.what)))


def of(force: str) -> list[Change]:
    """Return the changes that concern a force."""
    return [one for one in known() if one.force in ("", force)]
