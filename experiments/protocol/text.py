"""What free text may hold: no control characters, no personal data, not too long."""

from collections.abc import Iterator

from centre.errors import Invalid, Problem
from centre.text import is_blank, personal_detail, refused_character, tidied


def text_problems(pointer: str, value: str, *, label: str, max_length: int) -> Iterator[Problem]:
    """Yield what is wrong with one text, in the words shown beside its field."""
    if character := refused_character(value):
        yield Problem(pointer, f"{label} contains a character we cannot accept ({character})")
    elif len(value) > max_length:
        yield Problem(pointer, f"{label} must be {max_length:,} characters or fewer")
    elif detail := personal_detail(value):
        yield Problem(pointer, f"This looks like personal data: remove {detail}")


def require_nothing_personal(pointer: str, value: str) -> None:
    """Refuse a text that will be public and looks like it holds personal data; the value is not repeated.

    Raises
    ------
    Invalid : it does, and of what kind.
    """
    if detail := personal_detail(value):
        raise Invalid.field(pointer, f"This looks like personal data: remove {detail}")


def required_text(pointer: str, given: str, *, label: str, max_length: int, missing: str) -> str:
    """Return a text that has to be there, tidied.

    Raises
    ------
    Invalid : it is blank, which `missing` says, or holds what a free text may not.
    """
    if is_blank(given):
        raise Invalid.field(pointer, missing)
    if found := list(text_problems(pointer, given, label=label, max_length=max_length)):
        raise Invalid(found[0].message, found)
    return tidied(given)
