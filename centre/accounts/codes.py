"""Codes of an authenticator app, each accepted once, and recovery codes, kept as hashes once they were shown."""

import hashlib
import secrets
import time

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from centre.models import User

LAST_STEP = "last_step"
# What django-allauth calls codes that came from elsewhere: a list, from which a code goes as it is used.
LISTED, SALT = "migrated_codes", "salt"


@transaction.atomic
def accept(user: User, code: str) -> Authenticator | None:
    """Use up a code: return what it belongs to, or None where it is wrong or was used before.

    The step of the last code stands in the row, under its lock, so a code is accepted once by however many processes
    and whatever becomes of a cache.
    """
    factors = Authenticator.objects.select_for_update().filter(user=user)
    app = factors.filter(type=Authenticator.Type.TOTP).first()
    if app and _is_next_of(app, code):
        return app
    recovery = factors.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    return recovery if recovery and recovery.wrap().validate_code(_as_kept(recovery, code)) else None


@transaction.atomic
def seal(recovery: Authenticator) -> None:
    """The codes have been shown: from now on nobody can read them, only try one."""
    recovery = Authenticator.objects.select_for_update().get(pk=recovery.pk)
    if SALT in recovery.data:
        return
    unused = recovery.wrap().get_unused_codes()
    recovery.data[SALT] = secrets.token_hex(16)
    recovery.data[LISTED] = [encrypt(_as_kept(recovery, code)) for code in unused]
    del recovery.data["seed"]
    recovery.save(update_fields=["data"])


def _as_kept(recovery: Authenticator, code: str) -> str:
    """Return the code, or its hash where hashes are kept: eight digits alone would soon be found from a fast one."""
    if (salt := recovery.data.get(SALT)) is None:
        return code
    return hashlib.scrypt(code.strip().encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=5).hex()


def use_up_step(app: Authenticator) -> None:
    """The code that set the app up opens nothing more."""
    app.data[LAST_STEP] = _step()
    app.save(update_fields=["data"])


def _is_next_of(app: Authenticator, code: str) -> bool:
    step = _step()
    expected = format_hotp_value(hotp_value(decrypt(app.data["secret"]), step))
    if step <= app.data.get(LAST_STEP, -1) or not compare_user_code(actual=code, expected=expected):
        return False
    use_up_step(app)
    return True


def _step() -> int:
    return int(time.time()) // app_settings.TOTP_PERIOD
