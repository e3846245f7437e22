"""Where this registry runs, in which of its two ways, and the secrets it was given."""

import os
from pathlib import Path

from centre import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = Path(env.text("LOCAL_DIR", str(BASE_DIR / ".local"))).resolve()

EMBEDDED = env.flag(
    "EMBEDDED", default=not any(os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"))
)
DEBUG = env.flag("DEBUG", default=False)

if EMBEDDED:
    SECRET_KEY = env.text("SECRET_KEY") or env.local_secret(LOCAL_DIR / "secret_key")
    ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", "testserver"))
    DATABASE_URL = env.text("DATABASE_URL")
    REDIS_URL = env.text("REDIS_URL")
else:
    SECRET_KEY = env.required("SECRET_KEY", "Set it to at least 50 random characters.")
    ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS")
    if not ALLOWED_HOSTS:
        raise env.BadEnvironment(
            "ALLOWED_HOSTS is not set. Name the hosts that serve the registry. See .env.example."
        )
    DATABASE_URL = env.required(
        "DATABASE_URL", "Name the PostgreSQL database: postgresql://user:password@host/name."
    )
    REDIS_URL = env.required("REDIS_URL", "Name the Redis server: redis://host:6379/0.")

# Passports: a signed PDF and JSON of a rating. The secret makes the Centre's key; a new secret is a new key, and the
# old public key stays published. Without a secret, production issues none.
PASSPORT_SECRET = env.text("PASSPORT_SECRET") or (
    env.local_secret(LOCAL_DIR / "passport_secret") if EMBEDDED else ""
)
# Restricted data: the keys of the trials' pseudonyms are made of the secret, which no database holds. Without it,
# production grants no access. No grant lasts longer than the months.
PSEUDONYM_SECRET = env.text("PSEUDONYM_SECRET") or (
    env.local_secret(LOCAL_DIR / "pseudonym_secret") if EMBEDDED else ""
)
ACCESS_MONTHS = env.integer("ACCESS_MONTHS", default=12)
# Where people find this registry: in what is signed and printed, where no request says it.
PUBLIC_ADDRESS = (
    env.text("PUBLIC_ADDRESS") or ("http://localhost:8123" if EMBEDDED else f"https://{ALLOWED_HOSTS[0]}")
).rstrip("/")

# Whom people write to about their data, on the privacy page.
PRIVACY_CONTACT = env.text("PRIVACY_CONTACT")

CODE_VERSION = "0.1.0"
REGISTRY_PREFIX = "CPP"
