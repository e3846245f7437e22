"""`manage.py load_weights FILE --name … --version … --licence …`: keep a table of harm weights by offence title."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from centre.errors import Refusal
from centre.hub.actions import weight_tables


class Command(BaseCommand):
    """None comes with the software: whoever loads one answers for its licence."""

    help = "Load a table of harm weights (CSV), one for each offence by its title."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let --version be the table's: Django's own of that name is left out here."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the table, and what it is."""
        parser.add_argument("file", type=Path)
        for name, words in (
            ("name", "of the index, the same for each of its versions"),
            ("version", "like 2020"),
            ("unit", 'what a weight is, like "days of a starting-point sentence"'),
            ("source", "where the table comes from"),
            ("licence", "under which the Centre may use it"),
        ):
            parser.add_argument(f"--{name}", required=True, help=words)
        parser.add_argument(
            "--from", dest="valid_from", type=date.fromisoformat, required=True, help="YYYY-MM-DD"
        )
        parser.add_argument("--price-year", default="", help="of weights in money")
        parser.add_argument("--title-column", default="offence")
        parser.add_argument("--weight-column", default="weight")
        parser.add_argument("--group-column", default="", help="of the group that an offence is in, if any")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep it, or say what is wrong with it."""
        names = ("name", "version", "unit", "source", "licence")
        more = ("valid_from", "price_year", "title_column", "weight_column", "group_column")
        try:
            content = options["file"].read_bytes()
            made = weight_tables.load(content=content, **{name: options[name] for name in (*names, *more)})
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(
                "\n".join([refusal.message, *(one.message for one in refusal.problems)])
            ) from refusal
        self.stdout.write(f"{made}: {made.n_offences:,} offences.")
