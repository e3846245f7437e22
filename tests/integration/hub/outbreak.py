"""Files of an invented force in which one category rises in the last month, scanned as a worker would."""

from pathlib import Path
from typing import Any

from centre import runs
from centre.hub import scanning
from centre.hub.actions import trend_scans
from centre.models import Run, Signal, TrendScan, User
from tests.integration.hub import sent
from tests.unit.centre.hub import invented

LAST = "2026-03"


def months(n: int) -> list[str]:
    """Return months in order of time, to the last."""
    last = int(LAST[:4]) * 12 + int(LAST[5:]) - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(last - n + 1, last + 1)]


def files(
    n: int = 26, *, risen: int = 90, last: int = 1, force: str = "testshire", name: str = sent.NAME
) -> dict[str, bytes]:
    """Return street files by their path: burglary stays near 32 a month and is `risen` in the `last` months."""
    made: dict[str, bytes] = {}
    for at, month in enumerate(months(n)):
        rows = invented.rows(month, 40 + at * 7 % 5)
        burglaries = [row for row in rows if row["Crime type"] == "Burglary"]
        if at >= n - last:
            rows += [
                row | {"Crime ID": f"{at:032x}{more:032x}"}
                for more, row in enumerate((burglaries * 9)[: risen - len(burglaries)])
            ]
        made[invented.name_of(month, force)] = invented.text(
            [row | {"Reported by": name, "Falls within": name} for row in rows]
        )
    return made


def scanned(by: User | None) -> TrendScan:
    """Ask for a scan, for somebody or for the registry itself, and have it done."""
    run = trend_scans.request(by=by)
    done = runs.execute(str(run.pk), scanning.scan)
    assert done is not None
    assert done.state == Run.State.DONE, (done.error, done.problems)
    found: TrendScan = TrendScan.objects.get(pk=done.links["trend_scan"])
    return found


def signal(place: Path, by: Any) -> Signal:
    """Send the files, scan them, and return what is rising."""
    sent.kept(place, files(), by)
    scanned(None)
    found: Signal = Signal.objects.get()
    return found
