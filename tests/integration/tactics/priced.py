"""A tactic whose effect has a price: rated on robbery, with a stated cost."""

from decimal import Decimal
from typing import Any

from tactics.actions import costs
from tactics.costs import CostDetails
from tactics.models import Tactic, TacticCost
from tests.integration.tactics.library import candidate, found, published, signed


def cost_details(**changes: Any) -> CostDetails:
    """Return a statement that can be kept."""
    values: dict[str, Any] = {
        "payer": "police",
        "price_year": "2015/16",
        "incidents": 100,
        "source": "An invented sheet",
        "set_up_central": Decimal(20_000),
        "per_year_central": Decimal(60_000),
        "per_year_low": Decimal(50_000),
        "per_year_high": Decimal(90_000),
        **changes,
    }
    return CostDetails(**values)


def stated(tactic: Tactic, by: Any, **changes: Any) -> TacticCost:
    """Return a statement of cost."""
    return costs.state(tactic=tactic, details=cost_details(**changes), by=by)


def priced(
    cast: Any, name: str = "Patrols where robbery concentrates", trials: int = 1, **changes: Any
) -> Tactic:
    """Return a published tactic with a public rating on robbery, and so a public figure."""
    tactic = published(cast.registrar, name, main_outcome="robbery", **changes)
    stated(tactic, cast.registrar)
    for number in range(trials):
        found(
            tactic,
            cast.publisher,
            f"CPP-2026-00{number}1-5",
            domain="robbery",
            estimate=-0.25 - 0.05 * number,
        )
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    return tactic
