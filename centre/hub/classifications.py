"""PURE: which group a label belongs to, in versions, each from a month on: `reference/classifications.csv`."""

from dataclasses import dataclass
from functools import cache

from centre.hub import reference_tables

OFFENCE_GROUP = "offence-group"  # a category of the street files, among the groups of the national tables
STREET_LABEL = "street-label"  # a category's label of earlier files, among those of today


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a label belongs from one month to another. Two groups: its counts cannot be shared out between them."""

    scheme: str
    version: int
    label: str
    into: tuple[str, ...]
    note: str
    valid_from: str
    valid_until: str
    source: str
    licence: str

    @property
    def is_whole(self) -> bool:
        """Return whether all of its counts go into one group."""
        return len(self.into) == 1


@cache
def _all() -> tuple[Mapped, ...]:
    return tuple(
        Mapped(
            scheme=row["scheme"],
            version=int(row["version"]),
            label=row["label"],
            into=tuple(row["into"].split(";")) if row["into"] else (),
            note=row["note"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            source=row["source"],
            licence=row["licence"],
        )
        for row in reference_tables.rows("classifications.csv")
    )


def mapped(scheme: str, label: str, *, month: str) -> Mapped | None:
    """Return where a label belongs in a month (YYYY-MM), by the newest version; None where nothing is said of it."""
    held = [
        one
        for one in _all()
        if one.scheme == scheme
        and one.label == label
        and one.valid_from <= month
        and (not one.valid_until or month <= one.valid_until)
    ]
    return max(held, key=lambda one: one.version, default=None)
