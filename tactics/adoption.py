"""What a force says of its own use of a tactic: the stages, the fields, what is refused, and who uses it now. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail

MISTAKE = "mistake"
# Those that do it first, so that a list shows them before those that think of it or gave it up.
STAGES = {
    "adopted": "Adopted",
    "adapted": "Adapted",
    "piloting": "Piloting",
    "considering": "Considering",
    "stopped": "Stopped",
    MISTAKE: "Entered by mistake",
}
MEANINGS = {
    "considering": "We are thinking about it",
    "piloting": "We are trying it in one place, or for a time",
    "adopted": "It is our ordinary practice",
    "adapted": "It is our ordinary practice, changed from how the library describes it",
    "stopped": "We did it and gave it up",
}
DOING = ("adopted", "adapted", "piloting")
NEEDS_REASON = {
    "adapted": "Say what you changed",
    "stopped": "Say why you stopped",
    MISTAKE: "Say what the mistake was",
}
FIDELITIES = {
    "as_designed": "As designed",
    "mostly": "Mostly as designed",
    "partly": "Partly as designed",
    "not_known": "Not known",
}
_TEXTS = {"scale": ("Scale", 200), "reason": ("Reason", 2_000), "contact": ("Contact", 200)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionSaid:
    """What a force says on one day."""

    stage: str
    since: date | None
    fidelity: str = ""
    scale: str = ""
    reason: str = ""
    contact: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the values of the columns."""
        return asdict(self)


def cleaned(said: AdoptionSaid, *, today: date) -> AdoptionSaid:
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
    if said.stage not in STAGES:
        problems.append(Problem("stage", "Choose how far your force has come"))
    if said.since is None:
        problems.append(Problem("since", "Enter the date since when this is so"))
    elif said.since > today:
        problems.append(Problem("since", "The date must be today or in the past: say it when it is so"))
    if said.fidelity not in ("", *FIDELITIES) or (said.stage in DOING and not said.fidelity):
        problems.append(Problem("fidelity", "Choose how closely it is done as designed"))
    if problems:
        raise Invalid("There is a problem with what you said", problems)
    return replace(said, **texts)


def _text(name: str, said: AdoptionSaid) -> str:
    label, maximum = _TEXTS[name]
    required = {
        "reason": NEEDS_REASON.get(said.stage, ""),
        "scale": "Say on what scale: for example two of six districts" if said.stage in DOING else "",
        "contact": "Enter a team that others can ask" if said.stage in DOING else "",
    }[name]
    found = clean_text(
        getattr(said, name), label=label, maximum=maximum, multiline=name == "reason", required=required
    )
    # The contact is a work address that its holder wants to be public; nobody else's belongs on the page.
    if name != "contact" and (detail := personal_detail(found)):
        raise Invalid.field(name, f"This looks like personal data: remove {detail}")
    return found


class Entry(Protocol):
    """What is needed of one entry of the ledger."""

    @property
    def pk(self) -> Any: ...
    @property
    def force_id(self) -> int: ...
    @property
    def stage(self) -> str: ...
    @property
    def since(self) -> date: ...
    @property
    def corrects_id(self) -> Any: ...


Said = TypeVar("Said", bound=Entry)


@dataclass(frozen=True, slots=True)
class Use(Generic[Said]):
    """One force: what it says now, and what it said of earlier times, the newest first."""

    now: Said
    before: tuple[Said, ...]

    @property
    def is_done(self) -> bool:
        """Return whether the force does it."""
        return self.now.stage in DOING


def uses(entries: Iterable[Said]) -> list[Use[Said]]:
    """Return a line for each force: those that do it first, then by date.

    What a force says now is its standing entry with the newest date; of two with one date, the one said last. An
    entry that another names as its mistake does not stand.
    """
    ledger = list(entries)
    corrected = {one.corrects_id for one in ledger if one.corrects_id is not None}
    by_force: dict[int, list[Said]] = {}
    for one in ledger:
        if one.pk not in corrected and one.stage != MISTAKE:
            by_force.setdefault(one.force_id, []).append(one)
    found = []
    for said in by_force.values():
        newest, *before = sorted(said, key=lambda one: (one.since, one.pk), reverse=True)
        found.append(Use(newest, tuple(before)))
    order = list(STAGES)
    return sorted(found, key=lambda use: (order.index(use.now.stage), use.now.since, use.now.force_id))
