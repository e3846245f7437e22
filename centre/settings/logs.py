"""One line an event."""

from typing import Any

import structlog

from centre import env
from centre.settings.place import EMBEDDED

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
