"""Tables of weights as they are kept: read out of the vault once, and which of their versions holds."""

from functools import lru_cache

from django.utils import timezone

from centre import vault
from centre.hub import weights
from centre.hub.weights import Weights
from centre.models import WeightTable


def held(name: str) -> list[WeightTable]:
    """Return the versions of a table that hold by today, the newest first."""
    rows = WeightTable.objects.filter(name=name, valid_from__lte=timezone.localdate())
    return list(rows.order_by("-valid_from", "-pk"))


def titles() -> frozenset[str]:
    """Return every offence that any loaded table has a weight for, in any version: all that can be counted."""
    return frozenset[str]().union(*(content(one).by_title for one in WeightTable.objects.all()))


def content(table: WeightTable) -> Weights:
    """Return the weights of a table."""
    return _read(table.sha256, table.title_column, table.weight_column, table.group_column)


@lru_cache(maxsize=32)
def _read(sha256: str, title: str, weight: str, group: str) -> Weights:
    """Read a table, which never changes under its hash."""
    return weights.read(vault.read(sha256), title=title, weight=weight, group=group)
