"""What gunicorn does wherever it is started from this folder: in the container, by `make run`, in the measurements."""

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Settle the memory of a process that is about to answer."""
    from centre.memory import settle

    settle()
