"""From series and options to the rows of the contract."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from centre.hub.trends import cusum, ears, false_discovery, farrington, options_file, scan, xmr
from centre.hub.trends.errors import NotEstimable, TrendsRefused
from centre.hub.trends.points import Point
from centre.hub.trends.scan import Cluster, Places, Tell
from centre.hub.trends.series import Series


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows, and whether all that was asked for could be judged."""

    rows: list[dict[str, Any]]
    is_whole: bool


def answer(
    method: str,
    series: Sequence[Series],
    places: dict[str, tuple[float, float]],
    given: dict[str, Any],
    tell: Tell | None = None,
) -> Answer:
    """Evaluate every series by one method.

    Raises
    ------
    TrendsRefused : the options, the range or, for a scan, the places cannot be used.
    """
    if method not in options_file.METHODS:
        raise TrendsRefused([f"method {method}: use one of {', '.join(options_file.METHODS)}"])
    options, control, span = options_file.settle(method, given)
    if method == "scan":
        return _scanned(series, places, options, tell)
    points: list[Point] = []
    for at, one in enumerate(series):
        points += _judged(method, one, options, span)
        if tell:
            tell((at + 1) / len(series), one.name or "the series")
    if method in options_file.CONTROLLED and len(series) > 1:
        points = false_discovery.controlled(points, control)
    rows = [point.as_json(several=len(series) > 1) for point in points]
    return Answer(rows, not any(point.not_estimable for point in points))


def evaluate(method: str, series: Series, at: int, options: Any) -> Point:
    """Judge one count of one series.

    Raises
    ------
    NotEstimable : with the reason.
    """
    if method == "farrington":
        return farrington.evaluate(
            series, at, replace(options, alpha=farrington.original_alpha(options.alpha))
        )
    if method == "farrington_flexible":
        return farrington.evaluate(series, at, options)
    return ears.evaluate(series, at, options, cast(ears.Method, method))


def _judged(method: str, series: Series, options: Any, span: list[Any] | None) -> list[Point]:
    first, last = places_of(series, span) if span is not None else (None, len(series) - 1)
    try:
        if method == "xmr":
            return xmr.evaluate(series, options)
        if method == "cusum":
            return cusum.evaluate(series, _first(first, series), last, options)
    except NotEstimable as refusal:
        return [_silent(series, last, refusal)]
    points: list[Point] = []
    # Without a range, what has the history that the method needs; where nothing has, the last count says why.
    for at in range(first or 0, last + 1):
        try:
            points.append(evaluate(method, series, at, options))
        except NotEstimable as refusal:
            if first is not None or points or at == last:
                points.append(_silent(series, at, refusal))
    return points


def _first(first: int | None, series: Series) -> int:
    """Return where a CUSUM begins without a range: after the first half, which says what to expect."""
    return first if first is not None else len(series) // 2


def _silent(series: Series, at: int, refusal: NotEstimable) -> Point:
    count = float(series.counts[at])
    return Point(
        series.name, series.dates[at], None if np.isnan(count) else count, not_estimable=refusal.reason
    )


def places_of(series: Series, span: Any) -> tuple[int, int]:
    """Return the places of a range: two dates, or two positions counted from 1.

    Raises
    ------
    TrendsRefused : no two dates or positions of the series, in order.
    """
    words = 'option range: must be two dates, such as ["2024-01-01", "2024-12-01"], or two positions from 1'
    if not isinstance(span, list) or len(span) != 2:
        raise TrendsRefused([words])
    try:
        ends = [_place(series, end) for end in span]
    except ValueError:
        raise TrendsRefused([words]) from None
    if not 0 <= ends[0] <= ends[1] < len(series):
        raise TrendsRefused([f"{words}; {series.name or 'the series'} has {len(series)} dates"])
    return ends[0], ends[1]


def _place(series: Series, end: Any) -> int:
    if isinstance(end, int) and not isinstance(end, bool):
        return end - 1
    if not isinstance(end, str):
        raise ValueError
    date = dt.date.fromisoformat(end if len(end) > 7 else f"{end}-01")
    return series.dates.index(date)


def _scanned(
    series: Sequence[Series], places: dict[str, tuple[float, float]], options: scan.Options, tell: Tell | None
) -> Answer:
    if not places:
        raise TrendsRefused(["a scan needs the columns x (longitude) and y (latitude) of every series"])
    laid = laid_out(series, places)
    try:
        clusters = scan.scan(laid, options, tell)
    except NotEstimable as refusal:
        last = laid.dates[-1].isoformat()
        return Answer([{"series": "", "date": last, "alarm": None, "not_estimable": refusal.reason}], False)
    return Answer([_row(cluster, options) for cluster in clusters], True)


def laid_out(series: Sequence[Series], places: dict[str, tuple[float, float]]) -> Places:
    """Return the counts of all places on the same dates.

    Raises
    ------
    TrendsRefused : a place lacks a count that others have, or counts in parts.
    """
    dates = sorted({date for one in series for date in one.dates})
    problems = []
    for one in series:
        missing = [date for date, count in zip(one.dates, one.counts, strict=True) if np.isnan(count)]
        missing += sorted(set(dates) - set(one.dates))
        if missing:
            problems.append(
                f"series {one.name}: no count for {missing[0]}; a scan needs every count, 0 where it was 0"
            )
        elif (one.counts != np.floor(one.counts)).any():
            problems.append(f"series {one.name}: a scan counts events: whole numbers only")
    if problems:
        raise TrendsRefused(problems[:20])
    population = [one.population for one in series if one.population is not None]
    return Places(
        tuple(one.name for one in series),
        tuple(dates),
        np.array([one.counts for one in series], dtype=np.int64),
        np.array([places[one.name][0] for one in series]),
        np.array([places[one.name][1] for one in series]),
        np.array(population) if population else None,
    )


def _row(cluster: Cluster, options: scan.Options) -> dict[str, Any]:
    alarm = cluster.p_value <= options.alpha
    return {
        "series": cluster.centre,
        "date": cluster.end.isoformat(),
        "count": cluster.count,
        "expected": cluster.expected,
        "upper_bound": None,
        "score": cluster.statistic,
        "alarm": alarm,
        "rule": "more than chance in a circle of places" if alarm else "",
        "p_value": cluster.p_value,
        "start": cluster.start.isoformat(),
        "areas": list(cluster.areas),
        "radius_km": cluster.radius_km,
        "recurrence_interval": cluster.recurrence,
    }
