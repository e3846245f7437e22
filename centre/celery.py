"""Celery's app. Imported by `CentreConfig.ready`, never by `centre/__init__.py`."""

import os
import resource

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # one BLAS thread: the same data must give the same bytes

from celery import Celery, signals  # noqa: E402
from django.conf import settings  # noqa: E402

app = Celery("centre")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_process_init.connect
def limit_memory(**_: object) -> None:
    """Let work that wants too much memory fail by itself, before the kernel chooses whom to kill."""
    limit = settings.RUN_MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
