"""What one simulated tactic costs. Every figure is invented."""

from decimal import Decimal

from tactics.costs import CostDetails

# Sixty places at 270 hours a year, at an invented £30 an hour; in the unit costs' own prices: no index is needed.
PATROL = CostDetails(
    payer="police",
    price_year="2015/16",
    incidents=300,
    source="Simulated rosters of 60 places at an invented hourly cost",
    set_up_low=Decimal(15_000),
    set_up_central=Decimal(25_000),
    set_up_high=Decimal(60_000),
    per_year_low=Decimal(410_000),
    per_year_central=Decimal(486_000),
    per_year_high=Decimal(640_000),
)
