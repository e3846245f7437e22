"""Tables of invented weights, and counts of offences, for tests and for the matrix of permissions."""

import datetime as dt
from typing import Any

from centre.hub.actions import measures, offences, weight_tables
from centre.models import Measure, OffenceFile, WeightTable

KEY = "invented-harm"
HEAD = "force,month,offence,count"
TABLE = "offence,weight\nRobbery,300\nShop theft,1.5\nAssault,12.25\n"  # no weight of any published index


def loaded(
    content: str = TABLE, *, version: str = "1", name: str = "Invented index", **other: Any
) -> WeightTable:
    """Load a table of weights."""
    said = {"unit": "invented days", "source": "A test", "licence": "None", "valid_from": dt.date(2020, 1, 1)}
    return weight_tables.load(content=content.encode(), name=name, version=version, **{**said, **other})


def sent(by: Any, *lines: str, absent_is_none: bool = False) -> OffenceFile:
    """Send counts, under a table of weights that is loaded if none is."""
    if not WeightTable.objects.exists():
        loaded()
    return offences.receive(
        content="\n".join((HEAD, *lines)).encode(),
        filename="offences.csv",
        source="A test",
        absent_is_none=absent_is_none,
        by=by,
    )


def measured(by: Any, **other: Any) -> Measure:
    """Adopt a measure of harm by the table, which is loaded if none is."""
    if not WeightTable.objects.exists():
        loaded()
    said = {
        "key": KEY,
        "name": "Invented harm",
        "definition": "Invented for a test.",
        "exclusions": "It is no published index.",
        "recording_rule": "Once for each offence.",
        "kind": "outcome",
        "unit": "harm",
        "direction": "lower_is_better",
        "weights": "Invented index",
        "source": "Force systems",
        "licence": "Open Government Licence v3.0",
        "valid_from": dt.date(2025, 1, 1),
    }
    return measures.adopt(**{**said, **other}, by=by)
