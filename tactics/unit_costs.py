"""What one crime costs society, for the outcomes that are one kind of crime. Read once, from the reference table."""

import csv
from functools import cache
from pathlib import Path

from tactics.money import UnitCost
from tactics.synthesis import NotEstimable

TABLE = Path(__file__).parent / "reference" / "unit_costs.csv"
CONFIRMED = "confirmed"


@cache
def _table() -> dict[str, dict[str, str]]:
    with open(TABLE, encoding="utf-8", newline="") as source:
        return {row["outcome_domain"]: row for row in csv.DictReader(source)}


def unit_cost(outcome_domain: str) -> UnitCost:
    """Return the unit cost of an outcome.

    Raises
    ------
    NotEstimable : there is none, or it has not been confirmed in its source.
    """
    row = _table().get(outcome_domain)
    if row is None:
        raise NotEstimable("No unit cost is held for this outcome")
    if row["basis"] != CONFIRMED:
        raise NotEstimable(
            f"The unit cost of “{row['crime']}” has not been confirmed in its source, so no figure is made from it"
        )
    return UnitCost(
        crime=row["crime"],
        total=float(row["total_gbp"]),
        police=float(row["police_gbp"]) if row["police_gbp"] else None,
        price_year=row["price_year"],
        basis=row["basis"],
        source=f"{row['source']} ({row['licence']})",
        version=row["version"],
    )
