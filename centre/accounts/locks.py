"""Short secrets that must be read again, locked with a key made of SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

CannotUnlock = InvalidToken  # SECRET_KEY has changed, and the old one is not among SECRET_KEY_FALLBACKS


def lock(text: str) -> str:
    """Return the secret as a database or a queue may keep it."""
    return _locks().encrypt(text.encode()).decode()


def unlock(locked: str) -> str:
    """Return the secret."""
    return _locks().decrypt(locked.encode()).decode()


def _locks() -> MultiFernet:
    return MultiFernet([_lock(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _lock(secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"tactic-registry second factor").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
