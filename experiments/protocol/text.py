"""What free text may hold: no control characters, no personal data, not too long."""

import re
from collections.abc import Iterator

from centre.errors import Problem
from centre.text import refused_character

_PERSONAL = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),  # e-mail
    re.compile(r"(?<![\w/.])(?:\+44\s?\d|0\d)(?:[ -]?\d){8,9}(?!\w)"),  # UK telephone
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),  # postcode
    re.compile(r"\bcrime\s+(?:number|reference|ref|no)\b\.?\s*[:#]?\s*[\w/]*\d{4,}", re.IGNORECASE),
    re.compile(r"\b\d{2}/\d{4,7}/\d{2}\b"),  # crime numbers as many forces write them
)


def text_problems(pointer: str, value: str, *, label: str, max_length: int) -> Iterator[Problem]:
    """Yield what is wrong with one text, in the words shown beside its field."""
    if character := refused_character(value):
        yield Problem(pointer, f"{label} contains a character we cannot accept ({character})")
    elif len(value) > max_length:
        yield Problem(pointer, f"{label} must be {max_length:,} characters or fewer")
    elif found := next(filter(None, (pattern.search(value) for pattern in _PERSONAL)), None):
        # The start is enough to know it by; the message must not repeat personal data.
        yield Problem(pointer, f"This looks like personal data: remove “{found.group()[:3]}…”")
