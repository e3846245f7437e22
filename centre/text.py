"""What people type: which characters are refused, and what counts as empty. Pure: forms, protocol and API all use it."""

import unicodedata

_LINE_BREAKS = "\n\r\t"
# Zero-width and no-break characters that a person cannot see, so text of nothing else is empty. The joiners stay
# allowed inside words, where some scripts need them.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00a0\u202f\u2007\u00ad"


def refused_character(value: str) -> str | None:
    """Return the first character that may not be stored, as "U+202E", or None.

    Control characters, lone surrogates, and the marks that turn the direction of text (they can make one word read as
    another) are refused.
    """
    for character in value:
        if character in _LINE_BREAKS or character in _INVISIBLE:
            continue
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            return f"U+{ord(character):04X}"
    return None


def is_blank(value: str) -> bool:
    """Return whether nothing in `value` can be seen."""
    return not value.strip().strip(_INVISIBLE + " \n\r\t")


def tidied(value: str) -> str:
    """Return `value` with one kind of line break and no blank or invisible ends."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip(" \n\t" + _INVISIBLE)
