"""What a method says of one point of a series."""

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluated point. Figures are None where a method has none; `not_estimable` says why a point has no verdict.

    `rule` names what fired, or what was looked for. `score` is above 1 where the count is beyond the bound.
    """

    series: str
    date: dt.date
    count: float | None
    expected: float | None = None
    upper_bound: float | None = None
    score: float | None = None
    alarm: bool | None = None
    rule: str = ""
    p_value: float | None = None
    q_value: float | None = None
    signal: bool | None = None
    lower_bound: float | None = None
    not_estimable: str = ""

    def as_json(self, *, several: bool) -> dict[str, Any]:
        """Return the row of the contract, with the columns of false discovery control for several series."""
        row: dict[str, Any] = {
            "series": self.series,
            "date": self.date.isoformat(),
            "count": whole(self.count),
            "expected": self.expected,
            "upper_bound": self.upper_bound,
            "score": self.score,
            "alarm": self.alarm,
            "rule": self.rule,
        }
        if several:
            row |= {"p_value": self.p_value, "q_value": self.q_value, "signal": self.signal}
        if self.lower_bound is not None:
            row["lower_bound"] = self.lower_bound
        if self.not_estimable:
            row["not_estimable"] = self.not_estimable
        return row


def whole(number: float | None) -> float | int | None:
    """Return a count as it was written: 5, not 5.0."""
    return int(number) if number is not None and number == int(number) else number
