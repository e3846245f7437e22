"""Seeds: committed to before the draw, kept secret until it is revealed, never chosen by a person."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any

from experiments.randomise.units import DrawRefused, Problem

SECRET = re.compile(r"[0-9a-f]{64}")


def new_secret() -> str:
    """256 bits from the operating system, as lower-case hexadecimal."""
    return secrets.token_hex(32)


def seed_text(number: str, version: str, list_hash: str, secret: str) -> str:
    """Write the seed of one draw: ``number|v<version>|<list hash>|<secret>``.

    The trial, its version and its list are part of the seed, so a secret cannot be carried over to another
    list without its showing. A secret of any other form is refused: a seed somebody typed is no seed.
    """
    if not SECRET.fullmatch(secret) or not SECRET.fullmatch(list_hash):
        raise ValueError("the secret and the list hash are 64 lower-case hexadecimal digits each")
    if not number or not version or "|" in number + version:
        raise ValueError("the number and the version are not blank and contain no vertical bar")
    return f"{number}|v{version}|{list_hash}|{secret}"


def commitment(seed: str) -> str:
    """SHA-256 of the seed in UTF-8: published before the draw, checked at the reveal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def reveal(record: Mapping[str, Any], seed: str) -> dict[str, Any]:
    """Add the seed to the record, once it is shown to be the one committed to."""
    if not hmac.compare_digest(commitment(seed), str(record["seed_commitment"])):
        raise DrawRefused([Problem(None, "Seed does not match the commitment")])
    return {**record, "seed": seed}
