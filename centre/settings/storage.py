"""Where rows, files and counters are kept."""

from pathlib import Path

import dj_database_url

from centre import env
from centre.settings.place import BASE_DIR, DATABASE_URL, EMBEDDED, LOCAL_DIR, REDIS_URL

# Databases. IMMEDIATE and WAL are what keep SQLite free of "database is locked" under several writers
# (docs/adr/0001).
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    # A page whose question takes longer is answered 503, so that one slow question does not take every thread. The
    # web server's entry sets it (centre/wsgi.py): workers and commands may ask for longer.
    STATEMENT_TIMEOUT_MS = env.integer("STATEMENT_TIMEOUT_MS", default=0)
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
        if STATEMENT_TIMEOUT_MS:
            DATABASES["default"]["OPTIONS"]["options"] = f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
else:
    LOCAL_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(LOCAL_DIR / "registry.sqlite3")}
    }
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files: the vault, and the pages' own assets.
VAULT_BACKEND = env.text("VAULT_BACKEND", "django.core.files.storage.FileSystemStorage")
_LOCAL_VAULT = {"location": env.text("VAULT_DIR", str(LOCAL_DIR / "vault"))}
_VAULT_OPTIONS = (
    {"bucket_name": env.required("VAULT_BUCKET", "Name the S3 bucket of the vault.")}
    if "s3" in VAULT_BACKEND
    else _LOCAL_VAULT
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": _LOCAL_VAULT},
    "vault": {"BACKEND": VAULT_BACKEND, "OPTIONS": _VAULT_OPTIONS},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(LOCAL_DIR / "static")))
if EMBEDDED:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there
STATICFILES_DIRS = [folder for folder in (BASE_DIR / "front" / "build",) if folder.exists()]
WHITENOISE_USE_FINDERS = EMBEDDED
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000  # the longest list of a protocol, in one form
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
UPLOAD_LIMIT_BYTES = env.integer("UPLOAD_LIMIT_BYTES", default=50_000_000)

# Redis is the doorbell of the runs and the counter of the throttles: pages never wait for it.
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
