"""The log of a trickle allocation: each record holds the hash of the one before, and a replay checks them all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.randomise.engine import key
from experiments.randomise.seeds import commitment
from experiments.randomise.trickle.allotting import allot
from experiments.randomise.trickle.history import Tally
from experiments.randomise.trickle.scheme import TrickleScheme
from experiments.randomise.units import DrawRefused

ALGORITHM_ID = "hmac-sha256-tag-trickle"
ALGORITHM_VERSION = "1.0"
RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the log, with its place in the chain. The first follows the commitment to the seed."""

    record: Mapping[str, Any]
    previous_hash: str
    hash: str


def opening_record(scheme: TrickleScheme, seed: str) -> dict[str, Any]:
    """Make the record that is published before the first case: the scheme and the commitment, not the seed."""
    return {
        "record_version": RECORD_VERSION,
        "algorithm": {"id": ALGORITHM_ID, "version": ALGORITHM_VERSION},
        "parameters": scheme.as_json(),
        "scheme_sha256": scheme.sha256,
        "seed_commitment": commitment(seed),
        "seed": None,
    }


def entry_sha256(previous_hash: str, record: Mapping[str, Any]) -> str:
    """SHA-256 of the hash before and the record as compact JSON with sorted keys, UTF-8."""
    text = json.dumps(dict(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()


def facts_sha256(salt: str, facts: Mapping[str, Any]) -> str:
    """SHA-256 of the salt and of facts that the log binds without showing them: a case, its answers, who and when."""
    text = json.dumps(dict(facts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((salt + text).encode()).hexdigest()


def broken(scheme: TrickleScheme, seed: str, entries: Iterable[Entry]) -> list[int]:
    """Return the positions that a replay from the seed does not give, or whose hash does not hold.

    Levels that no case can have end the replay: nothing after them can be told.
    """
    draw_key, previous = key(seed), commitment(seed)
    tally = Tally(scheme)
    wrong: list[int] = []
    for position, entry in enumerate(entries, start=1):
        levels = entry.record["levels"]
        try:
            step = allot(scheme, draw_key, levels, tally.past(levels)).record
        except (DrawRefused, KeyError):  # the levels are of no case of this trial
            return [*wrong, position]
        is_same = all(entry.record.get(name) == value for name, value in step.items())
        holds = entry.previous_hash == previous and entry.hash == entry_sha256(previous, entry.record)
        if not (is_same and holds):
            wrong.append(position)
        tally.add(levels, str(entry.record["arm"]))
        previous = entry.hash
    return wrong
