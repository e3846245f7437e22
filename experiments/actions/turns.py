"""Registrations and amendments come one after another: each knows of those before it."""

from django.db import connection

_LOCK = 0x54524E4F  # "TRNO": one at a time on PostgreSQL; SQLite has one writer anyway


def wait() -> None:
    """Wait until nobody else registers or amends; the turn ends with the transaction.

    Before any row is locked: a trial that names another waits for that one's row, and the other may be waiting too.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
