"""`manage.py keep_deadlines`: everything that happens by itself when its time has come, once, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiments.actions import timers


class Command(BaseCommand):
    """Run the timers."""

    help = "Ends embargoes and publishes what is overdue. Safe to run as often as you like; beat runs it every hour."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of one timer."""
        parser.add_argument("timer", nargs="?", help=f"only one of: {', '.join(timers.TIMERS)}")

    def handle(self, *args: Any, timer: str | None = None, **options: Any) -> None:
        """Run them and say how many trials each moved."""
        if timer is not None and timer not in timers.TIMERS:
            raise CommandError(f"There is no timer “{timer}”: choose {', '.join(timers.TIMERS)}")
        done = {timer: timers.TIMERS[timer]()} if timer else timers.keep_all()
        for name, count in done.items():
            self.stdout.write(f"{name}: {count}")
