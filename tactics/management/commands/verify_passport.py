"""`manage.py verify_passport FILE`: whether a passport, PDF or JSON, is what the Centre signed; 0 for yes, 3 for no."""

import base64
import binascii
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tactics.passport import Key
from tactics.passport_check import check, published_keys, recorded

FALSE = 3  # the exit status of a file that is not what it says


class Command(BaseCommand):
    """Check a passport. Without --keys, against the keys and the record of this registry."""

    help = "Says TRUE or FALSE of an evidence passport, and why. Exit status 0 or 3."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and perhaps a copy of the published keys."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--keys",
            type=Path,
            help="a copy of /.well-known/passport-keys.json: the signature alone is checked",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say."""
        raw = _read(options["file"])
        keys = _keys(_read(options["keys"])) if options["keys"] else published_keys()
        found = check(raw, keys)
        if not found.holds:
            self._false(found.why)
        if options["keys"]:
            self.stdout.write(f"TRUE: {found.why}, with key {found.key_id}.")
            return
        passport = recorded(raw)
        if passport is None:
            self._false("The signature holds, but no passport with these bytes is on record here")
        else:
            newer = "" if passport.rating.is_current else " A newer rating exists."
            self.stdout.write(
                f"TRUE: {found.why}, with key {found.key_id}: “{passport.rating.tactic.name}”, "
                f"issued {passport.day:%-d %B %Y}.{newer}"
            )

    def _false(self, why: str) -> None:
        self.stdout.write(f"FALSE: {why}.")
        sys.exit(FALSE)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _keys(raw: bytes) -> dict[str, Key]:
    try:
        return {
            one["key_id"]: Key(
                base64.b64decode(one["public_key"], validate=True),
                base64.b64decode(one["certificate"], validate=True),
            )
            for one in json.loads(raw)["keys"]
        }
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise CommandError("The keys are no copy of /.well-known/passport-keys.json") from error
