"""Wrong tries, kept as audit events that name neither the person nor the place. The one limit that stops guessing."""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from centre import audit
from centre.models import AuditEvent

OF_ONE = 10
OF_A_PLACE = 100  # whoever is tried: a whole force may sit behind one place
OF_A_FACTOR = 30  # from wherever: only somebody who knows the password gets as far as a code
PERIOD = timedelta(minutes=15)
TOO_MANY = "too_many"
MESSAGE = "Too many wrong tries. Wait 15 minutes and try again"


class Tries:
    """The wrong tries of late for one person from one place: nobody can lock a colleague out from elsewhere."""

    def __init__(self, kind: str, who: str, request: HttpRequest | None) -> None:
        place = place_of(request) if request else ""
        self.kind = kind
        self.key = hashlib.sha256(f"{who.lower()}\n{place}".encode()).hexdigest()
        self.place = _keyed(place)
        self.who = _keyed(f"{kind}\n{who}")

    def are_used_up(self) -> bool:
        """Return whether the next try is refused unread."""
        recent = AuditEvent.objects.filter(
            subject_type=self.kind, event=f"{self.kind}.refused", at__gt=timezone.now() - PERIOD
        )
        return (
            recent.filter(subject_id=self.key).count() >= OF_ONE
            or recent.filter(detail__place=self.place).count() >= OF_A_PLACE
            or (self._is_of_a_factor and recent.filter(detail__who=self.who).count() >= OF_A_FACTOR)
        )

    def count_one(self) -> None:
        """Count a wrong try."""
        detail = {"place": self.place} | ({"who": self.who} if self._is_of_a_factor else {})
        audit.record(f"{self.kind}.refused", subject=(self.kind, self.key), by=None, detail=detail)

    @property
    def _is_of_a_factor(self) -> bool:
        return self.kind != "sign-in"


def place_of(request: HttpRequest) -> str:
    """Return the address that asks: behind proxies of ours, the one that the outermost of them saw."""
    proxies = int(str(settings.REST_FRAMEWORK["NUM_PROXIES"]))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if not proxies or not forwarded:
        return str(request.META.get("REMOTE_ADDR", ""))
    seen = forwarded.split(",")
    return str(seen[-min(proxies, len(seen))]).strip()


def _keyed(text: str) -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}\n{text}".encode()).hexdigest()
