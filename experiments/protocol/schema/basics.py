"""What fields of a protocol are made of: text, an answer or its excuse, a day, a file named by its hash."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from experiments.protocol import vocabulary as words

LONG, SHORT = 20_000, 300


def free_text(max_length: int = LONG, label: str = "") -> Any:
    """Return a text that may be left blank."""
    return field(default="", metadata={"max_length": max_length, "label": label})


def added(default: Any = "", *, max_length: int = LONG, label: str = "") -> Any:
    """Return a field that protocols registered before did not have: left blank, it is not in the hash."""
    return field(default=default, metadata={"added": True, "max_length": max_length, "label": label})


@dataclass(frozen=True, slots=True)
class Answer:
    """A field that must be filled, or be "not applicable because …"."""

    text: str = free_text()
    not_applicable_because: str = free_text()

    @property
    def is_given(self) -> bool:
        return bool(self.text.strip() or self.not_applicable_because.strip())


@dataclass(frozen=True, slots=True)
class Day:
    """A date that says whether it has happened."""

    date: dt.date | None = None
    type: words.DateType = words.DateType.ESTIMATED


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A file outside the protocol, held fast by its hash; or why there is none."""

    title: str = free_text(SHORT)
    url: str = free_text(SHORT)
    sha256: str = free_text(64)
    not_applicable_because: str = free_text()

    @property
    def is_given(self) -> bool:
        return bool(self.sha256.strip() or self.not_applicable_because.strip())


@dataclass(frozen=True, slots=True)
class CodeRef:
    """Program code outside the protocol, at one commit; or why there is none."""

    url: str = free_text(SHORT)
    commit: str = free_text(64)
    not_applicable_because: str = free_text()

    @property
    def is_given(self) -> bool:
        return bool(self.commit.strip() or self.not_applicable_because.strip())
