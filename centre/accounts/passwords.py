"""Passwords that are too easy to guess here: made of words of the context, or known from breaches elsewhere."""

import hashlib
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from centre.models import Force

_LEFT = 8  # letters that a password has besides such words
_LONGEST_LINE = 64  # a hash of 40 letters, and a count


class OfTheContext:
    """Refuses a password of which little is left without the words that anybody would guess first."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise, where it is made of such words, digits and signs."""
        left = re.sub(r"[\W\d_]", "", password).lower()
        for word in sorted(words(), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < _LEFT:
            raise ValidationError(
                "This password is made of words that others here would guess. Add words of your own",
                code="password_of_the_context",
            )

    def get_help_text(self) -> str:
        """Return what a form says of it."""
        return "Do not make it of words of the registry, of posts or of forces alone."


def words() -> set[str]:
    """Return the words of the context: those of the settings, and those of the forces' names."""
    named = " ".join(Force.objects.values_list("name", flat=True)).lower()
    return {*settings.PASSWORD_CONTEXT_WORDS, *re.findall(r"[a-z]{4,}", named)}


class Breached:
    """Refuses a password whose hash is in the operator's file of breaches; nobody is asked about it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise, where it is there."""
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if settings.BREACHED_PASSWORDS and _is_in(Path(settings.BREACHED_PASSWORDS), digest.encode()):
            raise ValidationError(
                "This password is known from a breach of another service. Choose another",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        """Return what a form says of it."""
        return "It must not be known from a breach of another service."


def _is_in(file: Path, digest: bytes) -> bool:
    """Return whether a line of the sorted file begins with the digest, by halving: the file has many gigabytes."""
    with file.open("rb") as source:
        low, high = 0, source.seek(0, 2)
        while high - low > _LONGEST_LINE:
            middle = (low + high) // 2
            source.seek(middle)
            source.readline()  # the rest of a line
            if (line := source.readline()) and line[:40].upper() < digest:
                low = middle
            else:
                high = middle
        source.seek(max(low - _LONGEST_LINE, 0))
        around = source.read(5 * _LONGEST_LINE).upper()
    return any(line.startswith(digest) for line in around.splitlines())
