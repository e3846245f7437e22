"""`manage.py restore_drill DIR`: bring the newest backup back beside the registry, prove it, say how long it took."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from centre import backups
from centre.errors import Refusal


class Command(BaseCommand):
    """Touches neither the registry's database nor its vault."""

    help = "Restore the newest backup of DIR into a scratch database and vault, verify it, and take both away again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parser.add_argument("place", type=Path, metavar="DIR")

    def handle(self, *args: Any, place: Path, **options: Any) -> None:
        """Drill."""
        try:
            folder = backups.newest(place)
        except Refusal as problem:
            raise CommandError(str(problem)) from problem
        began = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="registry-drill-") as scratch,
            _scratch_database(scratch) as url,
        ):
            environment = _environment(url, scratch)
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(folder), "--json"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        try:
            said = json.loads(done.stdout)
        except ValueError:
            raise CommandError(f"The drill failed: {done.stderr.strip()[-800:]}") from None
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in said["seconds"].items())
        checked = ", ".join(f"{number:,} {part}" for part, number in said["checked"].items())
        self.stdout.write(f"{folder}\nrestored in {took:.1f} s ({parts})\nchecked: {checked}")
        if done.returncode or not said["holds"]:
            raise CommandError(
                "DRILL FAILED: not everything came back as it was. Run restore by hand to see what."
            )
        self.stdout.write("DRILL PASSED: 100 % of the hashes verify.")


def _environment(url: str, scratch: str) -> dict[str, str]:
    """Return the environment of a registry beside this one: the same secrets, another database, a local vault."""
    elsewhere = ("DATABASE_URL_FILE", "VAULT_BACKEND", "VAULT_BACKEND_FILE", "VAULT_DIR_FILE", "READ_ONLY")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    is_embedded = "1" if settings.EMBEDDED else "0"
    return {**kept, "DATABASE_URL": url, "VAULT_DIR": f"{scratch}/vault", "EMBEDDED": is_embedded}


@contextmanager
def _scratch_database(folder: str) -> Iterator[str]:
    """Give an empty database, on the same server, and take it away."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/drill.sqlite3"
        return
    given = connection.settings_dict
    name = f"drill_{secrets.token_hex(6)}"
    who = quote(given["USER"], safe="") + (
        f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    )
    port = f":{given['PORT']}" if given["PORT"] else ""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield f"postgresql://{who}@{quote(given['HOST'], safe='')}{port}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
