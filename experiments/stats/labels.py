"""One way of writing a value as text: arm 1, 1.0 and "1" are one arm in a plan, a CSV and a Parquet file."""

import datetime
import math
from typing import Any


def label(value: Any) -> str:
    """The text of one value: whole floats without a point, dates as ISO 8601, missing values empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time() and value.tzinfo is None:
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def number_label(text: str) -> str:
    """`text`, or the label of its number where it is one: "1.0" becomes "1"."""
    try:
        number = float(text)
    except ValueError:
        return text
    return label(number) if math.isfinite(number) else text
