"""Inputs for the tests of money. All numbers are invented but where a test says otherwise."""

from dataclasses import replace
from typing import Any

from tactics.money import Amount, CostLine, Forecast, Inputs, UnitCost

ROBBERY = UnitCost(
    crime="Robbery",
    total=11_320.0,
    police=None,
    price_year="2015/16",
    basis="confirmed",
    source="A table",
    version="2018",
)
PATROL = CostLine(
    payer="police",
    set_up=Amount(10_000, 20_000, 40_000),
    per_year=Amount(50_000, 60_000, 90_000),
    price_year="2015/16",
    incidents=100,
    source="An invented sheet",
)


def fixed(pounds: float, **changes: Any) -> CostLine:
    """Return a cost that is known for certain, and paid once."""
    once = replace(PATROL, set_up=Amount(pounds, pounds, pounds), per_year=Amount(0, 0, 0))
    return replace(once, **changes)


def rate_ratio(centre: float = -0.2, scale: float = 0.1, df: float | None = None) -> Forecast:
    """Return an effect on a rate."""
    return Forecast("log_rate_ratio", centre, scale, df, "average")


def inputs(**changes: Any) -> Inputs:
    """Return an appraisal's inputs."""
    base = Inputs(
        forecast=rate_ratio(),
        incidents=100.0,
        unit_cost=ROBBERY,
        costs=(PATROL,),
        years=3,
        effect_years=3,
        price_year="2015/16",
    )
    return replace(base, **changes)


def summary(**changes: Any) -> dict[str, Any]:
    """Return the pooled numbers of a rating."""
    one = {
        "k": 1,
        "estimate": -0.2,
        "std_error": 0.1,
        "tau2": None,
        "prediction_df": None,
    }
    return {**one, **changes}
