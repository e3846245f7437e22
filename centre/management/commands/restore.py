"""`manage.py restore FOLDER`: bring a backup back into an empty database and vault, and prove what came back."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre import backups
from centre.errors import Refusal


class Command(BaseCommand):
    """Exit 1 where something is missing or not as it was."""

    help = "Restore a backup (or the newest of a folder of backups) into DATABASE_URL and the vault, and verify it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="lose what the database holds")
        parser.add_argument("--json", action="store_true", help="one JSON document, for machines")

    def handle(self, *args: Any, folder: Path, replace: bool, **options: Any) -> None:
        """Restore."""
        try:
            whole = folder if (folder / "manifest.json").exists() else backups.newest(folder)
            done = backups.restore(whole, replace=replace)
        except (Refusal, OSError) as problem:
            raise CommandError(str(problem)) from problem
        times = {"load": done.load_seconds, "files": done.files_seconds, "verify": done.verify_seconds}
        checked = {report.part: report.checked for report in done.reports}
        if options["json"]:
            facts = {"holds": done.holds, "seconds": times, "checked": checked, "missing": done.missing}
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"{whole}: " + ", ".join(f"{name} {took:.1f} s" for name, took in times.items())
            )
            for report in done.reports:
                self.stdout.write(
                    f"{report.part:<14} {report.checked:>12,} checked  {report.found:,} findings"
                )
                for finding in report.findings:
                    self.stdout.write(f"  {finding.subject}: {finding.message}")
            for sha256 in done.missing:
                self.stdout.write(f"  file {sha256} is not in the backup as it was")
        if not done.holds:
            raise CommandError("Not everything came back as it was.")
