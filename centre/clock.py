"""The database's time, which leases, grants and embargoes are measured by.

Processes on several hosts share one database, and only its clock is the same for all of them.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone


def database_now() -> datetime:
    """Return the database server's time; on SQLite the clock is the calling process's own."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def database_today() -> date:
    """Return the day by the database's clock, where people are: what one decision is measured by."""
    return timezone.localdate(database_now())


def day_of_lists() -> date:
    """Return the same day without a query, for every list of trials asks what is past its embargo.

    How far this process's clock is off was measured when its connection was opened, at most a minute ago.
    """
    connection.ensure_connection()
    ahead: timedelta = getattr(connection, "clock_ahead", timedelta())
    return timezone.localdate(timezone.now() + ahead)


def measure(connection: Any, **_: object) -> None:
    """Note how far the database's clock is ahead of this process's own."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            connection.clock_ahead = cursor.fetchone()[0] - timezone.now()


connection_created.connect(measure)
