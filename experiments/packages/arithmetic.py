"""What the released numbers say of each other: all that can be computed again without the data.

Released numbers are rounded, so each stands for an interval; a number disagrees only where no number in its interval
can come of any in the others'.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from centre import distributions
from experiments.stats import multiplicity
from experiments.stats.options import UNADJUSTED_ROLES, WESTFALL_YOUNG
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.rows import RATIO_SCALES

SLACK = 1e-9
Row = Mapping[str, Any]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """One released number beside what the others make of it."""

    pointer: str
    published: float
    low: float
    high: float

    @property
    def agrees(self) -> bool:
        """Whether the number lies in what the others allow."""
        return self.low <= self.published <= self.high


def findings(document: Mapping[str, Any], plan: Plan) -> list[Finding]:
    """Return every released number that follows from others.

    Left out: p values, intervals and variances that come of draws or of looks at the data, and the intervals of terms.
    """
    figures = document["disclosure"]["significant_figures"]
    specs = {spec.id: spec for spec in plan.estimates}
    found: list[Finding] = []
    for place, row in enumerate(document["estimates"]):
        if row["status"] == "ok" and row["std_error"]:
            found += _of_row(row, specs[row["id"]], plan.alpha, figures, f"/estimates/{place}")
    return found + list(_adjusted(document["estimates"], specs, plan, figures))


def span(value: float, figures: int) -> Span:
    """Return the numbers that round to a released one."""
    if value == 0:
        return 0.0, 0.0
    half = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - figures + 1)
    half += SLACK * abs(value)
    return value - half, value + half


def _of_row(row: Row, spec: EstimateSpec, alpha: float, figures: int, where: str) -> Iterator[Finding]:
    def of(name: str) -> Span:
        return span(float(row[name]), figures)

    def told(name: str, by: Callable[..., float], *spans: Sequence[float | None]) -> Iterator[Finding]:
        if row[name] is not None:
            yield _finding(f"{where}/{name}", row[name], [by(*c) for c in itertools.product(*spans)], figures)

    effect, error = of("estimate"), of("std_error")
    df: Sequence[float | None] = (None,) if row["df"] is None else of("df")
    if row["scale"] in RATIO_SCALES:
        yield from told("pct_change", lambda value: 100 * math.expm1(value), effect)
    if row["mde"] is None:  # judged by draws or looks, which the error does not show
        return
    yield from told("statistic", lambda a, b: a / b, effect, error)
    yield from told("mde", lambda b, d: distributions.minimum_detectable(b, d, alpha), error, df)
    for name, end in (("conf_low", 0), ("conf_high", 1)):
        yield from told(
            name, lambda a, b, d, e=end: distributions.interval(a, b, d, alpha)[e], effect, error, df
        )
    yield from told("yi", lambda value: value, effect)
    yield from told("vi", lambda value: value**2, error)
    statistic = of("statistic")
    most = (*statistic, 0.0) if statistic[0] < 0 < statistic[1] else statistic
    yield from told("p_value", lambda t, d: distributions.p_value(t, d, spec.alternative), most, df)


def _adjusted(
    rows: Sequence[Row], specs: Mapping[str, EstimateSpec], plan: Plan, figures: int
) -> Iterator[Finding]:
    if plan.multiplicity in ("none", WESTFALL_YOUNG):
        return
    inside = [
        (place, row)
        for place, row in enumerate(rows)
        if row["p_value"] is not None and row["role"] not in UNADJUSTED_ROLES
    ]
    for family in dict.fromkeys(specs[row["id"]].family for _, row in inside):
        members = [(place, row) for place, row in inside if specs[row["id"]].family == family]
        spans = [span(row["p_value"], figures) for _, row in members]
        # Every method gives no smaller adjusted p values for larger raw ones.
        ends = [multiplicity.adjust([one[end] for one in spans], plan.multiplicity) for end in (0, 1)]
        for at, (place, row) in enumerate(members):
            if row["p_value_adjusted"] is not None:
                pointer = f"/estimates/{place}/p_value_adjusted"
                yield _finding(pointer, row["p_value_adjusted"], [ends[0][at], ends[1][at]], figures)


def _finding(pointer: str, value: float, made: Sequence[float], figures: int) -> Finding:
    """A released number beside those that the others allow, widened by what rounding hid of itself."""
    low, high = span(float(value), figures)
    return Finding(pointer, float(value), min(made) - (high - value), max(made) + (value - low))
