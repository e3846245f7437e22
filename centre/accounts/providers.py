"""The organisations whose own sign-in lets people in, as the environment names them."""

import json
import re
from typing import Any

from centre import env

_ID = re.compile(r"[a-z0-9-]{1,40}")
_NEEDED = ("id", "name", "issuer", "client_id", "client_secret")


def from_environment() -> list[dict[str, str]]:
    """Return each provider's id, name, issuer, client_id, client_secret and force ("" for people of any)."""
    many = env.text("OIDC_PROVIDERS")
    if many:
        return [_checked(one) for one in _list(many)]
    if not (issuer := env.text("OIDC_ISSUER")):
        return []
    return [
        _checked(
            {
                "id": "organisation",
                "name": env.text("OIDC_NAME") or "your organisation",
                "issuer": issuer,
                "client_id": env.required("OIDC_CLIENT_ID", "OIDC_ISSUER is set."),
                "client_secret": env.required("OIDC_CLIENT_SECRET", "OIDC_ISSUER is set."),
                "force": env.text("OIDC_FORCE"),
            }
        )
    ]


def _list(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise env.BadEnvironment(f"OIDC_PROVIDERS is no JSON: {error}. See .env.example.") from error
    if not isinstance(found, list):
        raise env.BadEnvironment("OIDC_PROVIDERS must be a list of objects. See .env.example.")
    return found


def _checked(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(given.get(name) for name in _NEEDED):
        raise env.BadEnvironment(f"Each provider of OIDC_PROVIDERS needs {', '.join(_NEEDED)}.")
    if not _ID.fullmatch(str(given["id"])):
        raise env.BadEnvironment(f"A provider's id is of a-z, 0-9 and -, not {given['id']!r}.")
    known = {name: str(given.get(name, "")) for name in (*_NEEDED, "force")}
    return {**known, "issuer": known["issuer"].rstrip("/")}


def for_allauth(providers: list[dict[str, str]]) -> dict[str, Any]:
    """Return the same as django-allauth reads it."""
    apps = [
        {
            "provider_id": one["id"],
            "name": one["name"],
            "client_id": one["client_id"],
            "secret": one["client_secret"],
            "settings": {"server_url": one["issuer"], "force": one["force"], "oauth_pkce_enabled": True},
        }
        for one in providers
    ]
    return {"openid_connect": {"APPS": apps}}
