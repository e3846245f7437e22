"""Evidence passports, each kept as it was issued, and the keys that signed them."""

import base64
import json
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from centre import signing
from centre.frozen import FrozenModel, FrozenQuerySet
from tactics.models.catalogue import Tactic
from tactics.models.ratings import Rating
from tactics.passport import Key


class SigningKey(FrozenModel):
    """The public part of a key that the Centre has signed with. It stays published for ever."""

    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.CharField(max_length=44)  # 32 bytes in base64
    certificate = models.TextField()  # DER in base64
    first_used_at = models.DateTimeField()

    class Meta:
        ordering = ("-first_used_at", "-pk")

    def __str__(self) -> str:
        return self.key_id

    @property
    def key(self) -> Key:
        """Return it as the checks read it."""
        return Key(base64.b64decode(self.public_key), base64.b64decode(self.certificate))

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the public key."""
        return signing.fingerprint(self.key.public)

    def as_json(self) -> dict[str, str]:
        """Return what is published of it."""
        return {
            "key_id": self.key_id,
            "algorithm": signing.ALGORITHM,
            "public_key": self.public_key,
            "fingerprint_sha256": self.fingerprint,
            "certificate": self.certificate,
            "first_used_at": self.first_used_at.isoformat(),
        }


class PassportQuerySet(FrozenQuerySet):
    """Questions about many passports."""

    def visible_to(self, user: Any) -> "PassportQuerySet":
        """Return the passports of tactics that the person may know of."""
        return self.filter(rating__tactic__in=Tactic.objects.visible_to(user))


class Passport(FrozenModel):
    """A tactic as rated on one day, signed. One for each rating and day; the PDF lies in the vault."""

    vault_fields = ("pdf_sha256",)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="passports")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="passports")
    day = models.DateField()
    sealed = models.TextField()  # the JSON file, byte for byte
    sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[models.Manager[Any]] = PassportQuerySet.as_manager()

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (models.UniqueConstraint(fields=("rating", "day"), name="tactics_passport_one_a_day"),)

    def __str__(self) -> str:
        return f"{self.rating.tactic}, {self.day:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("passport-detail", args=[self.public_id])

    @property
    def document(self) -> dict[str, Any]:
        """Return what it says."""
        found: dict[str, Any] = json.loads(self.sealed)["passport"]
        return found
