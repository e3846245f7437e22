"""The trial registry's app: keeps its triggers in step."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ExperimentsConfig(AppConfig):
    """Named here and not in `__init__`, which stays empty for the pure modules."""

    name = "experiments"

    def ready(self) -> None:
        """After every migrate, put the triggers of separation of duty in place."""
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(using: str = "default", **_: Any) -> None:
    """Put the rules that look across rows in place."""
    from experiments.models import separation

    separation.install(using)
