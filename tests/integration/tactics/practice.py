"""What forces say in tests, made through the actions."""

from datetime import date
from decimal import Decimal
from typing import Any

from tactics.actions import adoptions, hours
from tactics.adoption import AdoptionSaid
from tactics.hours import HoursSaid
from tactics.models import Adoption, HoursClaim, Tactic

SAID: dict[str, Any] = {
    "stage": "adopted",
    "since": date(2025, 3, 1),
    "fidelity": "mostly",
    "scale": "Two of six districts",
    "contact": "Neighbourhood policing team",
}


def entered(tactic: Tactic, force: Any, by: Any, **changes: Any) -> Adoption:
    """Return an entry of the adoption ledger."""
    return adoptions.report(tactic=tactic, force=force, said=AdoptionSaid(**{**SAID, **changes}), by=by)


HOURS: dict[str, Any] = {
    "starts_on": date(2025, 1, 1),
    "ends_on": date(2025, 12, 31),
    "gross_hours": Decimal(1200),
    "cost_hours": Decimal(200),
    "cost_words": "Training 150, checking 50",
    "net_low": Decimal(600),
    "net_high": Decimal(1500),
    "incidents": 2000,
    "counted_as": "calls",
    "basis": "measured",
    "status": "realised",
    "how_known": "Duty records before and after.",
}


def claimed(tactic: Tactic, force: Any, by: Any, **changes: Any) -> HoursClaim:
    """Return a claim of hours."""
    return hours.claim(tactic=tactic, force=force, said=HoursSaid(**{**HOURS, **changes}), by=by)
