"""Dates and periods: one unambiguous form, never guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from experiments.reader.numbers import Faults, to_int
from experiments.reader.schema import ColumnSpec

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE = re.compile(r"-?[0-9]+(\.0*)?")
EXCEL_DAY = re.compile(r"[2-7][0-9]{4}(\.[0-9]+)?")  # 1954 to 2119
NEVER = {"never", "inf", "infinity"}

LOOKS_LIKE_EXCEL = "Looks like an Excel date number"
# The forms a period may have. Except for whole numbers and dates they are kept as text, which sorts in time.
FORMS = {
    "a whole number": WHOLE,
    "a date": ISO_DATE,
    "a month": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"),
    "a quarter": re.compile(r"[0-9]{4}-?Q[1-4]"),
    "a week": re.compile(r"[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])"),
}


def dates(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of a ``date`` column, as days."""
    faults: Faults = {}
    days: list[date | None] = []
    for index, text in enumerate(values.to_pylist()):
        day, fault = _day(text, spec) if text else (None, None)
        days.append(day)
        if fault:
            faults[index] = fault
    return pa.array(days, pa.date32()), faults


def _day(text: str, spec: ColumnSpec) -> tuple[date | None, str | None]:
    if EXCEL_DAY.fullmatch(text):
        return None, LOOKS_LIKE_EXCEL
    if not ISO_DATE.fullmatch(text):
        return None, "Use YYYY-MM-DD"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "Enter a real date"
    if spec.earliest and day < spec.earliest:
        return None, f"{text} is before the trial start"
    if spec.latest and day > spec.latest:
        return None, f"{text} is after the trial end"
    if spec.today and day > spec.today:
        return None, f"{text} is in the future"
    return day, None


def periods(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of a ``period`` or ``first_treated`` column, in the form of the first one.

    The distinct values come in the order of the rows, so the first value is the first row's.
    """
    texts = values.to_pylist()
    faults: Faults = {}
    if spec.kind == "first_treated":
        texts = ["" if text.lower().lstrip("+") in NEVER else text for text in texts]
    form = next((name for text in texts if text and (name := _form(text))), None)
    for index, text in enumerate(texts):
        own = _form(text)
        if own == "a whole number" and EXCEL_DAY.fullmatch(text):
            faults[index] = LOOKS_LIKE_EXCEL
        elif text and (own is None or own != form):
            faults[index] = (
                _no_period(text) if own is None else f"Here is {own}, but the first row has {form}"
            )
    return _typed(texts, form, spec, faults), faults


def _form(text: str) -> str | None:
    return next((name for name, pattern in FORMS.items() if pattern.fullmatch(text)), None)


def _no_period(text: str) -> str:
    if "/" in text or re.fullmatch(r"[0-9]{1,2}[-.][0-9]{1,2}[-.][0-9]{2,4}", text):
        return "Use YYYY-MM-DD"
    return "Not a period: write a whole number, YYYY-MM-DD, YYYY-MM, YYYY-Q1 or YYYY-W01"


def _typed(texts: list[str], form: str | None, spec: ColumnSpec, faults: Faults) -> pa.Array:
    good: list[Any] = [text if text and index not in faults else "" for index, text in enumerate(texts)]
    values = pa.array(good, pa.string())
    if form == "a date":
        days, wrong = dates(values, spec)
        faults |= wrong
        return days
    typed = values
    if form == "a whole number":
        numbers, wrong = to_int(values, fault="Must be a whole number")
        faults |= wrong
        typed = pa.array(numbers)
    return pc.if_else(pc.not_equal(values, ""), typed, None)
