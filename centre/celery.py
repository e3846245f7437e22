"""Celery's app. Imported by `CentreConfig.ready`, never by `centre/__init__.py`."""

import logging
import os
import resource

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # one BLAS thread: the same data must give the same bytes

import time  # noqa: E402
from typing import Any  # noqa: E402

import structlog  # noqa: E402
from celery import Celery, Task, signals  # noqa: E402
from celery.exceptions import Ignore  # noqa: E402
from django.conf import settings  # noqa: E402


class WritingTask(Task):
    """A task that leaves everything as it is while the registry is read-only: the sweeper asks for its run again."""

    _GOES_ON = ("centre.sweep_runs",)  # it looks for itself, and says that it was here

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Work, or do not."""
        from centre import read_only

        if self.name not in self._GOES_ON and read_only.reason():
            raise Ignore
        about = {"task": self.name} | ({"run_id": str(args[0])} if args else {})
        with structlog.contextvars.bound_contextvars(**about):  # on every line that is logged meanwhile
            return super().__call__(*args, **options)


log = logging.getLogger(__name__)
app = Celery("centre", task_cls=WritingTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_process_init.connect
def limit_memory(**_: object) -> None:
    """Let work that wants too much memory fail by itself, before the kernel chooses whom to kill."""
    limit = settings.RUN_MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


_EVERY_SECONDS = 10
_said_at = float("-inf")


@signals.heartbeat_sent.connect
def say_so(sender: Any, **_: object) -> None:
    """Say in the database too that the worker lives. The connection is closed: processes are forked from this one."""
    global _said_at
    from django.db import DatabaseError, connection

    from centre import heartbeats

    if time.monotonic() - _said_at < _EVERY_SECONDS:
        return
    _said_at = time.monotonic()
    try:
        heartbeats.heard(f"worker {sender.eventer.hostname}")
    except DatabaseError:
        log.warning("The worker could not say that it lives.", exc_info=True)
    finally:
        connection.close()


@signals.worker_shutdown.connect
def say_goodbye(sender: Any, **_: object) -> None:
    """Take the worker off the list: it ends because it was told to."""
    from django.db import DatabaseError, connection

    from centre import heartbeats

    try:
        heartbeats.gone(f"worker {sender.hostname}")
    except DatabaseError:
        log.warning("The worker could not say that it ends.", exc_info=True)
    finally:
        connection.close()
