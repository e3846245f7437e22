"""Which addresses the registry calls: https, a host that the operator allows, and only on the public internet.

Asked when a webhook is made and again before each message, because a name may lead elsewhere by then.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

PORT = 443
LONGEST = 500
NOT_ALLOWED = "Address not allowed"
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Networks behind which an address of the inside can be written as one of the outside.
_TRANSLATED = tuple(
    ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class NotAllowed(ValueError):
    """The registry does not call this address; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: the host by name, what is asked for, and the one address that is connected to."""

    host: str
    path: str
    ip: str


def place_of(url: str) -> Place:
    """Return where a URL leads now; the caller connects to that address and looks up no other."""
    host, path = _read(url)
    return Place(host, path, _looked_up(host))


def _read(url: str) -> tuple[str, str]:
    """Return host and path of a URL of the one form that is taken."""
    if len(url) > LONGEST or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise NotAllowed(f"it has spaces, letters outside ASCII, or more than {LONGEST} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed("it is no URL") from None
    host = (parts.hostname or "").lower()
    if parts.scheme != "https":
        raise NotAllowed("it must begin with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotAllowed("it must hold no name, password or fragment")
    if port not in (None, PORT):
        raise NotAllowed(f"only port {PORT} is called")
    if not _HOST.fullmatch(host):
        raise NotAllowed("its host must be a name like hooks.example.org")
    if not _is_allowed(host):
        raise NotAllowed("the Centre has not allowed this host: ask the registrar")
    return host, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def _is_allowed(host: str) -> bool:
    """Return whether the operator named the host, or, with a dot before it, the domain it is in."""
    return any(host == one or (one.startswith(".") and host.endswith(one)) for one in settings.WEBHOOK_HOSTS)


def _looked_up(host: str) -> str:
    """Return the first of its addresses, if all of them are public: one that is not tells of a trick."""
    try:
        found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except OSError:
        raise NotAllowed("its host is not found") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_public(one) for one in addresses):
        raise NotAllowed("its host is not on the public internet")
    return addresses[0]


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet's: not private, local, reserved or translated."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
