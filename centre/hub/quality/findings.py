"""A finding of quality: what was seen, where, by which check, and what it means for those who compare."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Dimension(StrEnum):
    """The six dimensions of the Government Data Quality Framework."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    TIMELINESS = "timeliness"
    CONSISTENCY = "consistency"
    VALIDITY = "validity"
    ACCURACY = "accuracy"


class Severity(StrEnum):
    """What a finding asks of whoever uses the data."""

    NOTE = "note"  # to be known
    WARN = "warn"  # to be said beside the figure
    STOP = "stop"  # not to be compared until it is settled


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding on months of one force: `rows` of `of` where it is a share, else what is counted."""

    check: str
    dimension: Dimension
    severity: Severity
    force: str
    months: tuple[str, ...]
    words: str
    action: str
    rows: int | None = None
    of: int | None = None

    @property
    def key(self) -> str:
        """Return what tells it from the others of its force in one judgement."""
        return f"{self.check}:{self.months[0]}"

    def is_still(self, check: str, months: Collection[str]) -> bool:
        """Return whether it is the same fault as one that was found before: the same check, on some of its months."""
        return self.check == check and not set(self.months).isdisjoint(months)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values."""
        return asdict(self)
