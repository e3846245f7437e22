"""JSON pointers into a protocol: what an amendment, an export or a deviation is about."""

from collections.abc import Mapping
from typing import Any

from experiments.protocol.reading import to_json
from experiments.protocol.schema import Protocol


def holds(protocol: Protocol, pointer: str) -> bool:
    """Return whether a pointer leads to a section, a row or a field of the protocol."""
    if not pointer.startswith("/") or pointer == "/":
        return False
    here: Any = to_json(protocol)
    for part in pointer[1:].split("/"):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isascii() and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return False
    return True
