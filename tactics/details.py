"""What a proposer writes about a tactic: the fields, their limits, and what is refused. Pure.

The page's form, the API and the commands all come through `cleaned`, so one input has one message.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail
from tactics.kinds import POPULATIONS, SETTINGS

SHORT, LONG = 200, 10_000


@dataclass(frozen=True, slots=True)
class TextRule:
    """How one text field is held."""

    label: str
    maximum: int = LONG
    multiline: bool = True
    required: str = ""  # the message where it is empty
    needed_to_publish: bool = False


TEXTS: dict[str, TextRule] = {
    "name": TextRule("Tactic name", SHORT, multiline=False, required="Enter a tactic name"),
    "summary": TextRule("Summary", 300, multiline=False, required="Enter a summary"),
    "problem_text": TextRule("Problem", needed_to_publish=True),
    "mechanism": TextRule("How it works", needed_to_publish=True),
    "moderators": TextRule("Where it works"),
    "possible_harms": TextRule("Possible harms and side effects"),
    "equality": TextRule("Equality and who is affected"),
    "implementation": TextRule("How to do it", needed_to_publish=True),
    "first_30_days": TextRule("First 30 days"),
    "economics": TextRule("What it costs"),
    "cost_basis": TextRule("Where the cost comes from", 500, multiline=False),
    "focus": TextRule("Focus", SHORT, multiline=False),
    "population": TextRule("Who it is for", SHORT, multiline=False),
    "setting": TextRule("Where it is used", SHORT, multiline=False),
    "contact": TextRule("Who to contact", SHORT, multiline=False, needed_to_publish=True),
}
STAGES = ("idea", "piloting", "in_use", "scaled", "retired")
HOURS_BASES = ("measured", "time_and_motion", "estimate")
HOURS_LIMIT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TacticDetails:
    """Everything about a tactic that people write. `problems` and `main_outcome` are slugs."""

    name: str
    summary: str
    problems: tuple[str, ...] = ()
    main_outcome: str = ""
    problem_text: str = ""
    mechanism: str = ""
    moderators: str = ""
    possible_harms: str = ""
    equality: str = ""
    implementation: str = ""
    first_30_days: str = ""
    economics: str = ""
    cost_band: int | None = None
    cost_basis: str = ""
    hours_per_100_incidents: Decimal | None = None
    hours_basis: str = ""
    focus: str = ""
    population: str = ""
    setting: str = ""
    setting_kind: str = ""
    population_kind: str = ""
    stage: str = "idea"
    uses_ai: bool = False
    contact: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the values of plain columns: all but the related rows."""
        values = asdict(self)
        del values["problems"], values["main_outcome"]
        return values


def cleaned(details: TacticDetails) -> TacticDetails:
    """Return the details tidied.

    Raises
    ------
    Invalid : with one problem for each field that must change.
    """
    problems: list[Problem] = []
    texts: dict[str, Any] = {}
    for name in TEXTS:
        try:
            texts[name] = cleaned_text(name, getattr(details, name))
        except Invalid as refusal:
            problems.append(Problem(name, refusal.message))
    problems += [Problem(name, message) for name, check in _CHECKS.items() if (message := check(details))]
    if problems:
        raise Invalid("There is a problem with the tactic", problems)
    return replace(details, **texts)


def cleaned_text(name: str, value: str) -> str:
    """Return the text of one field tidied.

    Raises
    ------
    Invalid : it breaks the field's rule, or looks like personal data.
    """
    rule = TEXTS[name]
    found = clean_text(
        value, label=rule.label, maximum=rule.maximum, multiline=rule.multiline, required=rule.required
    )
    # The contact is a work address that its holder wants to be public; nobody else's belongs on the page.
    if name != "contact" and (detail := personal_detail(found)):
        raise Invalid.field(name, f"This looks like personal data: remove {detail}")
    return found


def _cost(details: TacticDetails) -> str:
    return "" if details.cost_band in (None, 1, 2, 3, 4, 5) else "Choose a cost from 1 to 5"


def _stage(details: TacticDetails) -> str:
    return "" if details.stage in STAGES else "Choose how far the practice has come"


def _hours(details: TacticDetails) -> str:
    hours = details.hours_per_100_incidents
    if hours is None or (hours.is_finite() and abs(hours) <= HOURS_LIMIT):
        return ""
    return f"Hours must be a number from -{HOURS_LIMIT:,} to {HOURS_LIMIT:,}"


def _hours_basis(details: TacticDetails) -> str:
    if details.hours_per_100_incidents is None:
        return "Enter the hours, or clear how they are known" if details.hours_basis else ""
    return "" if details.hours_basis in HOURS_BASES else "Say how the hours are known"


def _setting_kind(details: TacticDetails) -> str:
    return "" if details.setting_kind in ("", *SETTINGS) else "Choose a kind of place from the list"


def _population_kind(details: TacticDetails) -> str:
    return "" if details.population_kind in ("", *POPULATIONS) else "Choose a kind of people from the list"


_CHECKS: dict[str, Callable[[TacticDetails], str]] = {
    "cost_band": _cost,
    "stage": _stage,
    "setting_kind": _setting_kind,
    "population_kind": _population_kind,
    "hours_per_100_incidents": _hours,
    "hours_basis": _hours_basis,
}


def gaps(details: TacticDetails) -> list[Problem]:
    """Return what is still missing before the page can be published."""
    found = [
        Problem(name, f"Fill in “{rule.label}”")
        for name, rule in TEXTS.items()
        if rule.needed_to_publish and not getattr(details, name)
    ]
    if not details.problems:
        found.append(Problem("problems", "Choose at least one problem"))
    if not details.main_outcome:
        found.append(Problem("main_outcome", "Choose the outcome it is meant to change"))
    return found


FIELD_NAMES = tuple(item.name for item in fields(TacticDetails))
