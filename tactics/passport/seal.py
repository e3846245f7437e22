"""A passport as data: canonical JSON (RFC 8785) with the Centre's signature over it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from centre import signing
from centre.canonical import canonical_json, plain

PASSPORT_VERSION = "PASSPORT-1.0"
LARGEST = 5_000_000  # bytes: no passport is near it
DIFFERENT = (
    "The file is not as it was written: a passport is canonical JSON, and one changed or added byte breaks it"
)
_PARTS = {"passport", "signature"}
_OF_SIGNATURE = {"algorithm", "key_id", "value"}


@dataclass(frozen=True, slots=True)
class Key:
    """What anybody may know of a key: its public bytes, and its certificate as DER."""

    public: bytes
    certificate: bytes

    @property
    def id(self) -> str:
        """Return its short name."""
        return signing.key_id(self.public)


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a file is what the Centre signed, why not, and what it says."""

    holds: bool
    why: str
    key_id: str = ""
    document: Mapping[str, Any] | None = None


def sealed(document: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the file of a document. The same document and key give the same bytes."""
    content = plain(dict(document))
    signature = {
        "algorithm": signing.ALGORITHM,
        "key_id": signing.key_id(signing.public_bytes(key)),
        "value": signing.sign(key, canonical_json(content)),
    }
    return canonical_json({"passport": content, "signature": signature})


def open_sealed(raw: bytes, keys: Mapping[str, Key]) -> Verified:
    """Check a file against the keys that were published, by their ids."""
    try:
        parts = _parts(raw)
    except (ValueError, RecursionError):
        return Verified(False, "The file is no passport: it cannot be read as its JSON")
    if parts is None:
        return Verified(False, DIFFERENT)
    document, signature = parts
    name = signature["key_id"]
    key = keys.get(name) if isinstance(name, str) else None
    if key is None:
        return Verified(False, "It names a key that the Centre has not published")
    if signature["algorithm"] != signing.ALGORITHM:
        return Verified(False, "It names another kind of signature than the Centre's", key.id)
    if not signing.holds(key.public, canonical_json(document), str(signature["value"])):
        return Verified(False, "The signature does not belong to this content", key.id)
    return Verified(True, "The Centre signed exactly this content", key.id, document)


def _parts(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the document and the signature; None where the bytes are not their canonical form."""
    if len(raw) > LARGEST:
        raise ValueError("too large")
    found = json.loads(raw.decode("utf-8"))
    if not isinstance(found, dict) or set(found) != _PARTS:
        raise ValueError("other parts")
    document, signature = found["passport"], found["signature"]
    if not isinstance(document, dict) or not isinstance(signature, dict) or set(signature) != _OF_SIGNATURE:
        raise ValueError("other parts")
    return (document, signature) if canonical_json(found) == raw else None
