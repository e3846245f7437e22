"""Is it worth it? A public rating, what was stated of costs, and prices, as one appraisal. Reads alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tactics.models import Appraisal, PriceIndex, Rating, Tactic, TacticCost
from tactics.money import (
    Appraised,
    CostLine,
    Deflator,
    Forecast,
    Inputs,
    Place,
    UnitCost,
    appraise,
    forecast,
)
from tactics.money.words import short
from tactics.synthesis import NotEstimable
from tactics.unit_costs import unit_cost

PUBLIC_YEARS = 3  # that the public figure looks ahead: the project's own rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks of their own place; what is left out, the statement of costs says. `force` by its slug."""

    place: Place | None = None
    incidents: float | None = None
    years: int | None = None
    effect_years: int | None = None
    force: str = ""
    baseline_risk: float | None = None
    multiplier: float | None = None
    multiplier_source: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An appraisal with what it was made of; or why there is none."""

    inputs: Inputs | None = None
    appraised: Appraised | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        return {
            "inputs": self.inputs.as_json() if self.inputs else None,
            "result": self.appraised.as_json() if self.appraised else None,
            "not_estimable": self.reason or None,
        }


NOTHING_ASKED = Asked()


def answer(rating: Rating, asked: Asked) -> Answer:
    """Work out one appraisal of a rating."""
    try:
        found = inputs(rating, asked)
        return Answer(found, appraise(found))
    except NotEstimable as refusal:
        return Answer(reason=refusal.message)


def inputs(rating: Rating, asked: Asked = NOTHING_ASKED) -> Inputs:
    """Return what an appraisal of the rating is made of.

    Raises
    ------
    NotEstimable : with the reason in plain words.
    """
    unit = unit_cost(rating.outcome_domain.slug)
    shown = forecast_of(rating, asked.place)
    costs = costs_of(rating.tactic, asked.force)
    if not costs:
        raise NotEstimable("Nobody has said what the tactic costs")
    lines = tuple(cost.line for cost in costs)
    years = asked.years or PUBLIC_YEARS
    price_year, deflator = prices(unit, lines)
    base = Inputs(
        forecast=shown,
        incidents=asked.incidents or max(line.incidents for line in lines),
        unit_cost=unit,
        costs=lines,
        years=years,
        effect_years=asked.effect_years or years,
        price_year=price_year,
        deflator=deflator,
        baseline_risk=asked.baseline_risk,
    )
    if asked.multiplier is not None:
        base = replace(base, multiplier=asked.multiplier, multiplier_source=asked.multiplier_source)
    base.check()
    return base


def forecast_of(rating: Rating, place: Place | None) -> Forecast:
    """Return the effect as a distribution; where no place is named, for a new one if that can be said.

    Raises
    ------
    NotEstimable : as `forecast`.
    """
    numbers = rating.summary, rating.document["metric"], rating.strength
    if place is not None:
        return forecast(*numbers, place)
    try:
        return forecast(*numbers, "new")
    except NotEstimable:
        return forecast(*numbers, "average")


def costs_of(tactic: Tactic, force: str = "") -> list[TacticCost]:
    """Return the statements that stand: of the force that is named, else the Centre's, else the tactic's force's."""
    standing = list(tactic.costs.standing().select_related("force", "stated_by"))
    of_force = [cost for cost in standing if cost.force and cost.force.slug == force]
    general = [cost for cost in standing if cost.force is None]
    own = [cost for cost in standing if cost.force_id == tactic.force_id and cost.force_id is not None]
    return of_force or general or own


def prices(unit: UnitCost, lines: Sequence[CostLine]) -> tuple[str, Deflator | None]:
    """Return the price year that is shown, with the index that makes it possible.

    With an index of all the years that are needed it is the newest year of the index; without, the unit cost's own.
    """
    index = PriceIndex.objects.first()
    years = {unit.price_year, *(line.price_year for line in lines)}
    if index is None or not years <= set(index.series):
        return unit.price_year, None
    return max(index.series), index.deflator


def tell(tactics: Iterable[Tactic]) -> None:
    """Set `worth` of each tactic to what its public figure says, empty where there is none: one query for all.

    Needs `with_current_rating`.
    """
    shown = {tactic: tactic.headline_rating for tactic in tactics}
    newest: dict[Any, Appraisal] = {}
    for one in Appraisal.objects.filter(rating__in=[rating for rating in shown.values() if rating]):
        newest.setdefault(one.rating_id, one)
    for tactic, rating in shown.items():
        figure = newest.get(rating.pk) if rating else None
        tactic.worth = short(figure.share_ahead) if figure else ""  # type: ignore[attr-defined]


def is_stale(figure: Appraisal, rating: Rating) -> bool:
    """Return whether what stands now would make another figure than the public one."""
    try:
        now = inputs(rating, Asked(place=figure.place))  # type: ignore[arg-type]  # held to the choices
    except NotEstimable:
        return True
    return now.as_json() != figure.inputs
