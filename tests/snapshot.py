"""The test database as migrations left it, put back after each test that commits.

Django would empty every table instead: that takes the reference rows with it, and the triggers of the frozen tables
refuse it, as they should.
"""

import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection, connections


def take(place: Path) -> None:
    """Keep the database as it is now."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(place / "snapshot.sqlite3") as copy:
            connection.connection.backup(copy)
        copy.close()
    else:
        _postgresql(f'CREATE DATABASE "{_kept()}" TEMPLATE "{_name()}"')


def lend(place: Path, folder: Path) -> None:
    """Give a registry of its own in `folder` the migrated database, where there is one: migrating takes a while."""
    if (kept := place / "snapshot.sqlite3").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, folder / "registry.sqlite3")


def restore(place: Path) -> None:
    """Put it back. On SQLite through its own locks, so that a worker that still has it open sees the change."""
    if connection.vendor == "sqlite":
        connection.close()
        original = sqlite3.connect(place / "snapshot.sqlite3")
        target = sqlite3.connect(_name(), timeout=30)
        original.backup(target)
        target.close()
        original.close()
    else:
        _postgresql(
            f'DROP DATABASE "{_name()}" WITH (FORCE)', f'CREATE DATABASE "{_name()}" TEMPLATE "{_kept()}"'
        )


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _kept() -> str:
    return f"{_name()}_kept"


def _postgresql(*statements: str) -> None:
    connections.close_all()
    given = connection.settings_dict
    with (
        psycopg.connect(host=given["HOST"], user=given["USER"], dbname="postgres", autocommit=True) as server,
        server.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)


def worker_database_url() -> str:
    """Return DATABASE_URL for a process of its own that is to use the test database."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{_name()}"

    given = connection.settings_dict
    return f"postgresql://{given['USER']}@{quote(given['HOST'], safe='')}/{_name()}"
