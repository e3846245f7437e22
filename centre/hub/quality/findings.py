"""A finding of quality: what was seen, where, by which check, and what it means for those who compare."""

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

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values."""
        return asdict(self)
