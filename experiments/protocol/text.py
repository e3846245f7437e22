"""What free text may hold: visible characters, no controls, no personal data, not too long."""

import re
import unicodedata
from collections.abc import Iterator

from centre.errors import Problem

_PERSONAL = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),  # e-mail
    re.compile(r"(?<![\w/.])(?:\+44\s?\d|0\d)(?:[ -]?\d){8,9}(?!\w)"),  # UK telephone
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),  # postcode
    re.compile(r"\bcrime\s+(?:number|reference|ref|no)\b\.?\s*[:#]?\s*[\w/]*\d{4,}", re.IGNORECASE),
    re.compile(r"\b\d{2}/\d{4,7}/\d{2}\b"),  # crime numbers as many forces write them
)
_BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F)}


def is_blank(value: str) -> bool:
    """Return whether nothing in the text can be seen (zero-width characters count as nothing)."""
    return not any(unicodedata.category(char)[0] not in "CZ" for char in value)


def text_problems(pointer: str, value: str, *, label: str, max_length: int) -> Iterator[Problem]:
    """Yield what is wrong with one text, in the words shown beside its field."""
    bad = next((char for char in value if _is_refused(char)), None)
    if bad is not None:
        yield Problem(pointer, f"{label} contains a character we cannot accept (U+{ord(bad):04X})")
    elif len(value) > max_length:
        yield Problem(pointer, f"{label} must be {max_length:,} characters or fewer")
    elif found := next(filter(None, (pattern.search(value) for pattern in _PERSONAL)), None):
        yield Problem(pointer, f"This looks like personal data: remove “{_hint(found.group())}”")


def _is_refused(char: str) -> bool:
    if char in "\n\r\t":
        return False
    return char in _BIDI or unicodedata.category(char) in ("Cc", "Cs")


def _hint(found: str) -> str:
    """Return enough of the find to know it by, without repeating all of it."""
    return found[:3] + "…"
