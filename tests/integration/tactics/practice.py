"""What forces say in tests, made through the actions."""

from datetime import date
from typing import Any

from tactics.actions import adoptions
from tactics.adoption import AdoptionSaid
from tactics.models import Adoption, Tactic

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
