"""Which form field asks for which type of a protocol field, and how its answer becomes JSON."""

import datetime as dt
import re
import types
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from django import forms

from centre.forms import DatePartsField, PlainCharField, PlainTextField
from experiments.forms.numbers import NamedNumberField
from experiments.protocol.schema import Answer, Day, Protocol
from experiments.protocol.vocabulary import Choice, DateType

MOST_RADIOS = 6
IS_DECIMAL = re.compile(r"[0-9]*\.?[0-9]+(e-[0-9]+)?").fullmatch
YES_NO = (("yes", "Yes"), ("no", "No"))
Choices = Sequence[tuple[str, str]]


@cache
def kind_of(path: str) -> tuple[Any, dict[str, Any]]:
    """Return the type of the protocol field at a dotted path (`*` for list places), and its metadata."""
    kind: Any = Protocol
    metadata: dict[str, Any] = {}
    for name in filter(None, path.split(".")):
        if name == "*":
            kind = get_args(kind)[0]
            continue
        metadata = dict(next(field.metadata for field in fields(kind) if field.name == name))
        kind = get_type_hints(kind)[name]
    return kind, metadata


def kind_at(path: str) -> tuple[Any, dict[str, Any]]:
    """Return the type at a path that may lead inside a document the protocol does not type, such as the plan."""
    try:
        return kind_of(path)
    except (StopIteration, TypeError, IndexError):
        return object, {}


def default_of(path: str) -> Any:
    """Return what a field holds before anybody answers."""
    *parents, name = path.split(".")
    kind, _ = kind_of(".".join(parents))
    return next(field.default for field in fields(kind) if field.name == name)


def bare(kind: Any) -> Any:
    """Return the type without its `| None`."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def fields_for(
    path: str, name: str, label: str, hint: str, choices: Choices | None
) -> dict[str, forms.Field]:
    """Return the form fields that ask for one protocol field, by name."""
    kind, metadata = kind_of(path)
    words: dict[str, Any] = {"label": label, "help_text": hint, "required": False}
    inner = bare(kind)
    if inner is Answer:
        return _answer_fields(name, label, words)
    if inner is Day:
        return _day_fields(name, label, words)
    if choices is not None:
        return {name: _chosen(choices, get_origin(inner) is tuple, words)}
    return {name: _single(kind, inner, metadata, words)}


def _answer_fields(name: str, label: str, words: dict[str, Any]) -> dict[str, forms.Field]:
    return {
        f"{name}__text": PlainTextField(name=label, max_length=20_000, rows=3, **words),
        f"{name}__not_applicable_because": PlainTextField(
            name=label,
            max_length=20_000,
            rows=2,
            label=f"{label}: if this does not apply, say why",
            required=False,
        ),
    }


def _day_fields(name: str, label: str, words: dict[str, Any]) -> dict[str, forms.Field]:
    has_it_happened = forms.ChoiceField(
        label=f"{label}: is this date estimated or actual?",
        choices=DateType.choices(),
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline govuk-radios--small"}),
        required=False,
        initial=DateType.ESTIMATED.value,
    )
    return {f"{name}__date": DatePartsField(**words), f"{name}__type": has_it_happened}


def _chosen(choices: Choices, is_many: bool, words: dict[str, Any]) -> forms.Field:
    if is_many:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **words)
    return forms.ChoiceField(choices=[("", "Choose one"), *choices], **words)


def _single(kind: Any, inner: Any, metadata: dict[str, Any], words: dict[str, Any]) -> forms.Field:
    if inner is bool:
        return _yes_or_no(kind, words)
    if get_origin(inner) is tuple:
        return PlainTextField(name=words["label"], max_length=20_000, rows=3, **words)
    if isinstance(inner, type) and issubclass(inner, Choice):
        return _from_vocabulary(inner, words)
    if inner in (int, float):
        return NamedNumberField(is_whole=inner is int, **words)
    if inner is dt.date:
        return DatePartsField(**words)
    longest = metadata.get("max_length", 20_000)
    if longest > 300:
        return PlainTextField(name=words["label"], max_length=longest, rows=4, **words)
    return PlainCharField(name=words["label"], max_length=longest, **words)


def _yes_or_no(kind: Any, words: dict[str, Any]) -> forms.Field:
    if kind is bool:
        return forms.BooleanField(**words)
    inline = forms.RadioSelect(attrs={"class": "govuk-radios--inline"})
    return forms.ChoiceField(choices=YES_NO, widget=inline, **words)


def _from_vocabulary(words_of: type[Choice], words: dict[str, Any]) -> forms.Field:
    choices = words_of.choices()
    if len(choices) <= MOST_RADIOS:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
    return forms.ChoiceField(choices=[("", "Choose one"), *choices], **words)


def to_initial(kind: Any, value: Any) -> Any:
    """Return a protocol value (plain JSON) as its form field shows it."""
    inner = bare(kind)
    if get_origin(inner) is tuple and get_args(inner)[0] in (str, int, float):
        return [str(one).removesuffix(".0") if isinstance(one, float) else one for one in value or ()]
    if inner is bool and kind is not bool:
        return {True: "yes", False: "no"}.get(value, "")
    if inner is dt.date and value:
        return dt.date.fromisoformat(value)
    return value


def to_json(kind: Any, value: Any) -> Any:
    """Return a cleaned form value as the protocol's JSON."""
    inner = bare(kind)
    if get_origin(inner) is tuple:
        lines = value.splitlines() if isinstance(value, str) else value
        stripped = [line.strip() for line in lines if line.strip()]
        return [_number_or_text(get_args(inner)[0], line) for line in stripped]
    if inner is bool:
        return value if kind is bool else {"yes": True, "no": False}.get(value)
    if inner is str:
        return value or ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value == "" else value


def _number_or_text(kind: Any, line: str) -> Any:
    """Return one line of a list; what is no number stays text, and is refused by its place."""
    if kind is int and line.isdecimal():
        return int(line)
    return float(line) if kind is float and IS_DECIMAL(line) else line


def leaves_of(path: str) -> list[str]:
    """Return the paths of the single values under a protocol field: a date and its type, an answer and its excuse."""
    kind, _ = kind_of(path)
    inner = bare(kind)
    if is_dataclass(inner):
        return [f"{path}.{field.name}" for field in fields(inner)]
    return [path]


def listed(field: forms.ChoiceField) -> list[tuple[str, str]]:
    """Return the choices of a field that was made here: pairs, never groups or a callable."""
    return [(str(value), str(label)) for value, label in field.choices]  # type: ignore[union-attr,misc]
