"""How often a caller may ask: counted in fixed windows on the cache that all processes share."""

import logging
import math
import time
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.cache import cache
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads the settings that name this module

logger = logging.getLogger(__name__)


class WindowThrottle(BaseThrottle):
    """At most `settings.API_REQUESTS_A_MINUTE[scope]` requests a minute from one caller.

    One counter a window, raised by the cache's own increment, so several processes count together. If
    the cache is down, the request goes in: a broken counter must not close the library. Nor is a cache that has
    just kept one request waiting asked by the next ones.
    """

    scope: ClassVar[str]
    seconds: ClassVar[int] = 60
    pause: ClassVar[float] = 5.0  # seconds that a silent cache is left alone
    _asked_again_at: ClassVar[float] = 0.0

    def __init__(self) -> None:
        self.limit = int(settings.API_REQUESTS_A_MINUTE[self.scope])
        self.remaining = self.limit
        self.reset = self.seconds
        self.counts = False

    def caller(self, request: Request) -> str | None:
        """Return who is counted, or None where this throttle does not apply."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and return whether it is still within the limit."""
        caller = self.caller(request)
        if caller is None or time.monotonic() < WindowThrottle._asked_again_at:
            return True
        window, passed = divmod(time.time(), self.seconds)
        self.counts, self.reset = True, math.ceil(self.seconds - passed)
        key = f"throttle:{self.scope}:{caller}:{int(window)}"
        try:
            used = self._count(key)
        except Exception:
            WindowThrottle._asked_again_at = time.monotonic() + self.pause
            logger.warning("The throttle could not count: the cache does not answer", exc_info=True)
            return True
        self.remaining = max(0, self.limit - used)
        return used <= self.limit

    def _count(self, key: str) -> int:
        """Raise the counter; the first request of a window makes it, and of two at once only one does."""
        try:
            return cache.incr(key)
        except ValueError:
            cache.add(key, 0, self.seconds * 2)
            return cache.incr(key)

    def wait(self) -> float:
        """Return the seconds until the window ends."""
        return self.reset


class AnonymousThrottle(WindowThrottle):
    """Callers without a name, by address. `X-Forwarded-For` counts only behind the proxies we know of."""

    scope = "anonymous"

    def caller(self, request: Request) -> str | None:
        """Return the address."""
        return None if request.user.is_authenticated else str(self.get_ident(request))


class PersonThrottle(WindowThrottle):
    """Signed-in people, over all their tokens."""

    scope = "person"

    def caller(self, request: Request) -> str | None:
        """Return the person."""
        return str(request.user.pk) if request.user.is_authenticated else None


class WriteThrottle(PersonThrottle):
    """Signed-in people who write: each write may start long work."""

    scope = "write"

    def caller(self, request: Request) -> str | None:
        """Return the person, where they write."""
        return None if request.method in SAFE_METHODS else super().caller(request)
