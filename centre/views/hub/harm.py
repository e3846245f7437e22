"""What a measure's page shows of harm: each force's newest month, one force's months, and what moved it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import Http404

from centre.drawing import number
from centre.hub import harm, harms, weighing
from centre.hub.harm import Part, Weighed
from centre.hub.harms import HarmMonth
from centre.hub.months import between
from centre.models import Force, Measure, WeightTable
from centre.views.hub import charts

_SIDE_BY_SIDE = 3  # versions of the weights


def shown(measure: Measure, forces: Iterable[Force], asked: Any) -> dict[str, Any]:
    """Return what the page shows, of the force and the month that are asked for, or of the first and the newest."""
    tables = weighing.held(measure.weights)[:_SIDE_BY_SIDE]
    every = harms.weighed(measure, forces, tables=tables)
    by_force = harms.by_force(every)
    if not by_force:
        _refuse_other(asked, ())
        return {"tables": tables}
    current = tables[0]
    of = {force.slug: force for force in by_force}
    _refuse_other(asked, of)
    force = of[asked.get("force") or next(iter(of))]
    months = _by_month(by_force[force])
    return {
        "tables": tables,
        "unit": current.unit,
        "rows": [_newest(one, _by_month(found), current) for one, found in by_force.items()],
        "force": force,
        "months": [_row(day, months.get(day), tables) for day in reversed(_every(months))],
        "drawing": _drawing(measure, force, months, current),
        **_month(months, asked.get("month"), current),
    }


def _refuse_other(asked: Any, known: Iterable[str]) -> None:
    if asked.get("force") is not None and asked["force"] not in known:
        raise Http404


def _by_month(found: Iterable[HarmMonth]) -> dict[dt.date, dict[int, HarmMonth]]:
    """Return each month under each table, by the table's primary key."""
    months: dict[dt.date, dict[int, HarmMonth]] = {}
    for one in found:
        months.setdefault(one.month, {})[one.table.pk] = one
    return months


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)


def _newest(force: Force, months: dict[dt.date, dict[int, HarmMonth]], table: WeightTable) -> dict[str, Any]:
    """Return a force's newest month beside the same month a year before; what is not whole is left open."""
    day = max(months)
    one, before = months[day][table.pk], months.get(_year_before(day))
    return {
        "force": force,
        "month": day,
        **_figure(one),
        "year_before": _value(before[table.pk].weighed) if before else "Not sent",
    }


def _every(months: dict[dt.date, dict[int, HarmMonth]]) -> list[dt.date]:
    """Return the months from the first that was sent to the last, those between that were not sent too."""
    words = between(f"{min(months):%Y-%m}", f"{max(months):%Y-%m}")
    return [dt.date(int(one[:4]), int(one[5:]), 1) for one in words]


def _row(day: dt.date, versions: dict[int, HarmMonth] | None, tables: list[WeightTable]) -> dict[str, Any]:
    if versions is None:
        return {"month": day, "earlier": ["Not sent"] * (len(tables) - 1), "is_sent": False}
    first = versions[tables[0].pk]
    earlier = [_value(versions[table.pk].weighed) for table in tables[1:]]
    return {
        "month": day,
        "version": first.sent.version,
        "earlier": earlier,
        "is_sent": True,
        **_figure(first),
    }


def _figure(one: HarmMonth) -> dict[str, Any]:
    share = one.weighed.share_weighted
    return {
        "harm": _value(one.weighed),
        "why_not": one.weighed.why_not,
        "n": one.weighed.n_recorded,
        "share": None if share is None else _share(share),
        "per_1000": None if one.per_1000 is None else number(one.per_1000),
    }


def _value(found: Weighed) -> str:
    return "Not known" if found.value is None else harm.plain(found.value)


def _share(share: float) -> str:
    """Return a share in per cent; what is not all of it is never rounded to all."""
    return f"{min(100 * share, 99.9 if share < 1 else 100):.3g} %"


def _drawing(
    measure: Measure, force: Force, months: dict[dt.date, dict[int, HarmMonth]], table: WeightTable
) -> str:
    """Return the force's months as a drawing; empty where none is whole."""
    every = _every(months)
    values = [months[day][table.pk].weighed.value if day in months else None for day in every]
    if all(value is None for value in values):
        return ""
    return charts.monthly(
        f"{measure.key}-{force.slug}",
        f"{measure.name} in each month, {force}",
        [f"{day:%Y-%m}" for day in every],
        [None if value is None else float(value) for value in values],
        described="A cross is a month of which harm is not known.",
    )


def _month(
    months: dict[dt.date, dict[int, HarmMonth]], asked: str | None, table: WeightTable
) -> dict[str, Any]:
    """Return what one month is made of, and how it compares with the same month a year before."""
    whole = [day for day in sorted(months) if months[day][table.pk].weighed.value is not None]
    if asked is not None and asked not in [f"{day:%Y-%m}" for day in whole]:
        raise Http404
    if not whole:
        return {}
    day = next((one for one in whole if f"{one:%Y-%m}" == asked), whole[-1])
    now, before = months[day][table.pk].weighed, months.get(_year_before(day))
    earlier = before[table.pk].weighed if before else None
    found = harm.change(earlier, now) if earlier else None
    names = (f"{_year_before(day):%B %Y}", f"{day:%B %Y}")
    return {
        "day": day,
        "parts": _parts(now, earlier),
        "total": _value(now),
        "n_total": now.n_recorded,
        "sentences": harm.sentences(found, names, table.unit) if found else "",
        "year_before": names[0],
    }


def _parts(now: Weighed, earlier: Weighed | None) -> list[dict[str, Any]]:
    """Return each group's part, those that a year before alone had too."""
    is_known = earlier is not None and earlier.value is not None
    old = {one.name: one for one in earlier.groups} if earlier else {}
    gone = [
        Part(name, 0, one.harm * 0) for name, one in old.items() if name not in {of.name for of in now.groups}
    ]
    return [
        {
            "name": one.name,
            "n": one.count,
            "harm": harm.plain(one.harm),
            "share": _share(float(one.harm / now.value)) if now.value else "",
            "year_before": (harm.plain(old[one.name].harm) if one.name in old else "0")
            if is_known
            else "Not known",
        }
        for one in (*now.groups, *gone)
    ]
