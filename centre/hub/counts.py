"""PURE: what a file of outcomes, or of stops and searches, is like: counts alone, and nothing of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from centre.hub.faults import Fault


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one file's rows. `crimes`: different ids of crimes, None where the kind has none."""

    kind: str
    force: str
    month: str
    rows: int
    no_location: int
    crimes: int | None
    types: Mapping[str, int]
    outcomes: Mapping[str, int]
    faults: tuple[Fault, ...]

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Counts":
        """Return counts that were kept as plain JSON values (`dataclasses.asdict`)."""
        faults = tuple(Fault(**{**one, "lines": tuple(one["lines"])}) for one in kept["faults"])
        return cls(**{**kept, "faults": faults})

    @property
    def counted(self) -> dict[tuple[str, str], int]:
        """Return every count that versions are compared by, by what it is of and its label."""
        return (
            {("", "Rows without a place"): self.no_location}
            | {("type", name): n for name, n in self.types.items()}
            | {("outcome", name): n for name, n in self.outcomes.items()}
        )
