"""Two versions of a protocol, field by field, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from experiments.forms.document import plain_at
from experiments.forms.questions import words_for
from experiments.protocol import Change, Freeze


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, as a page shows it."""

    label: str
    before: str
    after: str
    is_major: bool


def differences(changes: Iterable[Change]) -> list[Difference]:
    """Return the changes in words."""
    return [_difference(one.pointer, one.before, one.after, one.freeze.value) for one in changes]


def kept_differences(changes: Iterable[dict[str, Any]]) -> list[Difference]:
    """Return in words the changes that an amendment keeps as JSON."""
    return [_difference(one["pointer"], one["before"], one["after"], one["freeze"]) for one in changes]


def _difference(pointer: str, before: Any, after: Any, freeze: str) -> Difference:
    is_major = freeze in (Freeze.FROZEN, Freeze.RANDOMISED)
    return Difference(words_for(pointer), plain_at(pointer, before), plain_at(pointer, after), is_major)
