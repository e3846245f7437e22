"""JSON read strictly: what two readers could understand differently is refused, with the place named."""

import json
import math
import re
from collections.abc import Iterator
from typing import NoReturn, TypeAlias

MAX_DEPTH = 64
# What a signed or an unsigned number of 64 bits holds.
SMALLEST, LARGEST = -(2**63), 2**64 - 1
_UNSAFE = re.compile("[\x00\ud800-\udfff]")

JSON: TypeAlias = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None


class BadJSON(ValueError):
    """The text is not JSON that we accept; `pointer` is the JSON pointer of the place, where it is known."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer


def loads(raw: bytes, *, max_depth: int = MAX_DEPTH) -> JSON:
    """Return the value that `raw` holds, or raise `BadJSON`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadJSON(f"Send JSON as UTF-8; byte {error.start + 1} is not.") from None
    try:
        value: JSON = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except RecursionError:
        raise BadJSON("JSON nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadJSON(f"This is not JSON: line {error.lineno}, column {error.colno}.") from None
    for pointer, depth, part in walk(value):
        if depth > max_depth and isinstance(part, dict | list):
            raise BadJSON("JSON nested too deeply")
        if isinstance(part, int) and not SMALLEST <= part <= LARGEST:
            raise BadJSON(f"A whole number is out of range; use {SMALLEST} to {LARGEST}.", pointer)
        if isinstance(part, str) and (name := unsafe_character(part)):
            raise BadJSON(f"Contains a character we cannot accept ({name}).", pointer)
    return value


def walk(value: JSON) -> Iterator[tuple[str, int, JSON]]:
    """Give every value with its JSON pointer and depth; keys come as values of their own."""
    waiting: list[tuple[str, int, JSON]] = [("", 1, value)]
    while waiting:
        pointer, depth, part = waiting.pop()
        yield pointer, depth, part
        if isinstance(part, dict):
            for key, inner in part.items():
                yield pointer, depth, key
                waiting.append((f"{pointer}/{escape(key)}", depth + 1, inner))
        elif isinstance(part, list):
            waiting.extend((f"{pointer}/{index}", depth + 1, inner) for index, inner in enumerate(part))


def escape(key: str) -> str:
    """Return a key as one token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def unsafe_character(text: str) -> str | None:
    """Name the first character that no database or file of ours can hold: NUL or a lone surrogate."""
    found = _UNSAFE.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    """Build an object; a key given twice has two meanings, so it is refused."""
    made: dict[str, JSON] = {}
    for key, value in pairs:
        if key in made:
            raise BadJSON(f"Key '{printable(key)}' appears twice.")
        made[key] = value
    return made


def printable(text: str, limit: int = 60) -> str:
    """Return what a caller sent as something that can stand in a message."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return "".join(
        c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "\N{REPLACEMENT CHARACTER}" for c in short
    )


def _constant(name: str) -> NoReturn:
    raise BadJSON(f"{name} is not a number that JSON can carry; use null or leave it out.")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJSON("A number is too large.")
    return number


def _integer(text: str) -> int:
    # The length is asked first: Python itself refuses to read thousands of digits.
    return int(text) if len(text) <= 20 else LARGEST + 1
