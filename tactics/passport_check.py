"""Whether a file is a passport that the Centre issued: its signature, and whether it is on record. Reads alone."""

import hashlib
from collections.abc import Mapping

from tactics.models import Passport, SigningKey
from tactics.passport import Key, Verified, open_sealed
from tactics.passport.pdf_seal import open_pdf

PDF = b"%PDF-"


def published_keys() -> dict[str, Key]:
    """Return every key that was ever used, by its id."""
    return {one.key_id: one.key for one in SigningKey.objects.all()}


def check(raw: bytes, keys: Mapping[str, Key]) -> Verified:
    """Check a file, PDF or JSON, against published keys."""
    return open_pdf(raw, keys) if raw.startswith(PDF) else open_sealed(raw, keys)


def recorded(raw: bytes) -> Passport | None:
    """Return the record of the passport that the file is, byte for byte."""
    sha256 = hashlib.sha256(raw).hexdigest()
    column = "pdf_sha256" if raw.startswith(PDF) else "sha256"
    found: Passport | None = (
        Passport.objects.filter(**{column: sha256}).select_related("rating__tactic").first()
    )
    return found
