"""What free text may hold: no control characters, no personal data, not too long."""

from collections.abc import Iterator

from centre.errors import Problem
from centre.text import personal_detail, refused_character


def text_problems(pointer: str, value: str, *, label: str, max_length: int) -> Iterator[Problem]:
    """Yield what is wrong with one text, in the words shown beside its field."""
    if character := refused_character(value):
        yield Problem(pointer, f"{label} contains a character we cannot accept ({character})")
    elif len(value) > max_length:
        yield Problem(pointer, f"{label} must be {max_length:,} characters or fewer")
    elif detail := personal_detail(value):
        yield Problem(pointer, f"This looks like personal data: remove {detail}")
