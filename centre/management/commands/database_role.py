"""`manage.py database_role registry_web`: the rights of the web server and the workers in PostgreSQL."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from centre import database_roles, env


class Command(BaseCommand):
    """Said by the owner of the tables, after each `migrate`."""

    help = (
        "Make a PostgreSQL role for the web server and the workers, which cannot change what is frozen, and give it the"
        " password in DATABASE_ROLE_PASSWORD. Run it with the owner's DATABASE_URL, after each migrate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what must be given."""
        parser.add_argument("role", help="a name that is not the owner's: registry_web")
        parser.add_argument("--sql", action="store_true", help="print the statements, and do nothing")

    def handle(self, *args: Any, role: str, sql: bool, **options: Any) -> None:
        """Set it up."""
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        if role == connection.settings_dict["USER"]:
            raise CommandError(f"{role} owns the tables. Name another role, which will only use them.")
        if sql:
            self.stdout.write(";\n".join(database_roles.statements(role)) + ";")
            return
        with transaction.atomic():
            tables = database_roles.set_up(role, env.text("DATABASE_ROLE_PASSWORD"))
        self.stdout.write(f"{role} works in {tables} tables, and owns none.")
