"""Protocols from and to JSON, strictly: unknown keys and wrong types are refused, each by its pointer."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from math import isfinite
from typing import Any, Union, get_args, get_origin, get_type_hints

from centre.errors import Invalid, Problem
from centre.text import tidied
from experiments.protocol import schema
from experiments.protocol.text import text_problems
from experiments.protocol.upgrading import upgraded
from experiments.protocol.vocabulary import Choice

MAX_ITEMS, MAX_DEPTH = 500, 12


class _Bad(Exception):
    """A value that cannot be read; carries the message for its field."""


def from_json(document: object) -> schema.Protocol:
    """Read a whole protocol; raise `Invalid` with every problem found."""
    protocol: schema.Protocol = _read(schema.Protocol, upgraded(document), "")
    if protocol.schema_version != schema.SCHEMA_VERSION:
        message = f"This version of the registry reads protocols up to schema_version {schema.SCHEMA_VERSION}"
        raise Invalid.field("/schema_version", message)
    return protocol


def section_from_json(section: str, value: object) -> Any:
    """Read one top-level section of a protocol."""
    if section not in schema.SECTIONS:
        raise Invalid.field(f"/{section}", f"“{section}” is not a section of a protocol")
    return _read(_hints(schema.Protocol)[section], value, f"/{section}")


def to_json(value: Any) -> Any:
    """Return dataclasses, dates and choices as plain JSON values."""
    if dataclasses.is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    return value


def _read(kind: Any, value: object, pointer: str) -> Any:
    problems: list[Problem] = []
    made = _value(kind, value, pointer, {}, problems)
    if problems:
        raise Invalid("The protocol could not be read", problems)
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(
    kind: Any, value: object, pointer: str, metadata: Mapping[str, Any], problems: list[Problem]
) -> Any:
    """Return the value read as `kind`, or note why it cannot be."""
    try:
        if dataclasses.is_dataclass(kind):
            return _record(kind, value, pointer, problems)
        if get_origin(kind) is tuple:
            return _items(get_args(kind)[0], value, pointer, metadata, problems)
        if get_origin(kind) in (Union, types.UnionType):
            inner = next(part for part in get_args(kind) if part is not type(None))
            return None if value in (None, "") else _value(inner, value, pointer, metadata, problems)
        if kind is str:
            return _text(value, pointer, metadata, problems)
        return _scalar(kind, value)
    except _Bad as refusal:
        problems.append(Problem(pointer, str(refusal)))
        return None


def _record(kind: Any, value: object, pointer: str, problems: list[Problem]) -> Any:
    if not isinstance(value, Mapping):
        raise _Bad("This must be an object")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(str(key) for key in value if key not in fields)
    problems += [Problem(f"{pointer}/{_escape(key)}", f"Unknown field “{key[:60]}”") for key in unknown]
    hints = _hints(kind)
    read = {
        name: _value(hints[name], value[name], f"{pointer}/{name}", _described(field), problems)
        for name, field in fields.items()
        if name in value
    }
    if problems:
        return None
    return kind(**read)


def _described(field: "dataclasses.Field[Any]") -> dict[str, Any]:
    label = field.metadata.get("label") or field.name.replace("_", " ").capitalize()
    return {"max_length": field.metadata.get("max_length", schema.LONG), "label": label}


def _items(
    kind: Any, value: object, pointer: str, metadata: Mapping[str, Any], problems: list[Problem]
) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _Bad("This must be a list")
    if len(value) > MAX_ITEMS:
        raise _Bad(f"At most {MAX_ITEMS} are possible here")
    return tuple(
        _value(kind, part, f"{pointer}/{place}", metadata, problems) for place, part in enumerate(value)
    )


def _text(value: object, pointer: str, metadata: Mapping[str, Any], problems: list[Problem]) -> str:
    if not isinstance(value, str):
        raise _Bad("This must be text")
    label, longest = metadata.get("label", "This"), metadata.get("max_length", schema.LONG)
    problems += text_problems(pointer, value, label=label, max_length=longest)
    return tidied(value)


def _scalar(kind: Any, value: object) -> Any:
    if get_origin(kind) is not None or kind is Mapping:
        return _document(value)
    if isinstance(kind, type) and issubclass(kind, Choice):
        return _choice(kind, value)
    if kind is date:
        return _date(value)
    if kind is bool:
        if not isinstance(value, bool):
            raise _Bad("Choose yes or no")
        return value
    return _number(kind, value)


def _choice(kind: type[Choice], value: object) -> Choice:
    try:
        return kind(str(value))
    except ValueError:
        raise _Bad(f"Choose one of: {', '.join(member.value for member in kind)}") from None


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _Bad("Enter a real date") from None


def _number(kind: Any, value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _Bad("Enter a number")
    if kind is int:
        if value != int(value):
            raise _Bad("Enter a whole number")
        return int(value)
    return float(value)


def _document(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Bad("This must be an object")
    _check_document(value, 0)
    return dict(value)


def _check_document(value: object, depth: int) -> None:
    """Refuse what could not be stored or hashed: too deep, not finite, a character JSON columns refuse."""
    if depth > MAX_DEPTH:
        raise _Bad("JSON nested too deeply")
    if isinstance(value, Mapping):
        for key, part in value.items():
            _check_document(key, depth + 1)
            _check_document(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_document(part, depth + 1)
    elif isinstance(value, float) and not isfinite(value):
        raise _Bad("NaN and Infinity are not numbers here")
    elif isinstance(value, str) and next(text_problems("", value, label="", max_length=schema.LONG), None):
        raise _Bad("A text in here has a character we cannot accept, is too long or looks like personal data")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
