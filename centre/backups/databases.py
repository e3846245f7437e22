"""The database as one file, and back: SQLite by its own copying, PostgreSQL by pg_dump and pg_restore."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from centre import audit
from centre.errors import Refusal


class ToolFailed(Refusal):
    """pg_dump or pg_restore is missing, or says that it could not."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database held at the moment of the copy."""

    events: int
    head: str
    tables: dict[str, int]


def file_name() -> str:
    """Return what the copy is called."""
    return "database.sqlite3" if connection.vendor == "sqlite" else "database.dump"


def copy(target: Path) -> Facts:
    """Copy the database of one moment, while others go on writing, and say what it held."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(target)) as made:
            connection.connection.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            made.commit()
            return _facts(made.cursor())
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _tool(
            "pg_dump",
            "--format=custom",
            f"--snapshot={snapshot}",
            "--no-owner",
            "--no-privileges",
            f"--file={target}",
        )
        return _facts(cursor)


def is_empty() -> bool:
    """Return whether there is no table yet."""
    return not connection.introspection.table_names()


def empty() -> None:
    """Take everything away."""
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        connection.close()
        for leftover in (name, f"{name}-wal", f"{name}-shm"):
            Path(leftover).unlink(missing_ok=True)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def load(source: Path) -> None:
    """Fill the empty database from a copy."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as kept:
            kept.backup(connection.connection)
        connection.close()
        return
    connection.close()
    _tool("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--jobs=2", source)


def _facts(cursor: Any) -> Facts:
    """Read by plain SQL, from the copy itself or in the very transaction that it was made of."""
    tables = {}
    for table in sorted(connection.introspection.table_names()):
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  our own tables' names
        tables[table] = cursor.fetchone()[0]
    cursor.execute("SELECT hash FROM centre_auditevent ORDER BY id DESC LIMIT 1")
    last = cursor.fetchone()
    return Facts(tables["centre_auditevent"], last[0] if last else audit.GENESIS, tables)


def _tool(name: str, *arguments: str | Path) -> None:
    given = connection.settings_dict
    told = {
        "PGHOST": given["HOST"],
        "PGPORT": given["PORT"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "PGSSLMODE": given["OPTIONS"].get("sslmode"),
        "PGSSLROOTCERT": given["OPTIONS"].get("sslrootcert"),
    }
    environment = {**os.environ, **{key: str(value) for key, value in told.items() if value}}
    command = [_found(name), "--dbname", str(given["NAME"]), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolFailed(f"{name} could not do it: {done.stderr.strip()[-500:]}")


def _found(name: str) -> str:
    """Return where a tool of PostgreSQL is: where the settings say, on the path, or where Debian keeps the newest."""
    for place in _places():
        if found := shutil.which(name, path=place):
            return found
    raise ToolFailed(
        f"{name} is not installed: install Debian's postgresql-client, or name its folder in POSTGRES_BIN."
    )


def _places() -> Iterator[str]:
    if settings.POSTGRES_BIN:
        yield settings.POSTGRES_BIN
        return
    yield os.environ.get("PATH", os.defpath)
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(map(str, folders), key=lambda folder: float(Path(folder).parent.name), reverse=True)
