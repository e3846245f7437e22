"""A public beacon as the seed: drand's quicknet, whose rounds come every three seconds and cannot be foreseen.

Nothing is fetched: a person enters the value. What is checked is the round, its time, and drand's own rule that the
randomness is the SHA-256 of the signature. The signature itself (BLS on a curve that Python's standard library does
not have) is not checked here; it is kept, so that anybody can check it against drand's public key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from experiments.randomise.units import DrawRefused, Problem

SIGNATURE = re.compile(r"[0-9a-f]{96}")
RANDOMNESS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Chain:
    """A drand network: its name, the hash that identifies it, the time of its first round, seconds between rounds."""

    name: str
    hash: str
    genesis: int
    period: int

    def time_of(self, number: int) -> dt.datetime:
        """Return when a round comes out."""
        return dt.datetime.fromtimestamp(self.genesis + (number - 1) * self.period, dt.UTC)

    def round_at(self, when: dt.datetime) -> int:
        """Return the first round that comes out at this time or after it."""
        return max(1, -((self.genesis - int(when.timestamp())) // self.period) + 1)


QUICKNET = Chain(
    name="drand:quicknet",
    hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    genesis=1_692_803_367,
    period=3,
)


@dataclass(frozen=True, slots=True)
class BeaconValue:
    """What a round of the beacon gave, as it was published."""

    round: int
    randomness: str
    signature: str

    def record(self, chain: Chain = QUICKNET) -> dict[str, Any]:
        """Return what the record of the draw says of it."""
        return {
            "chain": chain.name,
            "chain_hash": chain.hash,
            "round": self.round,
            "round_time": chain.time_of(self.round).isoformat(),
            "randomness": self.randomness,
            "signature": self.signature,
            "checked": "randomness is the SHA-256 of the signature; the signature itself was not checked",
        }


def check_named(number: int, now: dt.datetime, chain: Chain = QUICKNET) -> None:
    """Refuse a round that is out already: somebody could have chosen it for its value."""
    if number < 1 or chain.time_of(min(number, 10**10)) <= now:
        raise DrawRefused([Problem(None, "Name a round that is still to come")])


def check_value(value: BeaconValue, named: int, now: dt.datetime, chain: Chain = QUICKNET) -> None:
    """Refuse a value that is not the named round's, is early, or does not keep drand's rule.

    Raises
    ------
    DrawRefused : with what is wrong.
    """
    out = chain.time_of(named)
    if value.round != named:
        raise DrawRefused(
            [Problem(None, f"Round {named:,} was named when the list was frozen, not {value.round:,}")]
        )
    if now < out:
        raise DrawRefused([Problem(None, f"Round {named:,} comes out at {out:%H:%M:%S on %-d %B %Y} UTC")])
    if not SIGNATURE.fullmatch(value.signature):
        raise DrawRefused([Problem(None, "The signature has 96 hexadecimal digits in lower case")])
    if not RANDOMNESS.fullmatch(value.randomness):
        raise DrawRefused([Problem(None, "The randomness has 64 hexadecimal digits in lower case")])
    if hashlib.sha256(bytes.fromhex(value.signature)).hexdigest() != value.randomness:
        message = "The randomness is not the SHA-256 of the signature: one of them was copied wrongly"
        raise DrawRefused([Problem(None, message)])
