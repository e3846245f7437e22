"""The clock of the timetable, which says that it goes."""

import logging
import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, connection

from centre import heartbeats

log = logging.getLogger(__name__)

_EVERY_SECONDS = 10


class Scheduler(PersistentScheduler):
    """Celery's own, whose every look is seen in the database: a clock that stands still raises an alarm."""

    _said_at = float("-inf")

    def tick(self, *args: Any, **options: Any) -> Any:
        """Say so, and send what is due."""
        if time.monotonic() - self._said_at > _EVERY_SECONDS:
            self._said_at = time.monotonic()
            try:
                heartbeats.heard("beat")
            except DatabaseError as error:
                log.warning("The clock could not say that it goes: %s", error)
            finally:
                connection.close()
        return super().tick(*args, **options)
