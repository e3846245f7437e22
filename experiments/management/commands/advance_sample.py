"""`manage.py advance_sample`: the sample people do what waits for them."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from centre import sample
from experiments.management.sample import programme


class Command(BaseCommand):
    """Take every simulated trial as far as it goes."""

    help = "Take the sample trials on: lock, analyse, release and sign, as the sample people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --wait."""
        parser.add_argument(
            "--wait", type=float, default=0, metavar="SECONDS", help="go on until nothing waits"
        )

    def handle(self, *args: Any, wait: float, **options: Any) -> None:
        """Advance once, or until no trial waits for a worker."""
        if not settings.EMBEDDED:
            raise CommandError("The sample programme exists in the embedded default only.")
        if not sample.sign_ins():
            return
        ends = time.monotonic() + wait
        while programme.advance() and time.monotonic() < ends:
            time.sleep(0.5)
