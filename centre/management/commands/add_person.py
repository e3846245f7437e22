"""`manage.py add_person`: the way into a registry that has no self-registration."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre import people
from centre.errors import Refusal
from centre.permissions import ROLES


class Command(BaseCommand):
    """Adds one person with one post; the password is asked for, or read from standard input."""

    help = "Add a person who can sign in. The password is asked for, or read from standard input where that is a pipe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the address, --name, --role and --force."""
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument("--name", required=True, help="their name, as others will see it")
        parser.add_argument("--role", required=True, help=f"one of {', '.join(sorted(ROLES))}")
        parser.add_argument("--force", default="", help="the slug of their force, for a force user")

    def handle(self, *, email: str, name: str, role: str, force: str, **options: Any) -> None:
        """Add the person."""
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            person = people.add(email=email, name=name, role=role, force=force, password=password)
        except Refusal as refusal:
            lines = [f"{problem.pointer}: {problem.message}" for problem in refusal.problems]
            raise CommandError("\n".join([refusal.message, *lines])) from refusal
        self.stdout.write(f"{person.email} can sign in: {', '.join(person.role_names)}.")
