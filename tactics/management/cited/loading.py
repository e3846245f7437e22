"""Puts the tactics and what is cited of them into the library; done again, it changes nothing."""

import csv
from pathlib import Path
from typing import Any

from centre.models import User
from tactics.actions import citations, tactics
from tactics.management.cited.tactics import TACTICS
from tactics.models import CitedEvidence, Tactic

FILE = Path(__file__).parents[2] / "reference" / "cited_evidence.csv"


def evidence() -> list[dict[str, str]]:
    """Return the lines of the file."""
    with open(FILE, encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def load(*, by: User) -> int:
    """Return how many quotations are new. `by` proposes, publishes and cites; the Centre's registrar may."""
    made = {key: _tactic(key, by) for key in TACTICS}
    before = CitedEvidence.objects.count()
    for line in evidence():
        said: dict[str, Any] = {**line, "tactic": made[line["tactic"]]}
        citations.cite(**said, by=by)
    return CitedEvidence.objects.count() - before


def _tactic(key: str, by: User) -> Tactic:
    details = TACTICS[key]
    found = Tactic.objects.filter(is_simulated=False, name=details.name).first()
    if found is None:
        found = tactics.propose(details=details, by=by)
    return found if found.is_published else tactics.publish(tactic=found, by=by)
