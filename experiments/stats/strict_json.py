"""JSON read strictly: duplicate keys, NaN and bottomless nesting are refused, types checked by pointer."""

import json
from collections.abc import Iterable
from typing import Any

from experiments.stats.errors import BadPlan, Problem

MISSING: Any = object()
MOST = 1e300  # a number beyond this is no quantity, and may be no float


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises `BadPlan` where JSON would quietly lose something."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise BadPlan([Problem("", "JSON nested too deeply")]) from None
    except UnicodeDecodeError as error:
        raise BadPlan(
            [Problem("", f"save the plan as UTF-8; first problem at byte {error.start + 1}")]
        ) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadPlan([Problem("", f"not JSON: {error.msg} at {place}")]) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadPlan([Problem("", f"the key '{key}' appears twice")])
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise BadPlan([Problem("", f"{name} is not JSON")])


def child(pointer: str, key: str | int) -> str:
    """The JSON pointer (RFC 6901) of one member of the value at `pointer`."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


class Fields:
    """One JSON object being read: collects every problem in place of stopping at the first."""

    def __init__(self, value: Any, pointer: str, problems: list[Problem]) -> None:
        self.pointer = pointer
        self.problems = problems
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}
        self.is_object = isinstance(value, dict)
        if not self.is_object:
            self.refuse(None, "must be an object")

    def refuse(self, key: str | int | None, message: str) -> None:
        """Note a problem with a member, or with the object itself when `key` is None."""
        pointer = self.pointer if key is None else child(self.pointer, key)
        self.problems.append(Problem(pointer, message))

    def only(self, known: Iterable[str]) -> None:
        """Refuse every key that is not known, by name."""
        allowed = list(known)
        for key in self.values:
            if key not in allowed:
                self.refuse(key, f"unknown key '{key}'; known: {', '.join(allowed)}")

    def text(self, key: str, default: Any = MISSING) -> str:
        """A non-empty text."""
        value = self.values.get(key, default)
        if value is MISSING:
            self.refuse(key, f"'{key}' is missing")
            return ""
        if value is default and key not in self.values:
            return str(value)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, f"'{key}' must be a text that is not empty")
            return ""
        return value

    def optional_text(self, key: str) -> str | None:
        """A non-empty text, or null."""
        return None if self.values.get(key) is None else self.text(key)

    def word(self, key: str, words: tuple[str, ...], default: Any = MISSING) -> str:
        """One of `words`."""
        value = self.values.get(key, default)
        if value is MISSING:
            self.refuse(key, f"'{key}' is missing; use one of: {', '.join(words)}")
        elif not isinstance(value, str) or value not in words:
            self.refuse(key, f"'{key}' must be one of: {', '.join(words)}")
        return value if isinstance(value, str) else ""

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number from `low` to `high`."""
        value: object = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(key, f"'{key}' must be a whole number from {low} to {high}")
            return default
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        """A list of at least one number."""
        value = self.values[key]
        are_numbers = isinstance(value, list) and all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= MOST for one in value
        )
        if not are_numbers or not value:
            self.refuse(key, f"'{key}' must be a list of numbers, such as [0.5, 0.75, 1]")
            return ()
        return tuple(map(float, value))

    def flag(self, key: str) -> bool:
        """True or false."""
        if not isinstance(self.values[key], bool):
            self.refuse(key, f"'{key}' must be true or false")
        return self.values[key] is True

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of distinct, non-empty texts; absent or null is the empty list."""
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.refuse(key, f"'{key}' must be a list of texts")
            return ()
        for position, item in enumerate(value):
            if item in value[:position]:
                self.refuse(key, f"'{item}' appears twice in '{key}'")
        return tuple(value)
