"""`python -m tests.faults.dying N PERSON PLACE`: N processes that commit a run and end before they can tell of it."""

import os
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from centre import runs  # noqa: E402
from centre.models import User  # noqa: E402
from tests.faults.probe import TASK  # noqa: E402

_ENDED = 7


def die(person: int, place: Path) -> None:
    """Commit a run; the first hook after the commit ends the process, before the one that rings."""
    by = User.objects.get(pk=person)
    pids = place / f"pids-{time.monotonic_ns()}"
    pids.touch()
    with transaction.atomic():
        transaction.on_commit(lambda: os._exit(_ENDED))
        runs.submit(task=TASK, title="Probe", subject=by, by=by, params={"steps": 1, "pids": str(pids)})


def main(many: int, person: int, place: Path) -> int:
    """Start them one after the other, and return 0 where each ended as it should."""
    connection.close()
    for _ in range(many):
        child = os.fork()
        if not child:
            die(person, place)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != _ENDED:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
