"""What somebody states about the cost of a tactic: the fields, their limits, and what is refused. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail
from tactics.money import PAYERS, year_of
from tactics.money.inputs import SPREAD
from tactics.synthesis import NotEstimable

MOST_POUNDS = Decimal(1_000_000_000)
MOST_INCIDENTS = 10_000_000
PARTS = {"set_up": "Set-up", "per_year": "Each year"}
ENDS = ("low", "central", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDetails:
    """One statement. Of a range, both ends are given or neither."""

    payer: str
    price_year: str
    incidents: int | None
    source: str
    set_up_central: Decimal | None
    per_year_central: Decimal | None
    set_up_low: Decimal | None = None
    set_up_high: Decimal | None = None
    per_year_low: Decimal | None = None
    per_year_high: Decimal | None = None


def cleaned(details: CostDetails) -> dict[str, Any]:
    """Return the columns of a statement; a range that was not given is 20 % either side.

    Raises
    ------
    Invalid : with one problem for each field that must change.
    """
    problems: list[Problem] = []
    columns: dict[str, Any] = {"payer": details.payer, "incidents": details.incidents}
    if details.payer not in PAYERS:
        problems.append(Problem("payer", "Choose who pays"))
    if details.incidents is None or not 1 <= details.incidents <= MOST_INCIDENTS:
        problems.append(
            Problem("incidents", f"Incidents a year must be a whole number from 1 to {MOST_INCIDENTS:,}")
        )
    try:
        columns["price_year"] = year_of(details.price_year)
    except NotEstimable:
        problems.append(Problem("price_year", "Enter a price year, such as 2024/25"))
    columns["source"] = _source(details.source, problems)
    assumed = [_range(details, part, columns, problems) for part in PARTS]
    if problems:
        raise Invalid("There is a problem with the cost", problems)
    if not columns["set_up_high"] and not columns["per_year_high"]:
        raise Invalid.field(
            "per_year_central", "Enter a cost: a tactic that takes no money has nothing to state"
        )
    return {**columns, "range_is_assumed": any(assumed)}


def _source(text: str, problems: list[Problem]) -> str:
    try:
        found = clean_text(text, label="Source", maximum=500, required="Say where the figures come from")
    except Invalid as refusal:
        problems.append(Problem("source", refusal.message))
        return ""
    if detail := personal_detail(found):
        problems.append(Problem("source", f"This looks like personal data: remove {detail}"))
    return found


def _range(details: CostDetails, part: str, columns: dict[str, Any], problems: list[Problem]) -> bool:
    """Fill in the three values of a part; return whether its range is assumed."""
    given = {end: getattr(details, f"{part}_{end}") for end in ENDS}
    label = PARTS[part]
    before = len(problems)
    if given["central"] is None:
        problems.append(Problem(f"{part}_central", f"{label}: enter pounds, 0 where there are none"))
    for end, value in given.items():
        if value is not None and not (value.is_finite() and 0 <= value <= MOST_POUNDS):
            problems.append(Problem(f"{part}_{end}", f"{label}: enter pounds from 0 to {MOST_POUNDS:,}"))
    lone = [end for end in ("low", "high") if given[end] is None]
    if len(lone) == 1:
        problems.append(Problem(f"{part}_{lone[0]}", f"{label}: enter both ends of the range, or neither"))
    if len(problems) > before:
        return False
    central = given["central"]
    if lone:
        given = {"low": central * _LOWER, "central": central, "high": central * _UPPER}
    elif not given["low"] <= central <= given["high"]:
        problems.append(Problem(f"{part}_central", f"{label}: the likeliest value must lie in the range"))
        return False
    columns |= {f"{part}_{end}": value.quantize(Decimal("0.01")) for end, value in given.items()}
    return bool(lone) and bool(central)


_LOWER, _UPPER = 1 - Decimal(str(SPREAD)), 1 + Decimal(str(SPREAD))
