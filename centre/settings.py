"""One settings file, read from the environment.

Two ways to run. *Embedded* (nothing set): SQLite, a local vault, sample sign-ins, for one machine.
*Production*: DATABASE_URL, REDIS_URL, SECRET_KEY and ALLOWED_HOSTS are set; anything missing stops the
start with a hint. `.env.example` lists every name.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
import structlog

from centre import env

BASE_DIR = Path(__file__).resolve().parent.parent
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

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "centre",
    "tactics",
    "experiments",
]

MIDDLEWARE = [
    "centre.api.middleware.ApiBorder",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "centre.middleware.refusals",
]

ROOT_URLCONF = "centre.urls"
WSGI_APPLICATION = "centre.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "centre.navigation.places",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Databases. IMMEDIATE and WAL are what keep SQLite free of "database is locked" under several writers
# (docs/adr/0001).
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
else:
    LOCAL_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(LOCAL_DIR / "registry.sqlite3")}
    }
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People.
AUTH_USER_MODEL = "centre.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "my-work"
LOGOUT_REDIRECT_URL = "library-home"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

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

# Words and times.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True

# Headers. One dictionary, so that it can move to Django's own policy when Python allows Django 6.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if not EMBEDDED:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    CSRF_TRUSTED_ORIGINS = env.listed("CSRF_TRUSTED_ORIGINS")

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

# Celery: values and reasons in docs/adr/0002.
RUN_TIME_LIMIT = env.integer("RUN_TIME_LIMIT", default=600)
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", default=60)
RUN_HEARTBEAT_SECONDS = env.integer("RUN_HEARTBEAT_SECONDS", default=10)
RUN_SWEEP_SECONDS = env.integer("RUN_SWEEP_SECONDS", default=15)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2 * RUN_TIME_LIMIT,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = RUN_TIME_LIMIT - 60
CELERY_TASK_TIME_LIMIT = RUN_TIME_LIMIT
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "keep-deadlines": {
        "task": "experiments.keep_deadlines",
        "schedule": env.integer("DEADLINES_SECONDS", default=3600),
        "options": {"expires": 3600},
    },
    "sweep-runs": {
        "task": "centre.sweep_runs",
        "schedule": RUN_SWEEP_SECONDS,
        "options": {"expires": RUN_SWEEP_SECONDS},
    },
}
# Hourly, and each trial once in twelve hours: a night that was missed is made good in the morning.
CELERY_BEAT_SCHEDULE["check-trials"] = {
    "task": "experiments.check_trials",
    "schedule": 3600,
    "options": {"expires": 3600},
}
# Once a day for each published release: what was computed in the last twenty hours is not computed again.
CELERY_BEAT_SCHEDULE["verify-releases"] = {
    "task": "experiments.verify_releases",
    "schedule": env.integer("VERIFY_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# Once a month; hourly, so that a first of the month that was missed is made good.
CELERY_BEAT_SCHEDULE["request-snapshot"] = {
    "task": "experiments.request_snapshot",
    "schedule": env.integer("SNAPSHOT_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# What a worker was not told of, and what time alone changes: results that fall due, trials that grow old.
CELERY_BEAT_SCHEDULE["keep-ratings"] = {
    "task": "tactics.keep_ratings",
    "schedule": env.integer("RATINGS_SECONDS", default=3600),
    "options": {"expires": 3600},
}
if EMBEDDED:  # the sample people act by themselves; with production settings there are none
    CELERY_BEAT_SCHEDULE["advance-sample"] = {
        "task": "experiments.advance_sample",
        "schedule": 5,
        "options": {"expires": 5},
    }

# The API. Shared parts are in centre/api/; a view that names no permission lets nobody in.
API_LICENCE = "Open Government Licence v3.0"
API_REQUESTS_A_MINUTE = {
    "anonymous": env.integer("API_ANONYMOUS_PER_MINUTE", default=300),
    "person": env.integer("API_PERSON_PER_MINUTE", default=1200),
    "write": env.integer("API_WRITES_PER_MINUTE", default=60),
}
API_PART_VERSIONS = {  # what /api/v1/version/ shows, by dotted name: the Centre imports no other app
    "rules": "tactics.rating.CURRENT",
    "protocol": "experiments.protocol.SCHEMA_VERSION",
    "plan": "experiments.stats.plan.PLAN_VERSION",
    "result": "experiments.stats.results.RESULT_VERSION",
    "engine": "experiments.stats.provenance.ENGINE_VERSION",
    "allocation": "experiments.randomise.ALGORITHM_VERSION",
}
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "centre.api.schema.Operation",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "centre.api.authentication.ScopedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["centre.api.permissions.Denied"],
    "DEFAULT_THROTTLE_CLASSES": [
        "centre.api.throttling.AnonymousThrottle",
        "centre.api.throttling.PersonThrottle",
        "centre.api.throttling.WriteThrottle",
    ],
    "DEFAULT_PARSER_CLASSES": ["centre.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "centre.api.negotiation.StrictNegotiation",
    "EXCEPTION_HANDLER": "centre.api.problems.handle",
    "NUM_PROXIES": env.integer("NUM_PROXIES", default=0),  # 0: X-Forwarded-For is not believed
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "centre.ApiToken"  # noqa: S105  a model's name
MIGRATION_MODULES = {"knox": None}  # its own token table is swapped for ours
REST_KNOX = {"TOKEN_PREFIX": "treg_", "AUTH_HEADER_PREFIX": "Token", "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Tactic Registry API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Tactics, ratings with their traces, trials with versions and differences, releases, estimates and runs. "
        "Public reads need no key. A list answers `results`, and `next_page_token` until the last page. Every refusal "
        "is `application/problem+json`. What you may not know answers like what does not exist. "
        "Measures, submissions, signals and standards are not part of this version: they answer 404."
    ),
    "LICENSE": {
        "name": API_LICENCE,
        "url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["centre.api.schema.as_answered", "centre.api.deprecations.in_schema"],
    "ENUM_NAME_OVERRIDES": {
        "ForceKindEnum": "centre.models.Force.Kind",
        "DatasetKindEnum": "experiments.models.Dataset.Kind",
        "HoursBasisEnum": "tactics.models.Tactic.HoursBasis",
    },
}

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

# Logs: one line an event, with the request's id; JSON in production. Values that were sent are never logged.
_LOG_SHAPE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_LOG_SHAPE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
            if EMBEDDED
            else structlog.processors.JSONRenderer(),
            "foreign_pre_chain": _LOG_SHAPE,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    # pyHanko writes a traceback for each damaged file that it is asked to read: the answer says what is wrong.
    "loggers": {
        "pyhanko": {"level": "CRITICAL"},
        "centre": {"level": "INFO"},
        "experiments": {"level": "INFO"},
        "tactics": {"level": "INFO"},
    },
}

CODE_VERSION = "0.1.0"
REGISTRY_PREFIX = "CPP"
