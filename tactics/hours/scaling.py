"""What all forces might save if each did as those that measured it: a range from their own ratios, or no number.

Method in docs/hours.md: the ratio estimate of a total (Cochran, Sampling Techniques, 3rd ed. 1977, chapter 6), with
officers as the auxiliary, between the lowest and the highest ratio of a force.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tactics.hours.account import Claim
from tactics.synthesis import NotEstimable

LEAST_STRENGTH = 3
LEAST_FORCES = 2
LEAST_DAYS = 90  # a shorter period says too little of a year
DAYS_A_YEAR = Fraction(1461, 4)


@dataclass(frozen=True, slots=True)
class ForceRatio:
    """Net hours a year for each officer of one force."""

    force: str
    days: int
    officers: Decimal
    hours_a_year: float
    per_officer: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScaleUp:
    """Net hours a year of all forces: never a point without its range."""

    low: float
    middle: float
    high: float
    officers: Decimal  # of all forces
    ratios: tuple[ForceRatio, ...]


def ratios(claims: Iterable[Claim]) -> tuple[ForceRatio, ...]:
    """Return the ratio of each force that measured and realised hours, the lowest first.

    Parameters
    ----------
    claims : of one tactic, hours of periods that do not overlap within a force, basis and status. What was not
        measured and realised is left out, and so is a force with fewer than `LEAST_DAYS` days or no number of officers.

    Returns
    -------
    For each force: net hours of its periods / days x 365.25 / officers; `low` and `high` the same from its own lowest
    and highest figures. Exact arithmetic, so that no order of rows changes a digit.
    """
    rows: dict[str, list[Claim]] = {}
    for one in claims:
        if one.basis == "measured" and one.status == "realised":
            rows.setdefault(one.force, []).append(one)
    found = [_ratio(force, said) for force, said in rows.items() if _is_enough(said)]
    return tuple(sorted(found, key=lambda one: (one.per_officer, one.force)))


def scale_up(
    claims: Iterable[Claim], *, strength: int, harms: Iterable[str] = (), officers: Decimal
) -> ScaleUp:
    """Return the net hours a year of all forces, if each did as those that measured it.

    Parameters
    ----------
    claims : as for `ratios`.
    strength : of the evidence on the tactic's main outcome, 0 to 5.
    harms : the outcomes on which the tactic is rated potentially harmful.
    officers : of all forces, full-time equivalent, at the same date as those of the claims.

    Returns
    -------
    `middle` = officers x (sum of hours a year / sum of officers of the forces that measured); `low` = officers x the
    lowest of their low ratios; `high` = officers x the highest of their high ratios. The range shows how far forces
    differ. It is no interval of confidence, and assumes that other forces are like these.

    Raises
    ------
    NotEstimable : potentially harmful; strength below 3; no measured and realised hours; fewer than two forces.
    """
    said = list(claims)
    _refuse(said, strength, sorted(harms))
    found = ratios(said)
    if len(found) < LEAST_FORCES:
        raise NotEstimable(_too_few(said, len(found)))
    together = sum(_exact(one.officers) * Fraction(one.per_officer) for one in found)
    return ScaleUp(
        low=float(_exact(officers) * Fraction(min(one.low for one in found))),
        middle=float(_exact(officers) * together / sum(_exact(one.officers) for one in found)),
        high=float(_exact(officers) * Fraction(max(one.high for one in found))),
        officers=officers,
        ratios=found,
    )


def _refuse(claims: list[Claim], strength: int, harms: list[str]) -> None:
    if harms:
        raise NotEstimable(f"The tactic is rated potentially harmful for {', '.join(harms)}.")
    if strength < LEAST_STRENGTH:
        raise NotEstimable(
            f"The strength of evidence is {strength} of 5. Hours are scaled up only where it is {LEAST_STRENGTH} or "
            "more."
        )
    if not any(one.basis == "measured" and one.status == "realised" for one in claims):
        raise NotEstimable(
            "No force has said what hours were measured and realised. What is claimed, estimated or taken from a time "
            "and motion study is not scaled up."
        )


def _too_few(claims: list[Claim], n: int) -> str:
    measured = [one for one in claims if one.basis == "measured" and one.status == "realised"]
    unknown = sorted({one.force for one in measured if one.officers is None})
    why = f" The number of officers is not known for {', '.join(unknown)}." if unknown else ""
    return (
        f"Hours that were measured and realised over {LEAST_DAYS} days or more, in a force whose number of officers is "
        f"known, came from {n or 'no'} force{'' if n == 1 else 's'}. It takes {LEAST_FORCES} to see how far forces "
        f"differ.{why}"
    )


def _is_enough(rows: list[Claim]) -> bool:
    return rows[0].officers is not None and sum(one.days for one in rows) >= LEAST_DAYS


def _ratio(force: str, rows: list[Claim]) -> ForceRatio:
    officers = rows[0].officers
    assert officers is not None  # noqa: S101  # `_is_enough`
    days = sum(one.days for one in rows)
    a_year = DAYS_A_YEAR / days
    net, low, high = (
        a_year * _exact(sum((getattr(one, name) for one in rows), Decimal()))
        for name in ("net", "low", "high")
    )
    head = _exact(officers)
    return ForceRatio(
        force, days, officers, float(net), float(net / head), float(low / head), float(high / head)
    )


def _exact(value: Decimal) -> Fraction:
    return Fraction(value)
