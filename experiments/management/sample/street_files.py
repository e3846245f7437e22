"""Invented street files of the sample forces: three years by the month, with the faults that real files have.

Northmoor lacks a month and has blank street names; Eastvale's burglary rises in the newest month; many of Southmere's
rows have no place; Westholt sent its files without a fault.
"""

import datetime as dt
import hashlib
import io
import tarfile
from collections.abc import Iterator

import numpy as np

from centre import sample
from centre.hub.actions import submissions, trend_scans
from centre.hub.months import number_of, words
from centre.hub.street.labels import ANTI_SOCIAL, BLANK_STREET, COLUMNS, NO_LOCATION
from centre.models import Submission, TrendScan

SOURCE = "Invented for the sample programme"
MONTHS = 36
N_AREAS = 30
# Crimes of an invented force in a usual month.
USUAL = {
    "Anti-social behaviour": 90,
    "Burglary": 28,
    "Criminal damage and arson": 40,
    "Drugs": 12,
    "Other theft": 32,
    "Public order": 34,
    "Robbery": 5,
    "Shoplifting": 38,
    "Vehicle crime": 26,
    "Violence and sexual offences": 120,
}
SIZES = {"northmoor": 1.0, "eastvale": 0.8, "southmere": 1.3, "westholt": 0.6}
FIRST_AREA = {"northmoor": 999_000, "eastvale": 999_100, "southmere": 999_200, "westholt": 999_300}
RISE = 2.2  # of Eastvale's burglary in the newest month
FAULTY = 6  # months from which Northmoor's street names are blank, and the month that it lacks


def send(today: dt.date) -> None:
    """Send each force's archive in the name of its own person, once."""
    for force in sample.FORCES:
        filename = f"{force}-street-files.tar"
        if not Submission.objects.filter(filename=filename).exists():
            submissions.receive(
                file=io.BytesIO(archive(force, today)),
                filename=filename,
                source=SOURCE,
                by=sample.person(force),
            )


def scan_once() -> bool:
    """Have the analyst ask what is rising, once every archive is in; return whether a worker is waited for."""
    kept = Submission.objects.filter(source=SOURCE).count()
    if not kept or TrendScan.objects.exists():
        return False
    if kept == len(sample.FORCES):
        trend_scans.request(by=sample.person("analyst"))
    return True


def archive(force: str, today: dt.date) -> bytes:
    """Return the same bytes for the same force and month, whenever it is asked for."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for number, month in enumerate(_months(today)):
            if force == "northmoor" and number == MONTHS - 2 * FAULTY:
                continue
            content = _file(force, month, is_late=number >= MONTHS - FAULTY, is_newest=number == MONTHS - 1)
            entry = tarfile.TarInfo(f"{month}/{month}-{force}-street.csv")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _months(today: dt.date) -> list[str]:
    """Return the months before this one, the oldest first."""
    end = number_of(today.year, today.month)
    return [words(at) for at in range(end - MONTHS, end)]


def _file(force: str, month: str, *, is_late: bool, is_newest: bool) -> bytes:
    seed = int.from_bytes(hashlib.sha256(f"{force} {month}".encode()).digest()[:8])
    chance = np.random.default_rng(seed)
    lines = [",".join(COLUMNS)]
    lines += [",".join(row) for row in _rows(force, month, chance, is_late=is_late, is_newest=is_newest)]
    return ("\n".join(lines) + "\n").encode()


def _rows(
    force: str, month: str, chance: np.random.Generator, *, is_late: bool, is_newest: bool
) -> Iterator[tuple[str, ...]]:
    name, number = sample.FORCES[force], 0
    lost = 0.09 if force == "southmere" else 0.02
    for category, usual in USUAL.items():
        rise = RISE if is_newest and force == "eastvale" and category == "Burglary" else 1.0
        for _ in range(chance.poisson(usual * SIZES[force] * rise)):
            number += 1
            is_incident = category == ANTI_SOCIAL
            crime = "" if is_incident else hashlib.sha256(f"{force} {month} {number}".encode()).hexdigest()
            outcome = "" if is_incident else _outcome(chance, is_newest=is_newest)
            is_blank = force == "northmoor" and is_late and chance.random() < 0.18
            place = _place(force, chance) if chance.random() >= lost else ("", "", NO_LOCATION, "", "")
            if is_blank and place[0]:
                place = (*place[:2], BLANK_STREET, *place[3:])
            yield (crime, month, name, name, *place, category, outcome, "")


def _place(force: str, chance: np.random.Generator) -> tuple[str, str, str, str, str]:
    # Some areas have much more than others, as real ones do.
    at = min(int(chance.exponential(N_AREAS / 4)), N_AREAS - 1)
    longitude, latitude = -1.0 - at * 0.01, 52.0 + SIZES[force]
    return (
        f"{longitude:.6f}",
        f"{latitude:.6f}",
        f"On or near Invented Street {at}",
        f"E01{FIRST_AREA[force] + at}",
        f"{force.title()} {at:03d}A",
    )


def _outcome(chance: np.random.Generator, *, is_newest: bool) -> str:
    if is_newest and chance.random() < 0.6:
        return "Under investigation"
    return (
        "Unable to prosecute suspect"
        if chance.random() < 0.4
        else "Investigation complete; no suspect identified"
    )
