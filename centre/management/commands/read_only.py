"""`manage.py read_only on "reason"`: from now on nobody changes anything; `off` ends that."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre import read_only
from centre.models import Run

SETTLE_SECONDS = 4  # until every process has noticed


class Command(BaseCommand):
    """The switch; the reason is shown to everybody."""

    help = "Let the registry only be read (on REASON), let it be written again (off), or say which it is (status)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be asked."""
        parser.add_argument("what", choices=("on", "off", "status"))
        parser.add_argument("reason", nargs="?", default="", help="a sentence for everybody who reads a page")
        parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="for runs to end, at most")

    def handle(self, *args: Any, what: str, reason: str, wait: int, **options: Any) -> None:
        """Switch."""
        if what == "on":
            if not reason.strip():
                raise CommandError("Say why, in a sentence: it is shown on every page.")
            read_only.begin(reason.strip())
            time.sleep(SETTLE_SECONDS if wait else 0)
            self._wait(wait)
        elif what == "off":
            read_only.end()
        why = read_only.reason()
        self.stdout.write(f"read-only: {why}" if why else "writable")

    def _wait(self, seconds: int) -> None:
        """Wait for the runs that were at work; no other is taken."""
        deadline = time.monotonic() + seconds
        while (
            running := Run.objects.filter(state=Run.State.RUNNING).count()
        ) and time.monotonic() < deadline:
            time.sleep(1)
        if running:
            self.stdout.write(f"{running} runs are still at work; they will write their results.")
