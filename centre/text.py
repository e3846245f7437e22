"""What people type: which characters are refused, and what counts as empty.

Pure: forms, protocol and API all use it.
"""

import re
import unicodedata

from centre.errors import Invalid

_LINE_BREAKS = "\n\r\t"
# Zero-width and no-break characters that a person cannot see, so text of nothing else is empty. The joiners
# stay allowed inside words, where some scripts need them.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00a0\u202f\u2007\u00ad"


def refused_character(value: str) -> str | None:
    """Return the first character that may not be stored, as "U+202E", or None.

    Control characters, lone surrogates, and the marks that turn the direction of text (they can make one word
    read as another) are refused.
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


def clean_text(value: str, *, label: str, maximum: int, multiline: bool = False, required: str = "") -> str:
    """Return `value` tidied, or refuse it by name.

    `label` stands in the message ("Title must be 200 characters or fewer"), and `required` is the message for
    empty text ("Enter a title"). Forms and the API both come
    through here, so that one input has one message.

    Raises
    ------
    Invalid : empty though required, too long, a character that may not be stored, a line break in one line.
    """
    found = tidied(value)
    problem = None
    if is_blank(found):
        found = ""
        problem = required or None
    elif len(found) > maximum:
        problem = f"{label} must be {maximum:,} characters or fewer"
    elif character := refused_character(found):
        problem = f"{label} contains a character we cannot accept ({character})"
    elif not multiline and "\n" in found:
        problem = f"{label} must be on one line"
    if problem:
        raise Invalid.field(label, problem)
    return found


def folded(value: str) -> str:
    """Return `value` as words are searched: no capitals, no accents, single spaces; the same on every database."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", value).casefold())
    return " ".join("".join(one for one in parts if not unicodedata.combining(one)).split())


_PERSONAL = (
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    ("a phone number", re.compile(r"(?<![\d-])(?:\+44\s?|0)(?:\d[\s-]?){9,10}(?!\d)")),
    ("a postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b")),
    (
        "a crime number",
        re.compile(r"\b\d{2}[A-Z]{0,2}/\d{4,8}/\d{2}\b|\bcrime (?:no|number|ref)\W{1,3}\d+", re.I),
    ),
    (
        "a date of birth",
        re.compile(
            r"\b(?:born(?: on)?|d\.?o\.?b\.?|date of birth)\W{0,3}"
            r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})",
            re.I,
        ),
    ),
    (
        "a National Insurance number",
        re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
    ),
    ("a PNC number", re.compile(r"(?<![\d/])(?:19|20)?\d{2}/\d{4,7}[A-Z]\b")),
    (
        "a collar or warrant number",
        re.compile(
            r"\b(?:collar|warrant|shoulder) (?:no|number)\W{1,3}\d{2,}|\b(?:PC|PS|DC|DS|PCSO|Sgt)\.? "
            r"(?!(?:19|20)\d\d\b)\d{3,6}\b"  # “Washington DC 1979” is a place and a year
        ),
    ),
    # Within the United Kingdom and to ten metres: an interval of an estimate is no place.
    ("coordinates", re.compile(r"(?<![\d.])(?:49|5\d|60)\.\d{4,}[,;]? ?[-\u2212]?\d\.\d{4,}")),
    ("a grid reference", re.compile(r"\b[HNOST][A-HJ-Z] \d{3,5} \d{3,5}\b")),
)


def personal_detail(value: str) -> str | None:
    """Return what in `value` looks like personal data ("a phone number"), or None."""
    return next((name for name, pattern in _PERSONAL if pattern.search(value)), None)


def shown_name(filename: str) -> str:
    """Return what may be shown of a name that somebody's browser sent; it is never used as a path."""
    last = re.split(r"[\\/]", filename)[-1]
    return re.sub(r"[^\w .()-]", "", last).strip()[:120]
