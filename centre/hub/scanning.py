"""The work of a trend scan: every series judged at once, the signals kept with what they rest on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.urls import reverse

from centre import audit
from centre.canonical import digest, plain
from centre.errors import Conflict
from centre.hub import judging
from centre.hub import series as hub_series
from centre.hub.series import Measured
from centre.hub.trends import rising
from centre.hub.trends.beside import Lasting
from centre.hub.trends.rising import Rising, Verdict
from centre.hub.trends.rules import Rules
from centre.models import Force, MonthlyFile, Run, Signal, TrendScan
from centre.runs import Context

RULES = Rules()
_FIGURES = {"observed": "count"} | {name: name for name in ("expected", "upper_bound", "p_value", "q_value")}


class NothingToScan(Conflict):
    """The hub holds no month that may be compared."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a scan has seen: the newest version of every file, and the rules."""

    sha256: str
    n_files: int
    as_of: datetime


def scan(context: Context) -> Callable[[], dict[str, Any]]:
    """Judge every series; return what writes the rows."""
    inputs = inputs_now()
    if known := TrendScan.objects.filter(inputs_sha256=inputs.sha256).first():
        return lambda: _links(known, f"Nothing is new since the scan of {known.scanned_at:%-d %B %Y}")
    context.progress(0.05, "Reading the series")
    forces = judging.all_judged(Force.objects.order_by("slug"), as_of=inputs.as_of)
    measured = hub_series.of_street_files(forces)
    try:
        found = rising.judge(
            [one.series for one in measured],
            RULES,
            lambda share, _: context.progress(0.1 + 0.85 * share, "Judging the series"),
        )
    except ValueError as fault:
        raise NothingToScan("No month of any file may be compared, so nothing can be scanned.") from fault
    return lambda: _commit(context.run, inputs, measured, found)


def inputs_now() -> Inputs:
    """Return what a scan would see now.

    Raises
    ------
    NothingToScan : no file has been received.
    """
    files = MonthlyFile.objects.newest().filter(kind=MonthlyFile.Kind.STREET)
    rows = list(
        files.order_by("force__slug", "month").values_list(
            "force__slug", "month", "version", "sha256", "submission__received_at"
        )
    )
    if not rows:
        raise NothingToScan("No file has been received yet, so nothing can be scanned.")
    seen = [[force, month.isoformat(), version, sha256] for force, month, version, sha256, _ in rows]
    return Inputs(digest([RULES.as_json(), seen]), len(rows), max(row[-1] for row in rows))


def _commit(run: Run, inputs: Inputs, measured: Sequence[Measured], found: Rising) -> dict[str, Any]:
    if known := TrendScan.objects.filter(inputs_sha256=inputs.sha256).first():
        return _links(known, "Another scan of the same files has ended before this one")
    of = {one.series.name: one for one in measured}
    scanned: TrendScan = TrendScan.objects.create(
        pk=run.subject_id,
        requested_by=run.requested_by,
        rules=RULES.as_json(),
        first_month=found.months[0],
        last_month=found.months[-1],
        files_as_of=inputs.as_of,
        n_files=inputs.n_files,
        n_series=len(measured),
        n_tests=len(found.verdicts),
        n_signals=len(found.signals),
        unjudged=[_unjudged(of[one.series], one.date, one.reason) for one in found.unjudged],
        watched=[_watched(of[one.series.name], one, one.lasting) for one in found.watched if one.lasting],
        inputs_sha256=inputs.sha256,
        results_sha256=digest(plain(found.as_json())),
    )
    Signal.objects.bulk_create(
        [_signal(scanned, of[one.series.name], one, found.verdicts) for one in found.signals]
    )
    detail = {
        name: getattr(scanned, name)
        for name in ("n_series", "n_tests", "n_signals", "inputs_sha256", "results_sha256")
    }
    audit.record("trend_scan.kept", subject=scanned, by=run.requested_by or audit.SYSTEM, detail=detail)
    return _links(scanned, _words(scanned))


def _unjudged(one: Measured, month: date, reason: str) -> dict[str, str]:
    return {
        "force": one.force.slug,
        "measure": one.measure,
        "name": one.name,
        "month": f"{month:%Y-%m}",
        "reason": reason,
    }


def _watched(one: Measured, verdict: Verdict, lasting: Lasting) -> dict[str, Any]:
    return {
        "force": one.force.slug,
        "measure": one.measure,
        "name": one.name,
        "month": f"{verdict.point.date:%Y-%m}",
        "since": f"{lasting.since:%Y-%m}",
        "observed": lasting.observed,
        "expected": lasting.expected,
        "statistic": lasting.statistic.value,
        "bound": lasting.statistic.bound,
    }


def _signal(scanned: TrendScan, of: Measured, verdict: Verdict, judged: Sequence[Verdict]) -> Signal:
    point = verdict.point
    bounds = {one.point.date: one.point.upper_bound for one in judged if one.series is verdict.series}
    return Signal(
        scan=scanned,
        force=of.force,
        measure=of.measure,
        measure_name=of.name,
        month=point.date,
        **{field: float(getattr(point, name)) for field, name in _FIGURES.items()},
        rules_fired=list(verdict.fired),
        statistics=[{"rule": one.rule, "value": one.value, "bound": one.bound} for one in verdict.statistics],
        years_back=verdict.years,
        same_season=verdict.same_season,
        history={
            "months": [f"{date:%Y-%m}" for date in verdict.series.dates],
            "counts": [None if np.isnan(one) else float(one) for one in verdict.series.counts],
            "bounds": [bounds.get(date) for date in verdict.series.dates],
            "compared": [date.isoformat() for date in verdict.compared],
        },
    )


def _words(scanned: TrendScan) -> str:
    n = scanned.n_signals
    return f"{n or 'No'} signal{'s' * (n != 1)} in {scanned.n_tests:,} months of {scanned.n_series:,} series"


def _links(scanned: TrendScan, message: str) -> dict[str, Any]:
    return {
        "trend_scan": str(scanned.pk),
        "message": message,
        "page": reverse("hub-signal-list"),
        "label": "See what is rising",
    }
