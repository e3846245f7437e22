"""Two protocols beside each other: every question once, with both answers in the words that people read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from experiments.forms.document import Block, Line, Sources, chapters
from experiments.protocol import Protocol, to_json

NOT_ANSWERED = "Not answered"


@dataclass(frozen=True, slots=True)
class Pair:
    """One question and both answers."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second


@dataclass(frozen=True, slots=True)
class Compared:
    """One chapter of both protocols."""

    title: str
    pairs: list[Pair]


Read = tuple[Protocol, Sources]


def compared(first: Read, second: Read, *, with_same: bool = False) -> list[Compared]:
    """Return the chapters in which they differ, or all; rows of lists are matched by their id, else by place."""
    made = []
    for one, other in zip(chapters(*first), chapters(*second), strict=True):
        before = dict(_keyed(first[0], one.blocks))
        after = dict(_keyed(second[0], other.blocks))
        pairs = [_pair(before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after))]
        kept = [pair for pair in pairs if pair.differs or (with_same and pair.first != NOT_ANSWERED)]
        if kept:
            made.append(Compared(one.title, kept))
    return made


def _keyed(protocol: Protocol, blocks: list[Block]) -> Iterator[tuple[str, tuple[str, Line]]]:
    """Yield each line with its label, under a key that is the same in two protocols where the question is."""
    document = to_json(protocol)
    for block in blocks:
        name = _row_name(document, block.pointer) if block.pointer else ""
        for line in block.lines:
            if not block.pointer:
                yield line.pointer, (line.label, line)
                continue
            rows, place = block.pointer.rsplit("/", 1)
            noun = block.title.rpartition(" ")[0]
            key = f"{rows}/{name or place}{line.pointer[len(block.pointer) :]}"
            yield key, (f"{noun} {name or int(place) + 1}: {line.label}", line)


def _row_name(document: Any, pointer: str) -> str:
    """Return the id of a row, or nothing where rows of its kind have none."""
    found = document
    for part in pointer.strip("/").split("/"):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return str(found.get("id") or "")


def _pair(first: tuple[str, Line] | None, second: tuple[str, Line] | None) -> Pair:
    label = next(found[0] for found in (first, second) if found)
    return Pair(label, _said(first), _said(second))


def _said(found: tuple[str, Line] | None) -> str:
    value = found[1].value if found else None
    if value is None:
        return NOT_ANSWERED
    return "\n".join(value) if isinstance(value, list) else value
