"""Puts the tactics and what is cited of them into the library; done again, it changes nothing."""

import csv
from pathlib import Path
from typing import Any

from centre.models import User
from tactics.actions import citations, errors, tactics
from tactics.management.cited.tactics import REVIEWED
from tactics.management.cited.technology import TECHNOLOGY
from tactics.models import CitedEvidence, Tactic

FOLDER = Path(__file__).parents[2] / "reference"
FILES = ("cited_evidence.csv", "published_claims.csv")
TACTICS = REVIEWED | TECHNOLOGY
NO_RECORD = "The library cites what was published of it. No force has sent the Centre a record."
_FALSE_ALERTS: dict[str, Any] = {
    "kind": "false_alert",
    "numerator": 10,
    "numerator_counts": "false alerts",
    "period": "September 2024 to September 2025",
    "how_measured": "Police monitoring of 203 deployments, with nothing to compare with",
    "source": "Police monitoring data, as reported by The Telegraph and The Register",
    "checked_by": "Nobody outside the police is named in what was published",
}
# The same ten false alerts by both denominators that were quoted.
DENOMINATORS = {"alerts": 2_077, "faces scanned": 3_147_436}


def evidence() -> list[dict[str, str]]:
    """Return the lines of the files."""
    lines: list[dict[str, str]] = []
    for name in FILES:
        with open(FOLDER / name, encoding="utf-8", newline="") as source:
            lines += csv.DictReader(source)
    return lines


def load(*, by: User) -> int:
    """Return how many quotations are new. `by` proposes, publishes and cites; the Centre's registrar may."""
    made = {key: _tactic(key, by) for key in TACTICS}
    before = CitedEvidence.objects.count()
    for line in evidence():
        said: dict[str, Any] = {**line, "tactic": made[line["tactic"]]}
        citations.cite(**said, by=by)
    _count_false_alerts(made["live-facial-recognition"], by)
    return CitedEvidence.objects.count() - before


def _tactic(key: str, by: User) -> Tactic:
    details = TACTICS[key]
    found = Tactic.objects.filter(is_simulated=False, name=details.name).first()
    if found is None:
        found = tactics.propose(details=details, by=by)
    if found.is_published:
        return found
    return tactics.publish(tactic=found, by=by, no_record_because=NO_RECORD if details.uses_ai else "")


def _count_false_alerts(tactic: Tactic, by: User) -> None:
    if not tactic.error_rates.exists():
        for counts, number in DENOMINATORS.items():
            errors.record(
                tactic=tactic, denominator=number, denominator_counts=counts, by=by, **_FALSE_ALERTS
            )
