"""Panels of seven areas of Surrey and one of Sussex, sent by the command as an administrator would."""

from pathlib import Path
from typing import Any

from django.core.management import call_command

from centre.hub.actions import lookups
from centre.models import AreaLookup, Panel
from tests.unit.centre.hub.panels.small import Rows, wide, written

SURREY, SUSSEX = b"E23000031", b"E23000033"
MONTHS = (*(f"2023-{month:02d}" for month in range(1, 13)), "2024-01")


def areas_loaded() -> None:
    """Load the areas, unless they are."""
    if not AreaLookup.objects.exists():
        lookup = b"LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\n" + b"".join(
            b"E0100000%d,E0100000%d,U,E09999991,Hereby\n" % (n, n) for n in range(1, 7)
        )
        lookup += b"E01000007,E01000017,S,E09999991,Hereby\nE01000009,E01000009,U,E09999992,Thereby\n"
        districts = b"la_code,pfa_code\nE09999991,%s\nE09999992,%s\n" % (SURREY, SUSSEX)
        lookups.load(lookup=lookup, districts=districts, vintage="LSOAs of 2011 and 2021")


def send(place: Path, rows: Rows, **other: Any) -> None:
    """Send rows as one file."""
    areas_loaded()
    file = written(place / "panel.csv", rows).path
    call_command(
        "import_panel", str(file), **{"name": "Crime", "source": "A test", "vintage": "2021", **other}
    )


def kept(place: Path, rows: Rows | None = None) -> Panel:
    """Send a panel that is kept."""
    send(place, rows or wide(MONTHS))
    found: Panel = Panel.objects.order_by("received_at").last()
    return found
