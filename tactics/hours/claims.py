"""What a force may say of the hours that a tactic saved or cost: the fields, their limits, and what is refused."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail

BASES = {
    "measured": "measured in a trial",
    "time_and_motion": "time and motion study",
    "estimate": "estimate",
}
STATUSES = {"claimed": "Claimed", "realised": "Realised"}
MOST_HOURS = Decimal(10_000_000)
MOST_INCIDENTS = 100_000_000
LONGEST_DAYS = 5 * 366
_TEXTS = {
    "cost_words": (
        "What the cost hours are",
        500,
        "Say what the cost hours are made of, or why there are none",
    ),
    "counted_as": ("What is counted", 60, "Say what was counted: for example domestic abuse calls"),
    "how_known": ("How it is known", 2_000, "Say how the hours are known"),
}
_HOURS: dict[str, tuple[str, Decimal]] = {
    "gross_hours": ("Gross hours", Decimal(0)),
    "cost_hours": ("Cost hours", Decimal(0)),
    "net_low": ("The lowest net hours", -MOST_HOURS),
    "net_high": ("The highest net hours", -MOST_HOURS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSaid:
    """What a force says of one period. Cost hours: set-up, training, checking and the correction of errors."""

    starts_on: date | None
    ends_on: date | None
    gross_hours: Decimal | None
    cost_hours: Decimal | None
    net_low: Decimal | None
    net_high: Decimal | None
    incidents: int | None
    cost_words: str = ""
    counted_as: str = ""
    basis: str = ""
    status: str = ""
    how_known: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the values of the columns."""
        return asdict(self)


def cleaned(said: HoursSaid, *, today: date) -> HoursSaid:
    """Return what was said, tidied.

    Raises
    ------
    Invalid : with one problem for each field that must change.
    """
    problems: list[Problem] = []
    texts: dict[str, Any] = {}
    for name in _TEXTS:
        try:
            texts[name] = _text(name, said)
        except Invalid as refusal:
            problems.append(Problem(name, refusal.message))
    problems += [*_choices(said), *_period(said, today), *_amounts(said)]
    if not any(problem.pointer in _HOURS for problem in problems):
        problems += _range(said)
    if problems:
        raise Invalid("There is a problem with the hours", problems)
    return replace(said, **texts)


def _text(name: str, said: HoursSaid) -> str:
    label, maximum, required = _TEXTS[name]
    found = clean_text(
        getattr(said, name),
        label=label,
        maximum=maximum,
        multiline=name != "counted_as",
        required=required,
    )
    if detail := personal_detail(found):
        raise Invalid.field(name, f"This looks like personal data: remove {detail}")
    return found


def _choices(said: HoursSaid) -> list[Problem]:
    found = []
    if said.basis not in BASES:
        found.append(Problem("basis", "Choose how the hours are known"))
    if said.status not in STATUSES:
        found.append(Problem("status", "Choose whether the hours are claimed or realised"))
    return found


def _period(said: HoursSaid, today: date) -> list[Problem]:
    if said.starts_on is None:
        return [Problem("starts_on", "Enter the first day of the period")]
    if said.ends_on is None:
        return [Problem("ends_on", "Enter the last day of the period")]
    if said.ends_on < said.starts_on:
        return [Problem("ends_on", "The last day must be on or after the first")]
    if said.status == "realised" and said.ends_on > today:
        return [Problem("ends_on", "Hours that are realised lie in the past: end the period by today")]
    if (said.ends_on - said.starts_on).days >= LONGEST_DAYS:
        return [Problem("ends_on", "A period must be five years or shorter")]
    return []


def _amounts(said: HoursSaid) -> list[Problem]:
    found = []
    for name, (label, least) in _HOURS.items():
        value: Decimal | None = getattr(said, name)
        if value is None:
            found.append(Problem(name, f"Enter {label[0].lower()}{label[1:]}"))
        elif not value.is_finite() or not least <= value <= MOST_HOURS:
            found.append(Problem(name, f"{label} must be from {int(least):,} to {MOST_HOURS:,}"))
        elif value != round(value, 1):
            found.append(Problem(name, f"{label} must have one decimal place at most"))
    if said.incidents is None or not 1 <= said.incidents <= MOST_INCIDENTS:
        found.append(
            Problem("incidents", f"Enter how many there were, a whole number from 1 to {MOST_INCIDENTS:,}")
        )
    return found


def _range(said: HoursSaid) -> list[Problem]:
    assert said.gross_hours is not None  # noqa: S101  # `_amounts` found nothing missing
    assert said.cost_hours is not None  # noqa: S101  as above
    assert said.net_low is not None  # noqa: S101  as above
    assert said.net_high is not None  # noqa: S101  as above
    net = said.gross_hours - said.cost_hours
    if said.net_low > net:
        return [Problem("net_low", f"The lowest must not be above the net hours, {net:,}")]
    if said.net_high < net:
        return [Problem("net_high", f"The highest must not be below the net hours, {net:,}")]
    return []
