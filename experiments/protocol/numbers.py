"""Trial numbers: CPP-YYYY-NNNN-C, the last digit a check digit over the eight before it.

Damm's algorithm (2004): one decimal digit that catches every single wrong digit and every swap of neighbours,
the two mistakes people make when they copy a number.
"""

import re

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_FORM = re.compile(r"[A-Z]{2,6}-(\d{4})-(\d{4,})-(\d)")


def trial_number(year: int, serial: int, *, prefix: str = "CPP") -> str:
    """Return the number of the trial registered as the `serial`-th of its year."""
    if not (serial >= 1 and 1_000 <= year <= 9_999):
        raise ValueError("a trial number needs a four-digit year and a serial from 1")
    digits = f"{year:04}{serial:04}"
    return f"{prefix}-{digits[:4]}-{digits[4:]}-{_check_digit(digits)}"


def is_trial_number(text: str) -> bool:
    """Return whether the text is a trial number with the right check digit."""
    found = _FORM.fullmatch(text)
    return found is not None and _check_digit(found[1] + found[2]) == int(found[3])


def _check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return interim
