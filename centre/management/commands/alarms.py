"""`manage.py alarms`: say in plain sentences what somebody must look at; exit 1 where there is something."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from centre import alarms


class Command(BaseCommand):
    """For cron, systemd and containers: no output and 0 where all is well."""

    help = "Say what is wrong with the service: a silent part, waiting work, an old backup or head. Exit 1 if anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="these alarms alone")

    def handle(self, *args: Any, only: tuple[str, ...], **options: Any) -> None:
        """Look once."""
        try:
            found = [alarm for alarm in alarms.ringing() if not only or alarm.name in only]
        except DatabaseError:
            found = [alarms.Alarm("database", "The database does not answer.")]
        for alarm in found:
            self.stdout.write(f"{alarm.name}: {alarm.sentence}")
        if found:
            sys.exit(1)
