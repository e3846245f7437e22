"""Recruitment, the data feed, and dates that have passed."""

import datetime as dt
import math
from dataclasses import dataclass

from experiments.health.verdict import Status, Verdict, percent, worst

SLOW, TOO_SLOW = 0.8, 0.5  # of the units expected by today
DOSE_LATE, DOSE_VERY_LATE = 14, 28  # days since the newest day that was reported


@dataclass(frozen=True, slots=True)
class Recruited:
    """What recruitment is held against."""

    planned: int
    actual: int
    first: dt.date | None
    last: dt.date | None
    mde: float | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What has arrived: the newest day of the dose ledger, refused files, and gaps."""

    newest_dose: dt.date | None
    is_delivering: bool
    ended: dt.date | None
    refused_this_week: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something had to happen, and what it is."""

    what: str
    day: dt.date
    is_public_duty: bool = False  # late in public: red at once


def recruitment(found: Recruited, today: dt.date) -> Verdict:
    """Judge how many units there are against what was planned by today, and say what that can still detect.

    Power so far: the planned smallest effect grows with the root of planned over actual units.
    """
    if found.first is None or found.last is None or found.planned < 1 or found.last < found.first:
        return Verdict("recruitment", Status.UNKNOWN, "The protocol gives no number of units, or no days.")
    gone = min(max((today - found.first).days / max((found.last - found.first).days, 1), 0.0), 1.0)
    expected = found.planned * gone
    mde = found.mde * math.sqrt(found.planned / found.actual) if found.mde and found.actual else None
    figures = {
        "planned": found.planned,
        "actual": found.actual,
        "expected": expected,
        "mde_now": mde,
    }
    said = f"{found.actual:,} of {found.planned:,} units"
    if expected >= 1 and found.actual < found.planned:
        said += f", {expected:,.0f} expected by today"
    if mde is not None and found.actual < found.planned:
        said += f"; with these the smallest effect to be found is {mde:.3g} where {found.mde:.3g} was planned"
    share = found.actual / expected if expected >= 1 else 1.0
    status = Status.RED if share < TOO_SLOW else Status.AMBER if share < SLOW else Status.GREEN
    if status is not Status.GREEN and gone < 1:
        whole = f"{percent(found.actual / (found.planned * gone))} of the planned number"
        said += f"; at this pace the trial ends with {whole}"
    return Verdict("recruitment", status, f"{said}.", figures)


def feed(found: Feed, today: dt.date) -> Verdict:
    """Judge whether reports of the treatment come in while it is delivered, and whether files pass."""
    statuses, said = [Status.GREEN], []
    until = min(today, found.ended) if found.ended else today
    late = (until - found.newest_dose).days if found.newest_dose else None
    if late is None:
        if found.is_delivering:
            statuses.append(Status.AMBER)
            said.append("the trial is being delivered and no dose has been reported")
    elif late > DOSE_LATE:
        statuses.append(Status.RED if late > DOSE_VERY_LATE else Status.AMBER)
        said.append(f"no dose has been reported for {late} days")
    if found.refused_this_week:
        statuses.append(Status.AMBER)
        noun = "file was" if found.refused_this_week == 1 else "files were"
        said.append(f"{found.refused_this_week} {noun} refused this week")
    for note in found.notes:
        statuses.append(Status.AMBER)
        said.append(note)
    text = "; ".join(said) or "reports come in as expected"
    figures = {"days_since_dose": late, "refused_this_week": found.refused_this_week}
    return Verdict("feed", worst(statuses), f"{text[0].upper()}{text[1:]}.", figures)


def overdue(dues: list[Due], today: dt.date) -> Verdict:
    """Judge what is late: red where the public can see it, amber otherwise."""
    late = sorted((one for one in dues if one.day < today), key=lambda one: (one.day, one.what))
    if not late:
        coming = min((one for one in dues), key=lambda one: one.day, default=None)
        said = f"Next: {coming.what}, {coming.day:%-d %B %Y}." if coming else "Nothing is due."
        return Verdict("overdue", Status.GREEN, said, {"late": []})
    status = Status.RED if any(one.is_public_duty for one in late) else Status.AMBER
    said = "; ".join(f"{one.what} since {one.day:%-d %B %Y}" for one in late)
    return Verdict("overdue", status, f"Late: {said}.", {"late": [one.what for one in late]})
