"""What the invented forces say of the simulated tactics: who uses which, why some stopped, and the hours of each."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from centre import sample
from centre.models import Force
from tactics.actions import adoptions, hours
from tactics.adoption import AdoptionSaid
from tactics.hours import HoursSaid
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


@dataclass(frozen=True, slots=True)
class Hours:
    """One claim of hours: the tactic's key, the force, and what it says."""

    tactic: str
    force: str
    said: HoursSaid


def _hours(
    tactic: str,
    force: str,
    year: int,
    amounts: tuple[int, int, int, int],
    counted: tuple[int, str],
    *,
    basis: str,
    status: str = "realised",
) -> Hours:
    """Return a claim for one year. `amounts`: gross, cost, lowest and highest net hours."""
    gross, cost, low, high = map(Decimal, amounts)
    said = HoursSaid(
        starts_on=dt.date(year, 1, 1),
        ends_on=dt.date(year, 12, 31),
        gross_hours=gross,
        cost_hours=cost,
        cost_words="Invented: set-up a tenth, training a fifth, checking half, correction of errors the rest.",
        net_low=low,
        net_high=high,
        incidents=counted[0],
        counted_as=counted[1],
        basis=basis,
        status=status,
        how_known="Invented duty records, before and after, read by an analyst who does not exist.",
    )
    return Hours(tactic, force, said)


HOURS = (
    _hours(
        "video",
        "westholt",
        2024,
        (3_000, 0, 2_000, 3_500),
        (2_900, "calls"),
        basis="estimate",
        status="claimed",
    ),
    _hours("video", "westholt", 2025, (2_600, 700, 1_500, 2_300), (2_700, "calls"), basis="measured"),
    _hours("video", "northmoor", 2025, (1_900, 650, 900, 1_600), (2_100, "calls"), basis="measured"),
    _hours("video", "eastvale", 2025, (2_400, 300, 1_200, 2_600), (2_300, "calls"), basis="time_and_motion"),
    _hours("cocoon", "northmoor", 2025, (0, 520, -600, -450), (1_300, "burglaries"), basis="time_and_motion"),
)


def say_hours(tactics: dict[str, Tactic]) -> None:
    """Put the claims in the accounts, once."""
    for one in HOURS:
        tactic, force = tactics[one.tactic], Force.objects.get(slug=one.force)
        if not tactic.hoursclaims.filter(force=force, basis=one.said.basis).exists():
            hours.claim(tactic=tactic, force=force, said=one.said, by=sample.person(one.force))
