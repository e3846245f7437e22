"""The three ways in which statistics are refused, and the shape of one complaint."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: a JSON pointer into the plan, or a line and column of the data."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class StatisticsError(Exception):
    """Any refusal by this package; catch this one at the edge."""


class NotEstimable(StatisticsError):
    """One estimate or check cannot be made from these data; ``reason`` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Refused(StatisticsError):
    """A refusal that lists everything that is wrong, not only the first thing."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class BadPlan(_Refused):
    """The plan was refused before any number was made."""


class BadData(_Refused):
    """The data do not carry what the plan asks for."""
