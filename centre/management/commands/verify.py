"""`manage.py verify`: prove that nothing which is kept for ever was changed; exit 1 where something was."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from centre import verification


class Command(BaseCommand):
    """Reads everything and writes nothing."""

    help = (
        "Prove the audit log, the frozen rows, the vault, registrations, allocations, analyses and releases. "
        "Exit 0: all holds. Exit 1: something does not, and each finding names it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parts = tuple(settings.VERIFICATION_PARTS)
        parser.add_argument("--only", nargs="+", choices=parts, default=(), help="these parts alone")
        parser.add_argument("--heads", type=Path, help="a file of /assurance/heads.json that you kept")
        parser.add_argument("--json", action="store_true", help="one JSON document, for machines")

    def handle(self, *args: Any, only: tuple[str, ...], heads: Path | None, **options: Any) -> None:
        """Prove part after part."""
        reports = []
        for report in verification.run(only, _read(heads)):
            reports.append(report)
            if not options["json"]:
                self._print(report)
        holds = all(report.holds for report in reports)
        if options["json"]:
            parts = [report.as_json() for report in reports]
            self.stdout.write(json.dumps({"holds": holds, "parts": parts}, indent=1))
        else:
            self.stdout.write("HOLDS" if holds else "DOES NOT HOLD")
        if not holds:
            sys.exit(1)

    def _print(self, report: verification.Report) -> None:
        verdict = "holds" if report.holds else f"{report.found:,} findings"
        self.stdout.write(
            f"{report.part:<14} {report.checked:>12,} checked  {report.seconds:7.1f} s  {verdict}"
        )
        for finding in report.findings:
            self.stdout.write(f"  {finding.subject}: {finding.message}")


def _read(file: Path | None) -> list[dict[str, object]]:
    if file is None:
        return []
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        heads = found["heads"] if isinstance(found, dict) else found
        if not all({"day", "events", "hash"} <= set(head) for head in heads):
            raise ValueError("a head has no day, events or hash")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"{file} is no list of heads: {problem}") from problem
    return list(heads)
