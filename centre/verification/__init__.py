"""One command proves everything that is kept for ever: the log, the frozen rows, the vault, and what each app adds.

A part is a function that is given a `Report` and reads; apps name theirs in the settings (`VERIFICATION_PARTS`), so
that the Centre imports none of them.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from centre.verification.report import Finding, Report

__all__ = ["Finding", "Report", "run"]


def run(only: Sequence[str] = (), heads: Sequence[dict[str, object]] = ()) -> Iterator[Report]:
    """Prove one part after the other, all of one moment of the database, and yield what came of each.

    Parameters
    ----------
    only : the names of parts; without them, all.
    heads : published heads that somebody kept, as they were published.
    """
    with _one_moment():
        for name, place in settings.VERIFICATION_PARTS.items():
            if only and name not in only:
                continue
            report, prove = Report(name, heads=list(heads)), import_string(place)
            began = time.monotonic()
            _attempt(prove, report)
            report.seconds = time.monotonic() - began
            yield report


def _attempt(prove: Callable[[Report], None], report: Report) -> None:
    """Let a part read; rows that cannot even be read are a finding, and no reason to leave the other parts out."""
    try:
        prove(report)
    except Exception as error:
        report.find("all", f"could not be read to its end: {type(error).__name__}: {error}"[:300])


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Read the database as it was at one moment, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own would keep every writer out
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
