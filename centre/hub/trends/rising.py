"""What is rising in many monthly series at once: Farrington's test with the history there is, false discovery control.

A month is compared with the same season (the month and one on each side) of up to five years back; the other months
of those years, in three parts, say how far a series strays. Months differ in length, so rates for a day are compared.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from centre.hub.trends import beside, false_discovery, farrington
from centre.hub.trends.beside import Lasting, Statistic
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.fired import AGAIN, CUSUM, EXPECTED
from centre.hub.trends.points import Point
from centre.hub.trends.reference_points import Reference, reference
from centre.hub.trends.rules import Rules
from centre.hub.trends.series import Series

Tell = Callable[[float, str], None]
_FIGURES = ("count", "expected", "upper_bound", "p_value", "q_value", "signal")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judged month of one series: the point, what it was compared with, and the rules that fired."""

    series: Series
    at: int
    point: Point
    years: int
    compared: tuple[dt.date, ...]
    same_season: int
    statistics: tuple[Statistic, ...] = ()  # of the rules that have one and no p value
    lasting: Lasting | None = None
    fired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A month of a series that could not be judged, and why."""

    series: str
    date: dt.date
    reason: str


@dataclass(frozen=True, slots=True)
class Rising:
    """What a scan came to: every test, and what could not be tested."""

    months: tuple[dt.date, ...]
    verdicts: tuple[Verdict, ...]
    unjudged: tuple[Unjudged, ...]

    @property
    def signals(self) -> tuple[Verdict, ...]:
        """Return what is rising: the clearest first, the newest month before the others."""
        found = [one for one in self.verdicts if one.point.signal]
        return tuple(sorted(found, key=lambda one: (-one.point.date.toordinal(), one.point.p_value)))

    @property
    def watched(self) -> tuple[Verdict, ...]:
        """Return the newest month of each series that is no signal and has small rises that last, the clearest first.

        Nothing controls how many of these are chance: they are worth watching, and no more is said.
        """
        newest = {
            id(one.series): one for one in self.verdicts
        }  # a later month of a series stands after an earlier
        found = [
            (one.lasting.statistic.value, one)
            for one in newest.values()
            if one.lasting and one.lasting.fires and not one.point.signal
        ]
        return tuple(one for _, one in sorted(found, key=lambda pair: -pair[0]))

    def as_json(self) -> list[list[Any]]:
        """Return every test as plain values: the same series and rules give the same."""
        return [
            [
                one.series.name,
                one.point.date.isoformat(),
                *(getattr(one.point, name) for name in _FIGURES),
                [[statistic.rule, statistic.value] for statistic in one.statistics],
            ]
            for one in self.verdicts
        ]


def judge(series: Sequence[Series], rules: Rules, tell: Tell | None = None) -> Rising:
    """Judge the newest months of every series together.

    Parameters
    ----------
    series : monthly, each with a name of its own; `population` is the days of each month.
    tell : is told the share that is done.

    Raises
    ------
    ValueError : no series has a count.
    """
    known = [one.dates[int(np.flatnonzero(~np.isnan(one.counts))[-1])] for one in series if _has_count(one)]
    if not known:
        raise ValueError("no series has a count")
    months = _last(max(known), rules.months)
    verdicts: list[Verdict] = []
    unjudged: list[Unjudged] = []
    for place, one in enumerate(series):
        found = _of_series(one, _last(months[-1], rules.months + rules.cusum_months - 1), rules)
        for month in months:
            if isinstance(verdict := found[month], Verdict):
                verdicts.append(_with_rules_beside(verdict, found, rules))
            else:
                unjudged.append(Unjudged(one.name, month, verdict.reason))
        if tell:
            tell((place + 1) / len(series), one.name)
    control = false_discovery.Options(
        false_discovery_rate=rules.false_discovery_rate, min_effect=rules.min_effect
    )
    # One question of "what is rising this month?", so one family of tests for each month.
    controlled = false_discovery.controlled([one.point for one in verdicts], control)
    settled = [replace(one, point=point) for one, point in zip(verdicts, controlled, strict=True)]
    return Rising(
        months, tuple(replace(one, fired=_fired(one, settled, rules)) for one in settled), tuple(unjudged)
    )


def _has_count(series: Series) -> bool:
    return bool((~np.isnan(series.counts)).any())


def _last(month: dt.date, n: int) -> tuple[dt.date, ...]:
    """Return a month and those before it, in order of time."""
    at = month.year * 12 + month.month - 1
    return tuple(dt.date(one // 12, one % 12 + 1, 1) for one in range(at - n + 1, at + 1))


def _of_series(
    series: Series, months: Sequence[dt.date], rules: Rules
) -> dict[dt.date, Verdict | NotEstimable]:
    """Return what Farrington's test says of each month, or why it says nothing."""
    found: dict[dt.date, Verdict | NotEstimable] = {}
    for month in months:
        try:
            found[month] = _judged(series, month, rules)
        except NotEstimable as refusal:
            found[month] = refusal
    return found


def _with_rules_beside(
    verdict: Verdict, found: Mapping[dt.date, Verdict | NotEstimable], rules: Rules
) -> Verdict:
    months = _last(verdict.point.date, rules.cusum_months)
    points = [one.point for month in months if isinstance(one := found[month], Verdict)]
    lasting = beside.lasting(points, rules)
    before = beside.by_months_before(verdict.series, verdict.at, rules)
    return replace(verdict, statistics=(*before, lasting.statistic), lasting=lasting)


def _judged(series: Series, month: dt.date, rules: Rules) -> Verdict:
    if month > series.dates[-1]:
        raise NotEstimable("Nothing of this month has been received yet")
    if month < series.dates[0]:
        raise NotEstimable("The series begins after this month")
    at = series.dates.index(month)
    if np.isnan(series.counts[at]):
        raise NotEstimable("The month has no file, or one that is not to be compared")
    years = min(rules.years, (at - rules.half_window) // 12)
    if years < 1:
        raise NotEstimable(
            f"The series begins in {series.dates[0]:%B %Y}: a year and {rules.half_window} month before are needed"
        )
    options = farrington.Options(
        b=years,
        w=rules.half_window,
        no_periods=rules.parts,
        alpha=rules.alpha,
        trend=years >= farrington.TREND_YEARS,
    )
    compared = reference(
        series, at, b=years, w=options.w, no_periods=options.no_periods, excluded=options.excluded
    )
    season = _of_season(compared)
    if season < rules.same_season:
        raise NotEstimable(
            f"Of the same season of earlier years {season or 'no'} count{'s' * (season != 1)} may be compared; "
            f"{rules.same_season} are needed"
        )
    point = farrington.evaluate(series, at, options)
    dates = tuple(series.dates[int(place)] for place in compared.places)
    return Verdict(series, at, point, years, dates, season)


def _of_season(compared: Reference) -> int:
    return int((compared.blocks == 0).sum())


def _fired(verdict: Verdict, judged: Sequence[Verdict], rules: Rules) -> tuple[str, ...]:
    """Return the rules that fired on a signal; none on what is no signal."""
    if not verdict.point.signal:
        return ()
    before = _last(verdict.point.date, 2)[0]
    again = any(
        one.series is verdict.series and one.point.date == before and one.point.alarm for one in judged
    )
    of_months_before = (one.rule for one in verdict.statistics if one.rule != CUSUM and one.fires)
    is_lasting = verdict.lasting is not None and verdict.lasting.fires
    on_chart = beside.on_chart(verdict.series, verdict.at, rules)
    return tuple(
        key for key in (EXPECTED, AGAIN * again, on_chart, *of_months_before, CUSUM * is_lasting) if key
    )
