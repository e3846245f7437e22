"""What gunicorn does wherever it is started from this folder: in the container, by `make run`, in the measurements."""

import os
import shutil
import tempfile
from typing import Any

# Before the application is read: the processes count requests in files of one folder, and each can tell of all.
if os.environ.get("METRICS_TOKEN") or os.environ.get("METRICS_TOKEN_FILE"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="registry-metrics-")

# Without the query, which may hold what people search for, or a token that was put there by mistake.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'


def post_worker_init(worker: Any) -> None:
    """Settle the memory of a process that is about to answer."""
    from centre.memory import settle

    settle()


def child_exit(server: Any, worker: Any) -> None:
    """Let what an ended process counted stay in the sum."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Leave no folder behind."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)
