"""Personal data in what is released as text. A finding names the place and the kind, and never repeats the value."""

from __future__ import annotations

import re

from centre.text import personal_detail
from experiments.disclosure.policy import Concern

# A name may be an author's or a witness's: a person judges.
NAME = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|PC|DC|PS|DS|DI|DCI|PCSO|Sgt|Insp|Constable|Sergeant|Inspector)\.? [A-Z][a-z]+\b"
)
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


def check_text(text: str, *, where: str) -> list[Concern]:
    """Find what looks like personal data in a text that is to be released."""
    if detail := personal_detail(text):
        return [
            Concern("text-personal", where, f"This looks like personal data: remove {detail}", blocks=True)
        ]
    if NAME.search(text):
        message = "This may name a person: see that it does not, or that the person may be named"
        return [Concern("text-personal", where, message, blocks=False)]
    return []


def check_file_name(name: str, *, where: str) -> list[Concern]:
    """Find a file name that may carry more than what the file is."""
    if not FILE_NAME.fullmatch(name):
        message = "A file name holds letters, digits, dots and dashes only"
        return [Concern("text-personal", where, message, blocks=True)]
    return check_text(name, where=where)
