"""The trial registry's app: keeps its triggers in step."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ExperimentsConfig(AppConfig):
    """Named here and not in `__init__`, which stays empty for the pure modules."""

    name = "experiments"

    def ready(self) -> None:
        """Around every migrate, take the triggers of duties and of states away and put them in place again."""
        pre_migrate.connect(drop_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)


def drop_triggers(using: str = "default", **_: Any) -> None:
    """Take the rules away: SQLite rebuilds a table only while no trigger speaks of it."""
    from centre import triggers
    from experiments.models import separation, transitions

    triggers.drop((*separation.RULES, *transitions.RULES), using)


def install_triggers(using: str = "default", **_: Any) -> None:
    """Put the rules that look across rows, and at a row before and after, in place."""
    from centre import triggers
    from experiments.models import separation, transitions

    triggers.install((*separation.RULES, *transitions.RULES), using)
