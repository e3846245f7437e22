"""What came of one part of a verification."""

from dataclasses import dataclass, field
from typing import Any

MOST = 1000  # findings that are kept; all are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was."""

    subject: str  # which row or file, so that somebody can look
    message: str


@dataclass(slots=True)
class Report:
    """What was checked of one part, and what was found."""

    part: str
    heads: list[dict[str, Any]] = field(default_factory=list)  # that somebody kept
    checked: int = 0
    found: int = 0
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Return whether everything is as it was."""
        return not self.found

    def find(self, subject: object, message: str) -> None:
        """Note one thing that is not as it was."""
        self.found += 1
        if len(self.findings) < MOST:
            self.findings.append(Finding(str(subject), message))

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "part": self.part,
            "holds": self.holds,
            "checked": self.checked,
            "found": self.found,
            "seconds": round(self.seconds, 3),
            "findings": [{"subject": one.subject, "message": one.message} for one in self.findings],
        }
