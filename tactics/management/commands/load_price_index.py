"""`manage.py load_price_index FILE`: a series of prices by year, so that costs of different years can be compared."""

import csv
import hashlib
import io
from math import isfinite
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from centre import audit
from tactics.models import PriceIndex
from tactics.money import year_of
from tactics.synthesis import NotEstimable

MOST_ROWS = 500


class Command(BaseCommand):
    """Load an index of prices. The newest that was loaded is used; nothing is deleted."""

    help = "Load a price index from a CSV in UTF-8 with the columns year and index (year: 2015/16, 2015-16 or 2015)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, its source and its licence."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="who published it, and when: shown on every page")
        parser.add_argument("--licence", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, or say by line what is wrong."""
        try:
            raw = options["file"].read_bytes()
            text = raw.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read as UTF-8: {error}") from error
        series = _series(text)
        said = {name: options[name].strip() for name in ("source", "licence")}
        for name, most in (("source", 300), ("licence", 100)):
            if not 0 < len(said[name]) <= most:
                raise CommandError(f"--{name} must have from 1 to {most} characters")
        sha256 = hashlib.sha256(raw).hexdigest()
        if PriceIndex.objects.filter(sha256=sha256).exists():
            self.stdout.write("This file was loaded before; nothing has changed.")
            return
        with transaction.atomic():
            index = PriceIndex.objects.create(**said, series=series, sha256=sha256, loaded_at=timezone.now())
            audit.record("prices.loaded", subject=index, by=audit.SYSTEM, detail={"sha256": sha256})
        self.stdout.write(f"Loaded {len(series)} years, {min(series)} to {max(series)}.")


def _series(text: str) -> dict[str, float]:
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or [name.strip() for name in rows[0]] != ["year", "index"]:
        raise CommandError("line 1: the header must be year,index")
    if not 1 < len(rows) <= MOST_ROWS:
        raise CommandError(f"There must be from 1 to {MOST_ROWS - 1} years")
    series: dict[str, float] = {}
    for line, row in enumerate(rows[1:], start=2):
        year, value = _row(line, row)
        if year in series:
            raise CommandError(f"line {line}: {year} stands there twice")
        if series and (len(year) == 4) != (len(next(iter(series))) == 4):
            raise CommandError(f"line {line}: calendar years and financial years must not be mixed")
        series[year] = value
    return series


def _row(line: int, row: list[str]) -> tuple[str, float]:
    if len(row) != 2:
        raise CommandError(f"line {line}: {len(row)} fields; the header has 2")
    try:
        year, value = year_of(row[0]), float(row[1])
    except NotEstimable as refusal:
        raise CommandError(f"line {line}: {refusal.message}") from None
    except ValueError:
        raise CommandError(f"line {line}: “{row[1][:20]}” is no number") from None
    if not isfinite(value) or value <= 0:
        raise CommandError(f"line {line}: the index must be above 0")
    return year, value
