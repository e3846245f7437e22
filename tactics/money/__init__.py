"""PURE: is it worth it? Benefit and cost by Monte Carlo. Knows no Django; every formula is in docs/money.md."""

from tactics.money.appraisal import MONEY_VERSION, Appraised, Bar, Figures, appraise
from tactics.money.bands import BAND_EDGES, band, band_words
from tactics.money.forecast import PLACES, Forecast, Place, forecast
from tactics.money.inputs import PAYERS, Amount, CostLine, Inputs, Payer, UnitCost
from tactics.money.prices import Deflator, annuity, year_of

__all__ = [
    "BAND_EDGES",
    "MONEY_VERSION",
    "PAYERS",
    "PLACES",
    "Amount",
    "Appraised",
    "Bar",
    "CostLine",
    "Deflator",
    "Figures",
    "Forecast",
    "Inputs",
    "Payer",
    "Place",
    "UnitCost",
    "annuity",
    "appraise",
    "band",
    "band_words",
    "forecast",
    "year_of",
]
