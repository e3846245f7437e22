"""Numbers as people write them, taken exactly or refused with what to write instead.

Everything here works on the *distinct* values of a column: a count of half a million rows has a few dozen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.reader.schema import ColumnSpec

# Message by index of the distinct value; "{where}" stands for the line.
Faults = dict[int, str]

WHOLE = r"^-?[0-9]+(\.0*)?$"
# Plain decimals go to Arrow's parser, which rounds correctly; exponents and very long numbers to Python's
# float, which shows what overflows.
PLAIN = r"^-?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})$"
NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
WITH_COMMAS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
PER_CENT = re.compile(r"(-?[0-9]+(\.[0-9]+)?) ?%")
CURRENCY = re.compile(r"-?[£$€] ?([0-9]+(\.[0-9]+)?)")
EXACT_DIGITS = 15

TOO_MANY_DIGITS = "This number has too many digits to be kept exactly"
COUNT = "Count must be a whole number, 0 or more"


def not_a_number(text: str) -> str:
    """Say what to write instead of a value that is no number."""
    if WITH_COMMAS.fullmatch(text):
        return f"Write {text.replace(',', '')}, without commas ({{where}})"
    if DECIMAL_COMMA.fullmatch(text):
        return f"Write {text.replace(',', '.')}, with a point and without commas ({{where}})"
    if match := PER_CENT.fullmatch(text):
        return f"Write {match[1]}, without the per cent sign ({{where}})"
    if match := CURRENCY.fullmatch(text):
        return f"Write {match[1]}, without the currency sign ({{where}})"
    return "Not a number"


def to_float(values: pa.Array) -> tuple[NDArray[np.float64], Faults]:
    """Distinct texts as floats, NaN where blank or at fault. Whole numbers come out exactly or are faults."""
    faults: Faults = {}
    plain = pc.match_substring_regex(values, PLAIN)
    numbers = pc.cast(pc.if_else(plain, values, None), pa.float64()).to_numpy(zero_copy_only=False).copy()
    rest = pc.and_(pc.invert(plain), pc.not_equal(values, ""))
    for index in _indices(rest):
        text = values[index].as_py()
        number = float(text) if NUMBER.fullmatch(text) else math.nan
        # A number so small that it becomes 0 has changed as much as one so large that it becomes infinite.
        if not math.isfinite(number) or (number == 0 and re.search("[1-9]", re.split("[eE]", text)[0])):
            faults[index] = not_a_number(text)
        else:
            numbers[index] = number
    for index in _indices(pc.greater(pc.utf8_length(values), EXACT_DIGITS)):
        text = values[index].as_py()
        if (
            index not in faults
            and re.fullmatch(WHOLE, text)
            and int(text.split(".")[0]) != int(numbers[index])
        ):
            faults[index] = TOO_MANY_DIGITS
    return numbers, faults


def to_int(values: pa.Array, *, fault: str) -> tuple[NDArray[np.int64], Faults]:
    """Distinct texts as 64-bit integers, 0 where blank or at fault; ``fault`` says what is not whole."""
    whole = pc.match_substring_regex(values, WHOLE)
    digits = pc.replace_substring_regex(values, r"\.0*$", "")
    short = pc.and_(whole, pc.less_equal(pc.utf8_length(digits), 18))
    numbers = pc.cast(pc.if_else(short, digits, "0"), pa.int64()).to_numpy(zero_copy_only=False)
    faults: Faults = {}
    for index in _indices(pc.and_(pc.invert(short), pc.not_equal(values, ""))):
        text = values[index].as_py()
        if re.fullmatch(WHOLE, text):
            faults[index] = TOO_MANY_DIGITS
        else:
            is_number = NUMBER.fullmatch(text) and math.isfinite(float(text))
            faults[index] = fault if is_number else not_a_number(text)
    return numbers, faults


def integer(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of an ``integer`` or ``count`` column."""
    is_count = spec.kind == "count"
    numbers, faults = to_int(values, fault=COUNT if is_count else "Must be a whole number")
    lowest = max(0, spec.minimum or 0) if is_count else spec.minimum
    if is_count and lowest == 0:
        faults |= {i: COUNT for i in _where(numbers < 0)}
    else:
        faults |= _bounds(numbers, lowest, None, faults)
    faults |= _bounds(numbers, None, spec.maximum, faults)
    return _masked(pa.array(numbers), values, faults), faults


def number(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of a ``number`` column."""
    numbers, faults = to_float(values)
    faults |= _bounds(numbers, spec.minimum, spec.maximum, faults)
    return _masked(pa.array(numbers), values, faults), faults


def binary(values: pa.Array, spec: ColumnSpec) -> tuple[pa.Array, Faults]:
    """Distinct values of a ``binary`` column: 0 or 1, as 8-bit integers."""
    numbers, faults = to_int(values, fault="Must be 0 or 1")
    faults |= {i: "Must be 0 or 1" for i in _where((numbers != 0) & (numbers != 1))}
    small = np.where((numbers == 0) | (numbers == 1), numbers, 0).astype(np.int8)
    return _masked(pa.array(small), values, faults), faults


def _bounds(
    numbers: NDArray[np.float64] | NDArray[np.int64], low: float | None, high: float | None, faults: Faults
) -> Faults:
    found: Faults = {}
    if low is not None:
        found |= {i: f"Must be {low:,.10g} or more" for i in _where(numbers < low)}
    if high is not None:
        found |= {i: f"Must be {high:,.10g} or less" for i in _where(numbers > high)}
    return {i: message for i, message in found.items() if i not in faults}


def _masked(numbers: pa.Array, values: pa.Array, faults: Faults) -> pa.Array:
    """Blank and faulty values are missing."""
    keep = pc.not_equal(values, "").to_numpy(zero_copy_only=False).copy()
    keep[list(faults)] = False
    return pc.if_else(pa.array(keep), numbers, None)


def _where(condition: NDArray[np.bool_]) -> list[int]:
    return [int(i) for i in np.flatnonzero(condition)]


def _indices(condition: pa.Array) -> list[int]:
    return _where(condition.to_numpy(zero_copy_only=False).astype(bool))


Typed = Callable[[pa.Array, ColumnSpec], tuple[pa.Array, Faults]]
