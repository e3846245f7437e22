"""The registry, and beside it PostgreSQL's own COPY of the same columns through the same process.

A WSGI application for the measurement alone: no address of the registry answers a raw COPY.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from centre.wsgi import application as registry

RAW = "/raw-copy"


def application(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer the raw copy, or what the registry answers."""
    if environment["PATH_INFO"] != RAW:
        return registry(environment, start)
    start("200 OK", [("Content-Type", "text/csv")])
    return _raw()


def _raw() -> Iterator[bytes]:
    from django.db import connection

    from experiments.api.estimates import EstimateSerializer

    columns = ", ".join(EstimateSerializer().fields)
    block = bytearray()
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(
            f"COPY experiments_releasedestimate ({columns}) TO STDOUT WITH (FORMAT csv)"
        ) as copy,
    ):
        for piece in copy:
            block += piece
            if len(block) >= 256 * 1024:
                yield bytes(block)
                block.clear()
    yield bytes(block)
    connection.close()
