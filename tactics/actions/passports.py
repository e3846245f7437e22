"""A passport is issued: a public rating as it stands today, signed, and kept byte for byte."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from centre import audit, signing, vault
from centre.errors import Conflict
from centre.models import User
from tactics.models import Passport, Rating, SigningKey, Tactic
from tactics.passport import sealed
from tactics.passport.pdf import render
from tactics.passport.pdf_seal import signed_pdf
from tactics.passport_facts import document

SIGNER = "Tactic Registry, evidence passports"
REASON = "The tactic as rated on the day that the passport names"


class NoKey(Conflict):
    """The Centre has no key to sign with."""


class NotPublic(Conflict):
    """A passport is of what the library says now."""


@transaction.atomic
def issue(*, rating: Rating, by: User | None) -> Passport:
    """The rating has a passport of today; the one that was issued today already is returned.

    `by` is whoever asked for it, or nobody where the rating was published.
    """
    # One at a time for a tactic: two who ask at once get the same.
    Tactic.objects.select_for_update().get(pk=rating.tactic_id)
    rating.refresh_from_db()
    if not rating.is_current:
        raise NotPublic("A passport is issued of the rating that is public now. Open the newer one.")
    today = timezone.localdate()
    standing: Passport | None = Passport.objects.filter(rating=rating, day=today).first()
    if standing is not None:
        return standing
    key, published = _key()
    said = document(rating, day=today, registry=settings.PUBLIC_ADDRESS, key=published.key.public)
    file = sealed(said, key)
    sha256 = hashlib.sha256(file).hexdigest()
    drawn = render(said, sha256=sha256)
    pdf = signed_pdf(drawn, key, published.key.certificate, by=SIGNER, reason=REASON)
    passport: Passport = Passport.objects.create(
        rating=rating,
        key=published,
        day=today,
        sealed=file.decode(),
        sha256=sha256,
        pdf_sha256=vault.put_bytes(pdf).sha256,
        issued_at=timezone.now(),
        issued_by=by,
    )
    audit.record(
        "passport.issued",
        subject=passport,
        by=by or audit.SYSTEM,
        detail={"tactic": rating.tactic.slug, "sha256": sha256, "pdf": passport.pdf_sha256},
    )
    return passport


def can_sign() -> bool:
    """Return whether there is a key to sign with."""
    return len(settings.PASSPORT_SECRET) >= signing.SHORTEST


def _key() -> tuple[Ed25519PrivateKey, SigningKey]:
    """Return the key, and its public part, which is published from its first use on."""
    if not can_sign():
        raise NoKey("No passport can be issued: this registry has no key to sign with (PASSPORT_SECRET).")
    key = signing.private_key(settings.PASSPORT_SECRET)
    public = signing.public_bytes(key)
    published, _ = SigningKey.objects.get_or_create(
        key_id=signing.key_id(public),
        defaults={
            "public_key": base64.b64encode(public).decode(),
            "certificate": base64.b64encode(signing.certificate(key, SIGNER)).decode(),
            "first_used_at": timezone.now(),
        },
    )
    return key, published
