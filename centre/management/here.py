"""What a command does itself, here and now: a run, as a worker would, and saying why it was refused."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError

from centre import runs
from centre.errors import Refusal
from centre.models import Run
from centre.runs.engine import Work

REFUSED = 2


def carry_out(command: BaseCommand, run: Run, work: Work, *, on_failed: Callable[[Run], None]) -> Run | None:
    """Do the run's work; return the run as it ended, or None where a worker had taken it already.

    Ends the process with 2 where the work is refused, with the problems on standard error, one a line.
    """
    done = runs.execute(str(run.pk), work, on_failed=on_failed)
    if done is None:
        command.stdout.write(f"A worker took it: follow run {run.pk}")
    elif done.state != Run.State.DONE:
        for problem in done.problems or [{"message": done.error}]:
            command.stderr.write(problem["message"])
        sys.exit(REFUSED)
    return done


@contextmanager
def refusals_told(command: BaseCommand) -> Iterator[None]:
    """End the process with 2 where an action refuses, with the problems on standard error, one a line.

    Raises
    ------
    CommandError : a file cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
    except Refusal as refusal:
        for problem in refusal.shown:
            command.stderr.write(problem.message)
        sys.exit(REFUSED)
