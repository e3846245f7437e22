"""Say how good an archive of street files is, before anybody relies on it: one JSON document on standard output.

Needs no database. Exit 0: every file could be used, whatever was found; 2: the archive is refused, with the problems on
standard error, one a line.
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from centre.hub import areas as lookups
from centre.hub import force_names
from centre.hub.archives import ArchiveRefused
from centre.hub.areas import Areas, LookupRefused
from centre.hub.examination import examine

REFUSED = 2


class Command(BaseCommand):
    """``manage.py examine_archive surrey.tar.gz [--areas lookup.csv.gz --districts districts.csv]``."""

    help = (
        "Print counts, findings and scorecards of an archive of data.police.uk (folder, zip or tar) as JSON."
    )
    requires_system_checks: list[str] = []  # starts fast, needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the archive, and what is known of areas."""
        parser.add_argument("archive", type=Path, help="a folder, .zip, .tar or .tar.gz")
        parser.add_argument(
            "--areas", type=Path, help="the ONS lookup of LSOAs 2011 to 2021 to districts, CSV or CSV in gzip"
        )
        parser.add_argument(
            "--districts",
            type=Path,
            help="the ONS table of recorded crime by community safety partnership, CSV",
        )

    def handle(self, **options: Any) -> None:
        """Read, judge, print."""
        try:
            found = examine(
                options["archive"],
                areas=_areas(options["areas"], options["districts"]),
                forces=force_names.known(),
                tell=self.stderr.write,
            )
        except ArchiveRefused as refusal:
            self._end(refusal.problems)
        except LookupRefused as refusal:
            self._end([f"--areas or --districts: {refusal}"])
        except OSError as error:
            self._end([f"cannot read '{error.filename}': {error.strerror}"])
        else:
            self.stdout.write(json.dumps(found.as_json(), ensure_ascii=False, allow_nan=False))

    def _end(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        sys.exit(REFUSED)


def _areas(lookup: Path | None, districts: Path | None) -> Areas | None:
    if lookup is None:
        return None
    return lookups.read(lookup.read_bytes(), districts.read_bytes() if districts else None)
