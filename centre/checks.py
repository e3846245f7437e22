"""What `manage.py check --deploy` asks of the places that the settings name: nothing crosses a network in the clear."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register

_HERE = ("", "localhost", "127.0.0.1", "::1")


@register(Tags.security, deploy=True)
def connections_are_private(**_: Any) -> list[CheckMessage]:
    """Return what would be readable on its way."""
    return [Warning(words, hint=hint, id=number) for number, words, hint in _open()]


@register(Tags.security, deploy=True)
def breached_passwords_are_known(**_: Any) -> list[CheckMessage]:
    """Return a word where no file of passwords from breaches is named."""
    if settings.BREACHED_PASSWORDS:
        return []
    return [
        Info(
            "Passwords known from breaches are refused only where they are among Django's 20,000.",
            hint="Name a file in BREACHED_PASSWORDS (docs/accounts.md).",
            id="centre.I001",
        )
    ]


def _open() -> Iterator[tuple[str, str, str]]:
    database = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    mode = database.get("OPTIONS", {}).get("sslmode")
    if database["ENGINE"].endswith("postgresql") and not _is_here(host) and mode != "verify-full":
        yield (
            "centre.W001",
            f"PostgreSQL on {host} is reached without a checked certificate.",
            "Use a socket, or add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL.",
        )
    redis = urlsplit(settings.REDIS_URL)
    is_unchecked = "none" in parse_qs(redis.query).get("ssl_cert_reqs", [])
    is_elsewhere = redis.scheme.startswith("redis") and not _is_here(redis.hostname or "")
    if is_elsewhere and (redis.scheme != "rediss" or is_unchecked):
        yield (
            "centre.W002",
            f"Redis on {redis.hostname} is reached without a checked certificate.",
            "Use unix:///path?db=0, or rediss:// with ?ssl_cert_reqs=required&ssl_ca_certs=FILE.",
        )
    if settings.EMAIL_HOST and not settings.EMAIL_USE_TLS and not _is_here(settings.EMAIL_HOST):
        yield ("centre.W003", "Links go to the mail server in the clear.", "Set EMAIL_USE_TLS=1.")
    for one in settings.SINGLE_SIGN_ON:
        issuer = urlsplit(one["issuer"])
        if issuer.scheme != "https" and not _is_here(issuer.hostname or ""):
            yield (
                "centre.W004",
                f"The provider {one['name']} is asked without https.",
                "Correct its issuer.",
            )


def _is_here(host: str) -> bool:
    return host in _HERE or host.startswith("/")
