"""`manage.py replicate RELEASE`: compute a published release again from its plan and data, and compare every number.

Exit 0: all the same; 3: something differs, each number with its JSON pointer; 2: it cannot be done, with why.
"""

import os
import sys
import uuid
from pathlib import Path
from typing import Any, NoReturn

# The same bytes everywhere need the same number of BLAS threads; only works before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from django.core.management.base import BaseCommand, CommandParser

from centre.canonical import document_json
from centre.errors import Refusal
from experiments.actions import verifications
from experiments.analysis import Verified
from experiments.models import Release, Verification

CANNOT, DIFFERS = 2, 3
_EXITS = {
    Verification.Verdict.SAME: 0,
    Verification.Verdict.DIFFERS: DIFFERS,
    Verification.Verdict.NOT_DONE: CANNOT,
}


class Command(BaseCommand):
    """Compute one release again. What came of it is kept, and shown beside the release."""

    help = "Compute a published release again and compare every number with what is published."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the release, and how to answer."""
        parser.add_argument("release", help="the id of the release, as its address has it")
        parser.add_argument("--json", action="store_true", help="print what came of it as JSON")
        parser.add_argument(
            "--inputs",
            type=Path,
            metavar="FOLDER",
            help="also write data.csv and registered.json into this folder, for who was granted the data",
        )
        parser.add_argument("--out", type=Path, help="also write verification.json into this folder")

    def handle(self, *args: Any, release: str, json: bool, **options: Any) -> None:
        """Compute and compare."""
        found = self._release(release)
        try:
            _, done = verifications.verify(release=found, progress=self._tell)
        except Refusal as refusal:
            self._stop(refusal.message)
        document = document_json(done.as_json())
        if options["out"] is not None:
            self._write("--out", options["out"], {"verification.json": document})
        if options["inputs"] is not None and done.verdict != Verification.Verdict.NOT_DONE:
            made = verifications.inputs(release=found)
            files = {"data.csv": made.data_csv, "registered.json": made.registered_json}
            self._write("--inputs", options["inputs"], files)
        self.stdout.write(document.decode() if json else "\n".join(_lines(done)), ending="" if json else "\n")
        if done.verdict == Verification.Verdict.NOT_DONE:
            self.stderr.write(done.reason)
        if code := _EXITS[done.verdict]:
            sys.exit(code)

    def _release(self, text: str) -> Release:
        try:
            return Release.objects.for_verification().get(public_id=uuid.UUID(text))
        except ValueError:
            self._stop(f"“{text}” is not the id of a release: copy it from the address of its page")
        except Release.DoesNotExist:
            self._stop(f"There is no release {text}")

    def _write(self, option: str, folder: Path, files: dict[str, bytes]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            self._stop(f"{option}: cannot write to '{folder}': {error.strerror}")

    def _stop(self, why: str) -> NoReturn:
        self.stderr.write(why)
        sys.exit(CANNOT)

    def _tell(self, fraction: float, words: str) -> None:
        self.stderr.write(f"{100 * fraction:3.0f} % {words}")


def _lines(done: Verified) -> list[str]:
    if done.verdict == Verification.Verdict.NOT_DONE:
        return ["COULD NOT BE DONE"]
    image = "bit for bit, on the same image" if done.is_same_image else "to 1e-09 of each, on another image"
    found = []
    for one in done.differences:
        size = "" if one.relative is None else f" (relative {one.relative:.2g})"
        shown = (
            "" if one.published is one.again is None else f": published {one.published!r}, now {one.again!r}"
        )
        found.append(f"{one.pointer}{shown}{size}")
    return [
        f"{done.n_numbers} numbers computed again with engine {done.engine_version} and compared {image}.",
        *found,
        "DIFFERS" if done.differences else "SAME",
    ]
