"""Two result documents beside each other: every number that differs, by its JSON pointer."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.stats.strict_json import child

TOLERANCE = 1e-9  # relative, between machines; on one image no bit may differ
# What is told of the machine, and not of the data.
MACHINE = ("engine_version", "packages", "python", "cpu", "blas", "threads")
_TIMES = ("started_at", "seconds")
_ASIDE = frozenset(f"/provenance/{name}" for name in (*MACHINE, *_TIMES))
_RESULTS = ("status", "verdict")  # words that say what came out
_LENGTH = "/-"  # stands for how many rows there are
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two documents differ; ``relative`` only where both hold a number."""

    pointer: str
    published: Any
    again: Any
    relative: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "pointer": self.pointer,
            "published": self.published,
            "again": self.again,
            "relative": self.relative,
        }

    def told(self) -> dict[str, Any]:
        """Return what everybody may know of it: where, what is published, and how large it is at most.

        What came out now was cleared by nobody, and its exact size would give it away: so a power of ten.
        """
        size = float(f"1e{math.ceil(math.log10(self.relative))}") if self.relative else None
        return {"pointer": self.pointer, "published": self.published, "relative_at_most": size}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many numbers were compared, and what differs."""

    n_numbers: int
    differences: tuple[Difference, ...]


def is_same_image(published: Mapping[str, Any], again: Mapping[str, Any]) -> bool:
    """Whether two documents say that the same engine ran on the same packages, Python, processor and BLAS."""
    one, two = published.get("provenance", {}), again.get("provenance", {})
    return all(one.get(name) == two.get(name) for name in MACHINE)


def compare(
    published: Mapping[str, Any],
    again: Mapping[str, Any],
    *,
    tolerance: float = 0.0,
    nearby: Sequence[Mapping[str, Any]] = (),
    aside: frozenset[str] = frozenset(),
    words: bool = True,
) -> Comparison:
    """Compare a document with the same document computed again.

    Parameters
    ----------
    tolerance : relative difference between two numbers that is none.
    nearby : the document computed again and then moved by the tolerance before it was rounded; a rounded number may
        be any of these, because it may lie on the edge of rounding.
    aside : pointers of what is not compared, with all below them.
    words : whether texts must be the same; never with a tolerance, because they hold rounded numbers.
    """
    others = [dict(_leaves(one, "")) for one in nearby]
    first, second = dict(_leaves(published, "")), dict(_leaves(again, ""))
    found, n_numbers = [], 0
    for pointer in dict.fromkeys((*first, *second)):
        if any(pointer == place or pointer.startswith(f"{place}/") for place in (*_ASIDE, *aside)):
            continue
        one, two = first.get(pointer, _ABSENT), second.get(pointer, _ABSENT)
        n_numbers += _is_number(one) and not pointer.endswith(_LENGTH)
        if _are_words(pointer, one, two) and not (words and tolerance == 0):
            continue
        if any(_agree(one, other, tolerance) for other in (two, *(o.get(pointer, _ABSENT) for o in others))):
            continue
        found.append(Difference(pointer, _shown(one), _shown(two), _relative(one, two)))
    return Comparison(n_numbers, tuple(found))


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from (
            (at, leaf) for key, inner in value.items() for at, leaf in _leaves(inner, child(pointer, key))
        )
    elif isinstance(value, list | tuple):
        if not all(isinstance(inner, str) for inner in value):
            yield f"{pointer}{_LENGTH}", len(value)  # a row that is gone is a difference, even an empty one
        yield from (
            (at, leaf) for key, inner in enumerate(value) for at, leaf in _leaves(inner, child(pointer, key))
        )
    else:
        yield pointer, value


def _agree(one: Any, two: Any, tolerance: float) -> bool:
    if _is_number(one) and _is_number(two):
        return bool(one == two or abs(one - two) <= tolerance * max(abs(one), abs(two)))
    return one is two or (type(one) is type(two) and one == two)


def _are_words(pointer: str, one: Any, two: Any) -> bool:
    """Whether both are sentences, which may be put otherwise or be new; not where a word is itself the result."""
    is_result = pointer.rpartition("/")[2] in _RESULTS
    return not is_result and all(isinstance(text, str) or text is _ABSENT for text in (one, two))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _relative(one: Any, two: Any) -> float | None:
    if not (_is_number(one) and _is_number(two)):
        return None
    largest = max(abs(one), abs(two))
    return float(abs(one - two) / largest) if largest else 0.0


def _shown(value: Any) -> Any:
    return None if value is _ABSENT else value
