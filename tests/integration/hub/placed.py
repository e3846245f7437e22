"""Files of an invented force in which burglary rises in one area, and a scan of places as a worker would do it."""

from pathlib import Path
from typing import Any

from centre import runs
from centre.hub import placing
from centre.hub.actions import place_scans
from centre.models import Force, PlaceScan, Run
from tests.integration.hub import sent
from tests.integration.hub.outbreak import months
from tests.unit.centre.hub import invented

WHERE = "E01000003"


def files(n: int = 14, *, risen: int = 30, backwards: bool = False) -> dict[str, bytes]:
    """Return street files by their path: in the last two months one area has `risen` burglaries more."""
    made: dict[str, bytes] = {}
    for at, month in enumerate(months(n)):
        rows = invented.rows(month, 60)
        there = next(row for row in rows if row["LSOA code"] == WHERE and row["Crime type"] == "Burglary")
        if at >= n - 2:
            rows += [there | {"Crime ID": f"{at:032x}{more:032x}"} for more in range(risen)]
        named = [row | {"Reported by": sent.NAME, "Falls within": sent.NAME} for row in rows]
        made[invented.name_of(month)] = invented.text(named[::-1] if backwards else named)
    return made


def kept(place: Path, by: Any) -> None:
    """Send the files."""
    sent.kept(place, files(), by)


def asked(by: Any, measure: str = placing.EVERY) -> Run:
    """Ask for a scan of the force, and have it done; return the run as it ended."""
    run = place_scans.request(force=Force.objects.get(slug="testshire"), measure=measure, by=by)
    done = runs.execute(str(run.pk), placing.find)
    return done if done is not None else sent.ended(run)


def scanned(by: Any, measure: str = placing.EVERY) -> PlaceScan:
    """Return what a scan found."""
    done = asked(by, measure)
    assert done.state == Run.State.DONE, (done.error, done.problems)
    found: PlaceScan = PlaceScan.objects.get(pk=done.links["place_scan"])
    return found
