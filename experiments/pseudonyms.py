"""Pseudonyms of units: who has the key can make them, nobody can undo them. Pure.

Each trial has a key of its own, so that a unit which is in two trials has two pseudonyms and rows of one cannot be put
beside rows of the other. The keys are made of a secret that is kept outside the database.
"""

import hashlib
import hmac

SHORTEST = 50  # characters of the secret
_DIGITS = 32  # of the 64 hexadecimal digits of the code: 128 bits, RFC 4868's and RFC 4231's truncation


class BadSecret(ValueError):
    """The secret is too short to be one."""


def trial_key(secret: str, trial: str) -> bytes:
    """Return the key of one trial: 32 bytes, HMAC-SHA-256 of the trial's id under the secret.

    Raises
    ------
    BadSecret : fewer than 50 characters.
    """
    if len(secret) < SHORTEST:
        raise BadSecret(f"A secret has at least {SHORTEST} random characters")
    return hmac.digest(secret.encode(), f"pseudonyms of a trial\n{trial}".encode(), "sha256")


def key_id(key: bytes) -> str:
    """Return what a key is known by: it tells two keys apart, and nothing of either."""
    return hashlib.sha256(b"id of a key of pseudonyms\n" + key).hexdigest()[:16]


def pseudonym(key: bytes, identifier: str) -> str:
    """Return the pseudonym of what a force calls a unit: 32 hexadecimal digits."""
    return hmac.digest(key, identifier.encode(), "sha256").hex()[:_DIGITS]
