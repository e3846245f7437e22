"""`manage.py keep_retention`: take away what has been kept for its time."""

from typing import Any

from django.core.management.base import BaseCommand

from centre import retention


class Command(BaseCommand):
    """Does now what the timetable does once a day."""

    help = "Take away what has been kept for its time (docs/data-protection.md); the timetable does it once a day."

    def handle(self, **options: Any) -> None:
        """Take it away, and count it."""
        for name, count in retention.keep().items():
            self.stdout.write(f"{retention.SCHEDULE[name]}: {count} taken away")
