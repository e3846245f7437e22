"""Celery's app. Imported by `CentreConfig.ready`, never by `centre/__init__.py`."""

import os
import resource

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # one BLAS thread: the same data must give the same bytes

from typing import Any  # noqa: E402

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
        return super().__call__(*args, **options)


app = Celery("centre", task_cls=WritingTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_process_init.connect
def limit_memory(**_: object) -> None:
    """Let work that wants too much memory fail by itself, before the kernel chooses whom to kill."""
    limit = settings.RUN_MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
