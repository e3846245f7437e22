"""Standards, invented forces and their figures, for tests and for the matrix of permissions."""

import datetime as dt
import html
from typing import Any

from django.urls import reverse

from centre.hub.actions import figures, measures, peer_groups, standards
from centre.models import FigureFile, Force, PeerGroup, Standard

HEAD = "force,measure,period,value,denominator,basis"
OUTCOME, ACTIVITY = "files-accepted", "files-sent"
MONTHS = [f"{2025 + (at + 3) // 12}-{(at + 3) % 12 + 1:02d}" for at in range(14)]  # 2025-04 to 2026-05
SAID = {
    "definition": "Invented for a test.",
    "exclusions": "It is nothing else.",
    "recording_rule": "Once for each file.",
    "source": "Force systems",
    "licence": "Open Government Licence v3.0",
    "valid_from": dt.date(2025, 1, 1),
}


def dictionary(by: Any) -> None:
    """Put a share and a count into the dictionary, beside officers' hours, which it has."""
    measures.adopt(
        key=OUTCOME,
        name="Files accepted at once",
        kind="outcome",
        unit="share",
        direction="higher_is_better",
        denominator="files that were sent",
        by=by,
        **SAID,
    )
    measures.adopt(
        key=ACTIVITY, name="Files sent", kind="activity", unit="count", direction="neither", by=by, **SAID
    )


def proposed(by: Any, **other: Any) -> Standard:
    """Propose a standard of files."""
    said = {
        "key": "files-right-first-time",
        "name": "Files right first time",
        "good": "Nine files in ten need no work twice.",
        "inputs": ("officer-hours",),
        "activity": (ACTIVITY,),
        "outcome": OUTCOME,
        "direction": "higher",
        "target": 90,
        "target_source": "An invented agreement",
        "valid_from": dt.date(2026, 1, 1),
    }
    return standards.propose(**{**said, **other}, by=by)


def adopted(author: Any, second: Any, **other: Any) -> Standard:
    """Propose a standard and adopt it by another person."""
    return standards.adopt(standard=proposed(author, **other), by=second)


def forces(n: int = 8) -> list[Force]:
    """Return as many invented forces."""
    made = [Force(slug=f"shire-{at}", name=f"Shire {at}", kind=Force.Kind.SAMPLE) for at in range(n)]
    return Force.objects.bulk_create(made)


def rows(
    force: str, accepted: int, of: int = 100, *, months: list[str] = MONTHS, basis: str = "counted"
) -> list[str]:
    """Return a force's months: as many files accepted, one more in every second month."""
    return [f"{force},{OUTCOME},{month},{accepted + at % 2},{of},{basis}" for at, month in enumerate(months)]


def sent(by: Any, *lines: str, source: str = "A test") -> FigureFile:
    """Send figures."""
    content = "\n".join((HEAD, *lines)).encode()
    return figures.receive(content=content, filename="figures.csv", source=source, by=by)


def grouped(by: Any, *slugs: str, name: str = "Likely group", valid_from: str = "2026-01-01") -> PeerGroup:
    """Load a group."""
    lines = [f"{name},{valid_from},An invented list,None,{slug}" for slug in slugs]
    content = "\n".join(("group,valid_from,source,licence,force", *lines)).encode()
    return peer_groups.load(content=content, by=by)[0]


def page_of(client: Any, name: str, *args: Any, query: str = "") -> str:
    """Return the words of a page that is there."""
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())
