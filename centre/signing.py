"""The Centre's key: it signs what leaves as a document, and anybody can check it with the public part. Pure.

The private key is made of a secret, as Ed25519 makes it of 32 bytes; only its public part is ever kept or shown. A new
secret is a new key with a new id: what the old one signed still names the old one.
"""

import base64
import binascii
import datetime as dt
import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

ALGORITHM = "Ed25519"
SHORTEST = 50  # characters of a secret
# The certificate only carries the key into a PDF: it names nobody's authority, so its dates are those of no promise.
_FROM, _TO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2076, 1, 1, tzinfo=dt.UTC)


class BadSecret(ValueError):
    """The secret is too short to be one."""


def private_key(secret: str) -> Ed25519PrivateKey:
    """Return the key of a secret.

    Raises
    ------
    BadSecret : fewer than 50 characters.
    """
    if len(secret) < SHORTEST:
        raise BadSecret(f"A secret has at least {SHORTEST} random characters")
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"document key\n{secret}".encode()).digest())


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the public part of a key: 32 bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint(public: bytes) -> str:
    """Return the SHA-256 of a public key, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def key_id(public: bytes) -> str:
    """Return the short name of a key: the start of its fingerprint."""
    return fingerprint(public)[:16]


def sign(key: Ed25519PrivateKey, message: bytes) -> str:
    """Return the signature of a message in base64. The same message has the same one."""
    return base64.b64encode(key.sign(message)).decode()


def holds(public: bytes, message: bytes, signature: str) -> bool:
    """Return whether a signature in base64 is that of the message, spelt in its one way."""
    try:
        raw = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return base64.b64encode(raw).decode() == signature


def certificate(key: Ed25519PrivateKey, name: str) -> bytes:
    """Return a self-signed certificate of the key, as DER: the same bytes every time."""
    public = public_bytes(key)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, key_id(public)),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int(key_id(public), 16) or 1)
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, None).public_bytes(Encoding.DER)
