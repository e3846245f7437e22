"""What every answer must say to the browser, whatever it is an answer to."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NONE = ("default-src", "object-src", "base-uri", "frame-ancestors")
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb")
YEAR = 31_536_000


def lacking(answer: Any) -> list[str]:
    """Return what an answer should have said and did not; nothing is good."""
    return [
        *(f"{name} is {answer.get(name)!r}" for name, value in ALWAYS.items() if answer.get(name) != value),
        *_policy(answer),
        *_kind(answer),
        *_embedding(answer),
        *_keeping(answer),
        *_cookies(answer),
    ]


def _policy(answer: Any) -> Iterator[str]:
    given = answer.get("Content-Security-Policy", "")
    directives = dict(part.strip().partition(" ")[::2] for part in given.split(";"))
    yield from (f"{name} is {directives.get(name)!r}" for name in NONE if directives.get(name) != "'none'")
    if (
        "unsafe-" in given
        or directives.get("script-src") != "'self'"
        or directives.get("style-src") != "'self'"
    ):
        yield f"the policy is {given!r}"
    allowed = answer.get("Permissions-Policy", "")
    yield from (f"{feature} is not refused" for feature in FEATURES if f"{feature}=()" not in allowed)
    if answer.wsgi_request.is_secure() and settings.SECURE_HSTS_SECONDS:
        strict = answer.get("Strict-Transport-Security", "")
        if f"max-age={YEAR}" not in strict or "includeSubDomains" not in strict:
            yield f"Strict-Transport-Security is {strict!r}"


def _kind(answer: Any) -> Iterator[str]:
    """A body says what it is, text in which letters; what is no page can do nothing where it is opened by itself."""
    kind, _, more = answer.get("Content-Type", "").partition(";")
    is_text = kind.startswith("text/") or kind.endswith(("/xml", "+xml", "/javascript"))
    if (is_text and "charset=" not in more) or (not kind and not answer.streaming and answer.content):
        yield f"Content-Type is {answer.get('Content-Type')!r}"
    policy = answer.get("Content-Security-Policy", "")
    if (
        kind
        and kind not in ("text/html", "application/pdf")
        and "sandbox" not in policy.replace(";", " ").split()
    ):
        yield f"{kind} is not in a sandbox"


def _embedding(answer: Any) -> Iterator[str]:
    # What is open to scripts of every origin may be embedded by every origin; nothing else may be.
    is_open = answer.get("Access-Control-Allow-Origin") == "*"
    expected = "cross-origin" if is_open else "same-origin"
    if answer.get("Cross-Origin-Resource-Policy") != expected:
        yield f"Cross-Origin-Resource-Policy is {answer.get('Cross-Origin-Resource-Policy')!r}"
    if is_open and not answer.wsgi_request.path.startswith("/api/"):
        yield "a page is open to every origin"
    if "Access-Control-Allow-Credentials" in answer:
        yield "credentials of other origins are taken"


def _keeping(answer: Any) -> Iterator[str]:
    request, kept = answer.wsgi_request, answer.get("Cache-Control", "")
    is_named = settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META
    # The same bytes for everybody, for ever (a published file), or for everybody now (a feed, a file of the pages).
    is_for_all = "public" in kept or answer.get("Content-Type", "").startswith("application/atom+xml")
    if not kept or (is_named and "no-store" not in kept and not is_for_all):
        yield f"Cache-Control is {kept!r}"


def _cookies(answer: Any) -> Iterator[str]:
    for name, cookie in answer.cookies.items():
        if not cookie.value:  # it is taken away
            continue
        if not cookie["httponly"] or cookie["samesite"] not in ("Lax", "Strict"):
            yield f"the cookie {name} is open to scripts or to other sites"
        if settings.SESSION_COOKIE_SECURE and not (
            cookie["secure"] and name.startswith("__Host-") and cookie["path"] == "/" and not cookie["domain"]
        ):
            yield f"the cookie {name} is not bound to this host"
