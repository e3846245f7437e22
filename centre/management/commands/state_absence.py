"""`manage.py state_absence FORCE KIND FIRST …`: record that a file is absent at its source, and where that stands."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre.hub.actions import absences
from centre.management.here import refusals_told
from centre.models import Force, MonthlyFile, User


class Command(BaseCommand):
    """Exit 0: recorded; 2: refused, with the problems on standard error, one a line."""

    help = "Record that a kind of monthly file of a force is absent at its source for some months."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is absent, where that can be read, and who states it."""
        parser.add_argument("force", help="the force's id, like surrey")
        parser.add_argument("kind", choices=MonthlyFile.Kind.values)
        parser.add_argument("first", help="the first month without a file, like 2019-07")
        parser.add_argument(
            "--last", default="", help="the last month without a file; without it: it goes on"
        )
        parser.add_argument("--words", required=True, help="what the source says")
        parser.add_argument("--source", required=True, help="where it can be read")
        parser.add_argument(
            "--checked-on",
            required=True,
            type=dt.date.fromisoformat,
            help="when it was read there, as 2026-03-27",
        )
        parser.add_argument("--by", required=True, help="e-mail address of a registrar")

    def handle(self, **options: Any) -> None:
        """Record it, or say what is wrong."""
        person = User.objects.filter(email=options["by"]).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['by']}. Add them with add_person.")
        force = Force.objects.filter(slug=options["force"]).first()
        if force is None:
            raise CommandError(f"No force has the id {options['force']}.")
        with refusals_told(self):
            made = absences.state(
                force=force,
                kind=options["kind"],
                first_month=options["first"],
                last_month=options["last"],
                words=options["words"],
                source=options["source"],
                checked_on=options["checked_on"],
                by=person,
            )
        self.stdout.write(f"Recorded as absent at source: {made}")
