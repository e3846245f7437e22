"""What the invented forces say of the simulated tactics: who uses which, since when, and why some stopped."""

import datetime as dt
from dataclasses import dataclass

from centre import sample
from centre.models import Force
from tactics.actions import adoptions
from tactics.adoption import AdoptionSaid
from tactics.models import Tactic

TEAM = "Neighbourhood policing (invented: there is nobody to call)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the tactic's key, the force, and what it says."""

    tactic: str
    force: str
    said: AdoptionSaid


def _entry(
    tactic: str,
    force: str,
    stage: str,
    since: dt.date,
    scale: str,
    fidelity: str = "mostly",
    reason: str = "",
) -> Entry:
    said = AdoptionSaid(stage=stage, since=since, fidelity=fidelity, scale=scale, reason=reason, contact=TEAM)
    return Entry(tactic, force, said)


ENTRIES = (
    _entry("cocoon", "northmoor", "piloting", dt.date(2024, 9, 2), "Two beats", "as_designed"),
    _entry("cocoon", "northmoor", "adopted", dt.date(2025, 6, 1), "All eight neighbourhood teams"),
    _entry(
        "cocoon",
        "eastvale",
        "adapted",
        dt.date(2025, 9, 15),
        "Three of five districts",
        "partly",
        "Volunteers make the second visit, and homes further than five doors away get a letter.",
    ),
    _entry("cocoon", "southmere", "considering", dt.date(2026, 2, 1), "Not decided yet", "not_known"),
    _entry("cocoon", "westholt", "piloting", dt.date(2025, 1, 6), "One district", "partly"),
    _entry(
        "cocoon",
        "westholt",
        "stopped",
        dt.date(2025, 10, 1),
        "One district",
        "partly",
        "The list of burglaries came two days late, so fewer than half of the visits were made in 48 hours.",
    ),
    _entry("hardening", "eastvale", "adopted", dt.date(2023, 4, 1), "Whole force", "as_designed"),
    _entry("patrol", "southmere", "adopted", dt.date(2024, 1, 8), "Forty places"),
    _entry("patrol", "northmoor", "piloting", dt.date(2026, 3, 2), "Six places", "as_designed"),
    _entry("retail", "westholt", "considering", dt.date(2026, 5, 4), "Not decided yet", "not_known"),
)


def enter(tactics: dict[str, Tactic]) -> None:
    """Put the entries in the ledger, once."""
    for entry in ENTRIES:
        tactic, force = tactics[entry.tactic], Force.objects.get(slug=entry.force)
        if not tactic.adoptions.filter(force=force, stage=entry.said.stage).exists():
            adoptions.report(tactic=tactic, force=force, said=entry.said, by=sample.person(entry.force))
