"""One message to one place: over TLS with a checked certificate, to the address that was looked up, and no further."""

import base64
import hmac
import http.client
import secrets
import socket
import ssl
import threading
import time
from typing import Any

from centre.webhooks.addresses import PORT, Place

SECONDS = 5  # for each step of it
LONGEST_SECONDS = 10  # for all of it, however slowly the receiver drips
_PREFIX = "whsec_"


class Failed(Exception):
    """The receiver did not take the message; the words say what happened, and hold nothing that it said."""


def new_secret() -> str:
    """Return a secret of 256 bits, in the form of the Standard Webhooks."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """Return the signature of a message: HMAC-SHA-256 over its id, its time and its body (Standard Webhooks 1.0)."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whose certificate must be that of the host by name."""

    def __init__(self, place: Place) -> None:
        self.context = ssl.create_default_context()
        self.ip = place.ip
        super().__init__(place.host, PORT, timeout=SECONDS, context=self.context)

    def connect(self) -> None:
        """Connect to the address; the name is looked up no second time."""
        plain = socket.create_connection((self.ip, PORT), SECONDS)
        self.sock: Any = plain
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)


def send(place: Place, *, secret: str, message_id: str, body: str) -> int:
    """Return the status of the answer, which is 2xx. Its body is not read, and a redirect is not followed.

    Raises
    ------
    Failed : no connection, no valid certificate, no answer in time, or another status.
    """
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "tactic-registry-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, message_id, now, body),
    }
    connection = _Pinned(place)
    watch = threading.Timer(LONGEST_SECONDS, _cut, (connection,))
    watch.start()
    try:
        connection.request("POST", place.path, body.encode(), headers)
        status = connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise Failed("its certificate is not valid") from error
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"no answer ({type(error).__name__})") from error
    finally:
        watch.cancel()
        connection.close()
    if 300 <= status < 400:
        raise Failed(f"it answered {status}; redirects are not followed")
    if not 200 <= status < 300:
        raise Failed(f"it answered {status}")
    return status


def _cut(connection: _Pinned) -> None:
    """End a connection whose time is over; whoever waits for it gets an error."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended by itself
            return
