"""What is wrong with a file: collected in full, shown by line and column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. ``line`` and ``column`` are None where the whole file is meant."""

    line: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [f"column '{self.column}'"] if self.column is not None else []
        return f"{', '.join(place) or 'data'}: {self.message}"


class FileRefused(Exception):
    """The file cannot be taken. Nothing of it was kept.

    Attributes
    ----------
    problems : the first problems, by line.
    total : how many there are in all.
    too_large : True where a size limit was met (HTTP 413 rather than 400).
    """

    def __init__(
        self, problems: Sequence[Problem], *, total: int | None = None, too_large: bool = False
    ) -> None:
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total
        self.too_large = too_large
        super().__init__("; ".join(problem.message for problem in self.problems[:3]))


def refuse(
    message: str, *, line: int | None = None, column: str | None = None, too_large: bool = False
) -> FileRefused:
    """Make a refusal for one reason that leaves nothing else to look at."""
    return FileRefused([Problem(line, column, message)], too_large=too_large)


@dataclass(slots=True)
class Problems:
    """Collects problems: the count is exact, the list is cut so that a hopeless file costs no memory."""

    found: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: Problem) -> None:
        self.extend([problem], 1)

    def extend(self, shown: Iterable[Problem], total: int) -> None:
        """Add the first problems of one source, and how many that source has in all."""
        self.found += shown
        self.total += total

    def raise_if_any(self) -> None:
        if self.total:
            by_line = sorted(self.found, key=lambda problem: problem.line or 0)
            raise FileRefused(by_line[:SHOWN], total=self.total)
