"""Dates that follow from other dates: months later, results due, the longest embargo."""

import calendar
import datetime as dt

from experiments.protocol.schema import Protocol

EMBARGO_MONTHS, REPORT_MONTHS, FINAL_MONTHS = 18, 12, 24


def months_after(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def longest_embargo(registered: dt.date) -> dt.date:
    """Return the last day on which a record registered then may still be private."""
    return months_after(registered, EMBARGO_MONTHS)


def report_due(protocol: Protocol) -> dt.date | None:
    """Return when results are due: twelve months after primary completion."""
    completed = protocol.dates.primary_completion.date
    return months_after(completed, REPORT_MONTHS) if completed else None


def final_report_due(protocol: Protocol) -> dt.date | None:
    """Return when the final report is due: within 24 months of the end of follow-up, where the trial stops."""
    stopped = protocol.dates.follow_up_end.date or protocol.dates.primary_completion.date
    return months_after(stopped, FINAL_MONTHS) if stopped else None
