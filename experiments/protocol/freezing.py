"""What registration freezes: each field's class, the canonical bytes, their hash, and what changed."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from centre import canonical
from experiments.protocol.reading import to_json
from experiments.protocol.schema import Protocol


class Freeze(StrEnum):
    """When a field stops being free to change."""

    FROZEN = "F"  # at registration: a change is a major amendment, with reason and reviewer
    RANDOMISED = "R"  # for ever, at the draw or the first exposure
    VERSIONED = "V"  # a change is a new minor version
    SYSTEM = "S"  # only the registry sets it
    POST_TRIAL = "P"  # filled when the trial ends


F, R, V, S = Freeze.FROZEN, Freeze.RANDOMISED, Freeze.VERSIONED, Freeze.SYSTEM

# The longest path that fits decides. Every top-level section must be here.
FREEZE: dict[str, Freeze] = {
    "schema_version": S,
    "title": F,
    "title.plain_summary": V,
    "tactic": F,
    "team": V,
    "team.independence": F,
    "funding": F,
    "problem": F,
    "problem.theory_of_change": V,
    "problem.prior_evidence": V,
    "problem.follows_trials": V,
    "design": F,
    "design.timing": R,
    "design.contamination_plan": V,
    "design.buffer_metres": V,
    "design.concurrent_operations": V,
    "design.concurrent_trials": V,
    "arms": F,
    "allocation": R,
    "eligibility": F,
    "sites": V,
    "outcomes": F,
    "covariates": F,
    "subgroups": F,
    "safety": F,
    "sample_size": F,
    "estimand": F,
    "analysis_plan": F,
    "analysis_documents": F,
    "treatment_measure": F,
    "decision": F,
    "qed": F,
    "dates": V,
    "data": V,
    "data.outcome_data_seen": F,
    "data.assignment_data_seen": F,
    "data.baseline_extract": F,
    "ethics": V,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two versions."""

    pointer: str
    before: Any
    after: Any
    freeze: Freeze

    def as_json(self) -> dict[str, Any]:
        return {
            "pointer": self.pointer,
            "before": self.before,
            "after": self.after,
            "freeze": self.freeze.value,
        }


def freeze_of(path: str) -> Freeze:
    """Return the class of a field named by its dotted path (list positions left out)."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        if found := FREEZE.get(".".join(parts[:length])):
            return found
    raise KeyError(path)


def canonical_json(value: Any) -> bytes:
    """Return the one way to write a value as JSON: RFC 8785, as for analysis plans."""
    return canonical.canonical_json(to_json(value))


def frozen_part(protocol: Protocol) -> dict[str, Any]:
    """Return the fields that the registration hash covers (classes F and R).

    A field that the first schema did not have is left out while it is blank, so that what was registered before it
    was asked has the hash that it was registered with.
    """
    return _kept(_said(protocol), "")


def digest(protocol: Protocol) -> str:
    """Return the registration hash: SHA-256 of the canonical JSON of all F and R fields."""
    return hashlib.sha256(canonical_json(frozen_part(protocol))).hexdigest()


def diff(before: Protocol, after: Protocol) -> list[Change]:
    """Return each field that differs, in the protocol's order; items of lists are matched by their id."""
    return list(_changes(to_json(before), to_json(after), "", ""))


def is_major(changes: list[Change]) -> bool:
    """Return whether any change is to a field that registration froze."""
    return any(change.freeze in (F, R) for change in changes)


def _said(value: Any) -> Any:
    """Return dataclasses as plain JSON, without the blank fields that came after the first schema."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: _said(getattr(value, one.name))
            for one in fields(value)
            if not (one.metadata.get("added") and getattr(value, one.name) == one.default)
        }
    return [_said(part) for part in value] if isinstance(value, tuple) else to_json(value)


def _kept(value: dict[str, Any], path: str) -> dict[str, Any]:
    kept = {}
    for key, part in value.items():
        here = f"{path}.{key}" if path else key
        if any(other.startswith(f"{here}.") for other in FREEZE):
            kept[key] = _kept(part, here)
        elif freeze_of(here) in (F, R):
            kept[key] = part
    return {key: part for key, part in kept.items() if part != {} or key == "analysis_plan"}


def _changes(before: Any, after: Any, pointer: str, path: str) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            here = f"{path}.{key}" if path else str(key)
            yield from _changes(before.get(key), after.get(key), f"{pointer}/{key}", here)
    elif isinstance(before, list) and isinstance(after, list):
        for key, (old, new) in _paired(before, after).items():
            yield from _changes(old, new, f"{pointer}/{key}", path)
    else:
        yield Change(pointer, before, after, freeze_of(path))


def _paired(before: list[Any], after: list[Any]) -> dict[str, tuple[Any, Any]]:
    old, new = _named(before), _named(after)
    return {key: (old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))}


def _named(items: list[Any]) -> dict[str, Any]:
    """Name list items by their id where all have their own, else by position."""
    ids = [item.get("id") if isinstance(item, Mapping) else None for item in items]
    if all(ids) and len(set(ids)) == len(ids):
        return dict(zip(map(str, ids), items, strict=True))
    return {str(place): item for place, item in enumerate(items)}
