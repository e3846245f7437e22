"""What an appraisal is made of, and what is refused before anything is drawn."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from centre.canonical import canonical_json
from tactics.money.forecast import Forecast
from tactics.money.prices import Deflator, annuity, factor
from tactics.synthesis import NotEstimable

Payer = Literal["police", "other_public", "other"]
PAYERS: dict[Payer, str] = {
    "police": "The police",
    "other_public": "Another public body",
    "other": "Somebody else",
}
DISCOUNT_RATE = 0.035
FUTURES = 20_000
FEWEST, MOST = 1_000, 200_000
SPREAD = 0.2  # either side of a cost that came without a range, as the Washington State Institute has it
LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Amount:
    """Pounds: the lowest, the likeliest and the highest that it may be."""

    low: float
    central: float
    high: float

    @classmethod
    def around(cls, central: float) -> "Amount":
        """Return an amount that came without a range: 20 % either side."""
        return cls(central * (1 - SPREAD), central, central * (1 + SPREAD))

    @property
    def is_ordered(self) -> bool:
        """Return whether it is a range of pounds."""
        ends = (self.low, self.central, self.high)
        return all(isfinite(end) and 0 <= end <= LARGEST for end in ends) and ends == tuple(sorted(ends))

    def as_json(self) -> list[float]:
        """Return it as plain JSON values."""
        return [self.low, self.central, self.high]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCost:
    """What one crime costs society. `police` is the part that the police bear; None where the source does not say."""

    crime: str
    total: float
    police: float | None
    price_year: str
    basis: str  # "confirmed" where it was read in its source
    source: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What the tactic costs one payer in a place with so many incidents a year.

    What is paid each year goes with the number of incidents; what is paid once to set up does not.
    """

    payer: Payer
    set_up: Amount
    per_year: Amount
    price_year: str
    incidents: float
    source: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "payer": self.payer,
            "set_up": self.set_up.as_json(),
            "per_year": self.per_year.as_json(),
            "price_year": self.price_year,
            "incidents": self.incidents,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that an appraisal depends on. The same inputs give the same bytes."""

    forecast: Forecast
    incidents: float  # recorded in a year, without the tactic
    unit_cost: UnitCost
    costs: tuple[CostLine, ...]
    years: int  # that it runs and is paid for
    effect_years: int  # that the effect lasts, from the first
    price_year: str
    deflator: Deflator | None = None
    discount_rate: float = DISCOUNT_RATE
    multiplier: float = 1.0  # crimes for each recorded one
    multiplier_source: str = ""
    baseline_risk: float | None = None
    futures: int = FUTURES

    def check(self) -> None:
        """Refuse what cannot be appraised.

        Raises
        ------
        NotEstimable : with the reason in plain words.
        """
        if self.unit_cost.basis != "confirmed":
            raise NotEstimable(
                f"The unit cost of “{self.unit_cost.crime}” has not been confirmed in its source, so no figure is "
                "made from it"
            )
        if not self.costs:
            raise NotEstimable("Nobody has said what the tactic costs")
        if not all(line.set_up.is_ordered and line.per_year.is_ordered for line in self.costs):
            raise NotEstimable("A cost must be 0 or more, and its low, central and high values in that order")
        if not (isfinite(self.incidents) and 0 < self.incidents <= LARGEST):
            raise NotEstimable("The number of incidents a year must be above 0")
        if self.multiplier != 1 and not self.multiplier_source.strip():
            raise NotEstimable("Say where the number of crimes for each recorded one comes from")
        if not (isfinite(self.multiplier) and 1 <= self.multiplier <= 1000):
            raise NotEstimable("The number of crimes for each recorded one must be from 1 to 1,000")
        if not FEWEST <= self.futures <= MOST:
            raise NotEstimable(f"The number of futures must be from {FEWEST:,} to {MOST:,}")
        if self.forecast.metric == "log_rate_ratio" and self.baseline_risk is not None:
            raise NotEstimable("A baseline risk is for an odds ratio: this effect is a rate ratio")

    def pounds(self) -> "Pounds":
        """Return the amounts over all years, discounted and in the prices of one year.

        Raises
        ------
        NotEstimable : the years, the rate or the price years make no sum.
        """
        self.check()
        effect = annuity(self.discount_rate, self.effect_years)
        running = annuity(self.discount_rate, self.years)
        uprated = factor(self.unit_cost.price_year, self.price_year, self.deflator)
        incidents = self.incidents * self.multiplier * effect
        police = self.unit_cost.police
        return Pounds(
            incidents_pv=incidents,
            benefit=incidents * self.unit_cost.total * uprated,
            police_benefit=None if police is None else incidents * police * uprated,
            costs={payer: self._cost(payer, running) for payer in self._payers()},
        )

    @property
    def lines(self) -> list[CostLine]:
        """Return the costs in an order of their own, so that the order in which they were stated changes nothing."""
        return sorted(self.costs, key=lambda line: canonical_json(line.as_json()))

    def _payers(self) -> list[Payer]:
        return [payer for payer in PAYERS if any(line.payer == payer for line in self.costs)]

    def _cost(self, payer: Payer, running: float) -> Amount:
        totals = [self._line(line, running) for line in self.lines if line.payer == payer]
        return Amount(*(sum(ends) for ends in zip(*(one.as_json() for one in totals), strict=True)))

    def _line(self, line: CostLine, running: float) -> Amount:
        if not (isfinite(line.incidents) and line.incidents > 0):
            raise NotEstimable("A cost must say for how many incidents a year it is")
        uprated = factor(line.price_year, self.price_year, self.deflator)
        scaled = running * self.incidents / line.incidents
        once, yearly = line.set_up.as_json(), line.per_year.as_json()
        return Amount(*(uprated * (a + scaled * b) for a, b in zip(once, yearly, strict=True)))

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as plain JSON values: of a price index, the years that are used."""
        used = {self.price_year, self.unit_cost.price_year, *(line.price_year for line in self.costs)}
        deflator = self.deflator if len(used) > 1 else None
        return {
            "forecast": self.forecast.as_json(),
            "incidents": self.incidents,
            "unit_cost": {
                name: getattr(self.unit_cost, name)
                for name in ("crime", "total", "police", "price_year", "basis", "source", "version")
            },
            "costs": [line.as_json() for line in self.lines],
            "years": self.years,
            "effect_years": self.effect_years,
            "price_year": self.price_year,
            "deflator": {
                "source": deflator.source,
                "index": {year: deflator.index[year] for year in sorted(used) if year in deflator.index},
            }
            if deflator
            else None,
            "discount_rate": self.discount_rate,
            "multiplier": self.multiplier,
            "multiplier_source": self.multiplier_source,
            "baseline_risk": self.baseline_risk,
            "futures": self.futures,
        }


@dataclass(frozen=True, slots=True)
class Pounds:
    """What every incident would cost if none were prevented, and what the tactic costs, over all years."""

    incidents_pv: float
    benefit: float
    police_benefit: float | None
    costs: dict[Payer, Amount]
