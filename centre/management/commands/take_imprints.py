"""`manage.py take_imprints TABLE`: after a migration that had to change frozen rows, take their imprints again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from centre import audit, imprints


class Command(BaseCommand):
    """Makes what stands there the truth from now on, so it says so, with a reason, on the audit log."""

    help = "Take the imprints of all rows of a frozen table again, as they stand. The reason goes on the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what must be given."""
        parser.add_argument("table", help="as verify names it: experiments.release")
        parser.add_argument("--reason", required=True)

    @transaction.atomic
    def handle(self, *args: Any, table: str, reason: str, **options: Any) -> None:
        """Take them."""
        model = imprints.model_of(table)
        if model is None:
            raise CommandError(f"{table} is no frozen table with imprints.")
        rows = imprints.take_again(model)
        detail = {"rows": rows, "reason": reason}
        audit.record("rows.imprinted", subject=("table", table), by=audit.SYSTEM, detail=detail)
        self.stdout.write(f"{rows} rows")
