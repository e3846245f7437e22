"""The registry's own settings, on private and temporary places: no test touches the .local of the checkout.

Set before the settings are read, so that worker processes which a test starts (with DJANGO_SETTINGS_MODULE=
centre.settings) inherit the same places from the environment.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import postgres

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
if TEST_DATABASE not in ("sqlite", "postgres"):
    raise RuntimeError(f"TEST_DATABASE is sqlite or postgres, not {TEST_DATABASE!r}")

# Short, because a unix socket's path may have 107 characters; one level of it belongs to the server's user.
PLACE = Path(tempfile.mkdtemp(prefix="tr-", dir="/tmp"))
PLACE.chmod(0o711)
_OWNER = os.getpid()


def _remove() -> None:
    if os.getpid() == _OWNER:  # a forked child must not tidy up for its parent
        shutil.rmtree(PLACE, ignore_errors=True)


atexit.register(_remove)

for _name in (
    "DATABASE_URL",
    "SECRET_KEY",
    "PASSPORT_SECRET",
    "PSEUDONYM_SECRET",
    "ACCESS_MONTHS",
    "PUBLIC_ADDRESS",
    "ALLOWED_HOSTS",
    "VAULT_BACKEND",
    "VAULT_DIR",
    "STATIC_ROOT",
    "DEBUG",
    "EMAIL_HOST",
    "MFA_REQUIRED",
    "NUM_PROXIES",
    "OIDC_ISSUER",
    "OIDC_PROVIDERS",
    "SECRET_KEY_FALLBACKS",
    "BREACHED_PASSWORDS",
    "WEBHOOK_HOSTS",
):
    os.environ.pop(_name, None)
os.environ["EMBEDDED"] = "1"
os.environ["LOCAL_DIR"] = str(PLACE / "local")
os.environ["REDIS_URL"] = f"unix://{PLACE / 'redis' / 'redis.sock'}"
if TEST_DATABASE == "postgres":
    os.environ["DATABASE_URL"] = postgres.start(PLACE / "pg")

from centre.settings import *  # noqa: E402
from centre.settings import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {
    "NAME": "test_registry" if TEST_DATABASE == "postgres" else str(PLACE / "test.sqlite3")
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Fast, because a hundred tests sign in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The throttles count in this process: a test without Redis must not wait for it.
READ_ONLY_LOOK_SECONDS = 10**6  # the conftest says that it is not, and no page asks once more
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
