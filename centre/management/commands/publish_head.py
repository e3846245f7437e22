"""`manage.py publish_head`: publish the head of the audit log of today, as beat does every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from centre import heads


class Command(BaseCommand):
    """Publish it where today has none, so that doing it twice does nothing."""

    help = "Publish the head of the audit log and of the imprints for today, where there is none yet."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish it."""
        head = heads.publish()
        self.stdout.write(f"{head.day} {head.count} {head.hash}" if head else "Today has its head already.")
