"""Protocols of an earlier schema, brought to the shape of this one as they are read.

A field that was added is blank. A field that changed its shape is moved; only fields outside the hash may.
"""

from collections.abc import Mapping
from typing import Any

from experiments.protocol.vocabulary import Issuer

FIRST = 1


def upgraded(document: object) -> object:
    """Return the document as this schema writes it; what is no protocol of an earlier one is returned as it is."""
    if not isinstance(document, Mapping) or document.get("schema_version") != FIRST:
        return document
    made = {**document, "schema_version": FIRST + 1}
    team = document.get("team")
    if isinstance(team, Mapping) and isinstance(team.get("secondary_ids"), list):
        made["team"] = {**team, "secondary_ids": [_issued(one) for one in team["secondary_ids"]]}
    return made


def _issued(one: Any) -> Any:
    """Who gave a number was a text; now it is one of a list, and a name where the list does not have it."""
    if not isinstance(one, Mapping) or not isinstance(one.get("issuer"), str):
        return one
    said = one["issuer"].strip()
    known = next(
        (choice for choice in Issuer if said.casefold() in (choice.value, choice.label.casefold())), None
    )
    if known or not said:
        return {**one, "issuer": known.value if known else None}
    return {**one, "issuer": Issuer.OTHER.value, "name": said}
