"""Values of a protocol in words."""

import datetime as dt
from dataclasses import fields
from typing import Any

from experiments.protocol.schema import Answer, CodeRef, Day, DocumentRef, InterimLooks
from experiments.protocol.vocabulary import Choice

_REFERENCES = (DocumentRef, CodeRef)


def excuse(value: Any) -> str | None:
    """Return why the question does not apply, where the protocol says so instead of an answer."""
    if isinstance(value, Answer):
        return None if value.text.strip() else value.not_applicable_because.strip() or None
    if isinstance(value, InterimLooks):
        return None if value.method or value.text.strip() else value.not_applicable_because.strip() or None
    if isinstance(value, _REFERENCES):
        is_named = value.url or (value.sha256 if isinstance(value, DocumentRef) else value.commit)
        return None if is_named else value.not_applicable_because.strip() or None
    return None


def pointers(value: Any, here: str) -> tuple[str, ...]:
    """Return the anchors of a value: of one with parts, those of the parts that are given. A plan's "none" has none."""
    if isinstance(value, (InterimLooks, *_REFERENCES)):
        given = (one.name for one in fields(value) if getattr(value, one.name) not in (None, "", ()))
        return tuple(f"{here}/{name}" for name in given)
    return () if value == "none" else (here,)


def said(value: Any) -> str | None:
    """Return the value in words; None where nothing was answered."""
    if reason := excuse(value):
        return f"Not applicable because: {reason}"
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words(value) or None
    return None if value is None else str(value).strip() or None


def day(value: dt.date) -> str:
    """Return a date as people write it."""
    return f"{value.day} {value:%B %Y}"


def _document(value: DocumentRef) -> str:
    return ", ".join(
        part for part in (value.title, value.url, value.sha256 and f"SHA-256 {value.sha256}") if part
    )


def _code(value: CodeRef) -> str:
    return ", ".join(part for part in (value.url, value.commit and f"commit {value.commit}") if part)


def _looks(value: InterimLooks) -> str:
    if value.method is None:
        return value.text
    shares = ", ".join(f"{share:g}" for share in value.looks)
    parts = (
        value.method.label,
        shares and f"looks at these shares of the information: {shares}",
        value.spending.label if value.spending else "",
        value.stop_rule,
    )
    return "; ".join(part for part in parts if part)


_WORDS: tuple[tuple[Any, Any], ...] = (
    (Answer, lambda value: value.text.strip()),
    (Day, lambda value: f"{day(value.date)} ({value.type.label.lower()})" if value.date else ""),
    (InterimLooks, _looks),
    (DocumentRef, _document),
    (CodeRef, _code),
    (Choice, lambda value: value.label),
    (bool, lambda value: "Yes" if value else "No"),
    (dt.date, day),
    (int, lambda value: f"{value:,}"),
    (float, lambda value: f"{value:,.10g}"),
    ((tuple, list), lambda value: ", ".join(text for text in map(said, value) if text)),
)
