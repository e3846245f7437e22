"""What a template is: a design with the answers that do not depend on the place, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A protocol to start from. `document` is read like any draft; what is local in it is blank."""

    slug: str
    name: str
    use: str
    document: Document


def merged(*documents: Mapping[str, Any]) -> Document:
    """Return one document; where two say something, the later one holds, part by part."""
    made: Document = {}
    for document in documents:
        for key, value in document.items():
            before = made.get(key)
            both = isinstance(before, Mapping) and isinstance(value, Mapping)
            made[key] = merged(before, value) if both and key != "analysis_plan" else value  # type: ignore[arg-type]
    return made
