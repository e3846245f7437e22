"""From items that others ask for to the fields that answer them: the table's types, and how it is read.

Every item comes out answered, or with the reason why it is not: never blank, never invented.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from experiments.exports.record import Record
from experiments.exports.saying import excuse, pointers, said

Numbering = Literal["published", "own_reading"]
Status = Literal["answered", "not_applicable", "not_recorded"]
NOT_ANSWERED = "The protocol does not answer this."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the protocol, by dotted path."""

    path: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A list in the protocol, one line for each row that is kept."""

    path: str
    fields: tuple[Field, ...]
    keep: Callable[[Any], bool] = lambda row: True


@dataclass(frozen=True, slots=True)
class Fact:
    """What the registry recorded or works out. None where there is nothing yet."""

    says: Callable[[Record], str | None]
    label: str = ""
    pointers: tuple[str, ...] = ()


Part = Field | Rows | Fact


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a target. `otherwise` is said where no part answers."""

    item: str
    heading: str
    parts: tuple[Part, ...] = ()
    otherwise: str = NOT_ANSWERED
    numbering: Numbering = "published"


def own_reading(
    item: str, heading: str, answers: tuple[Part, ...] = (), otherwise: str = NOT_ANSWERED
) -> Item:
    """Return an item whose number or id is this registry's reading, not a published one."""
    return Item(item, heading, answers, otherwise, "own_reading")


@dataclass(frozen=True, slots=True)
class Target:
    """One registry, data set or checklist. `edition` is that of its items; `note` says what was not checked."""

    slug: str
    name: str
    edition: str
    use: str
    note: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One item, answered by `text` or left open with `missing`: exactly one of the two is given."""

    item: str
    heading: str
    numbering: Numbering
    status: Status
    text: str | None
    missing: str | None
    pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """One trial in the form of one target."""

    target: Target
    record: Record
    items: tuple[Answered, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the document that the schemas describe."""
        facts = self.record.facts
        newest = facts.versions[-1] if facts.versions else None
        return {
            "target": self.target.slug,
            "name": self.target.name,
            "version": self.target.edition,
            "note": self.target.note,
            "trial": facts.number or None,
            "url": facts.url,
            "document_url": facts.document_url,
            "protocol_version": newest.version if newest else "draft",
            "registration_sha256": newest.sha256 if newest else None,
            "is_simulated": facts.is_simulated,
            "items": [
                {
                    "item": one.item,
                    "heading": one.heading,
                    "numbering": one.numbering,
                    "status": one.status,
                    "text": one.text,
                    "missing": one.missing,
                    "pointers": list(one.pointers),
                }
                for one in self.items
            ],
        }


def export(target: Target, record: Record) -> Export:
    """Return the trial in the form of the target."""
    return Export(target, record, tuple(_answered(item, record) for item in target.items))


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    pointers: tuple[str, ...] = ()
    is_excuse: bool = False


def _answered(item: Item, record: Record) -> Answered:
    lines = [line for part in item.parts for line in _lines(part, record)]
    places = tuple(dict.fromkeys(pointer for line in lines for pointer in line.pointers))
    text = "\n".join(line.text for line in lines)
    if any(not line.is_excuse for line in lines):
        return Answered(item.item, item.heading, item.numbering, "answered", text, None, places)
    status: Status = "not_applicable" if lines else "not_recorded"
    return Answered(item.item, item.heading, item.numbering, status, None, text or item.otherwise, places)


def _lines(part: Part, record: Record) -> Iterator[_Line]:
    if isinstance(part, Fact):
        if words := part.says(record):
            yield _Line(_labelled(part.label, words), part.pointers)
    elif isinstance(part, Field):
        value, here = value_at(record.protocol, part.path), f"/{part.path.replace('.', '/')}"
        if words := said(value):
            is_excuse = excuse(value) is not None
            yield _Line(_labelled(part.label, words), pointers(value, here), is_excuse)
    else:
        yield from _rows(part, record)


def _rows(part: Rows, record: Record) -> Iterator[_Line]:
    here = f"/{part.path.replace('.', '/')}"
    for place, row in enumerate(value_at(record.protocol, part.path) or ()):
        if part.keep(row):
            found = ((one.label, said(value_at(row, one.path))) for one in part.fields)
            text = "; ".join(_labelled(label, words) for label, words in found if words)
            if text:
                yield _Line(text, (f"{here}/{place}",))


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a dotted path; None where a mapping does not hold it."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, Mapping) else getattr(record, name)
        if record is None:
            return None
    return record


def _labelled(label: str, words: str) -> str:
    return f"{label}: {words}" if label else words
