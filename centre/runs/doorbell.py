"""Tells a worker that a Run waits, outside the request path.

A frozen Redis can hold a publish for many seconds, so one background thread with a bounded queue does
it. A lost ring costs only time: the sweeper publishes what nobody claimed.
"""

import logging
import os
import queue
import threading

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

_LIMIT = 1000


class _Doorbell:
    """The queue and the thread of one process; a forked child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(_LIMIT)

    def ring(self, task: str, run_id: str) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._waiting = queue.Queue(_LIMIT)
                threading.Thread(
                    target=self._serve, args=(self._waiting,), name="doorbell", daemon=True
                ).start()
        try:
            self._waiting.put_nowait((task, run_id))
        except queue.Full:
            log.warning("Too many runs wait to be announced; the sweeper will announce run %s.", run_id)

    @staticmethod
    def _serve(waiting: "queue.Queue[tuple[str, str]]") -> None:
        while True:
            task, run_id = waiting.get()
            publish(task, run_id)


def publish(task: str, run_id: str) -> bool:
    """Publish one message now, and return whether the broker took it."""
    if not current_app.conf.broker_url:
        return False
    for attempt in (1, 2):  # a pooled connection may be one to a broker that has since been restarted
        try:
            current_app.send_task(task, args=[run_id], retry=False)
        except (OperationalError, OSError) as error:
            if attempt == 2:
                log.warning("Run %s is queued; the broker could not be told: %s", run_id, error)
        else:
            return True
    return False


_doorbell = _Doorbell()


def ring(task: str, run_id: str) -> None:
    """Announce a Run in the background."""
    _doorbell.ring(task, run_id)
