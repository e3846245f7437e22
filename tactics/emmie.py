"""How well the parts of a tactic's page are founded, 0 to 4 (EMMIE-Q): two reviewers alone, and what they agree on.

Effect is computed by the rules of rating and is not scored here. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

DIMENSIONS = {
    "mechanism": "Mechanism",
    "moderators": "Moderators",
    "implementation": "Implementation",
    "economics": "Economics",
}
QUESTIONS = {
    "mechanism": "How well is it founded why it should work?",
    "moderators": "How well is it founded where and for whom it works?",
    "implementation": "How well is it founded how to do it?",
    "economics": "How well is it founded what it costs and saves?",
}
# The Centre's working text for the form, after the dimensions of Johnson, Tilley and Bowers (2015). It is no quotation.
WORKING_TEXT: dict[str, tuple[str, str, str, str, str]] = {
    "mechanism": (
        "No theory is given",
        "A general statement of theory",
        "A detailed theory from earlier work",
        "A full theory, with predictions that can be tested",
        "A full theory, and a robust test of it",
    ),
    "moderators": (
        "Nothing is said",
        "Contexts are described as they came",
        "Tests after the fact, with what was at hand",
        "A description that theory leads",
        "What theory asks for was collected and analysed",
    ),
    "implementation": (
        "No account is given",
        "Remarks here and there",
        "A concerted effort to document it",
        "An account that rests on evidence",
        "A complete account, and what others need to repeat it",
    ),
    "economics": (
        "Costs are not mentioned",
        "Direct costs only",
        "Direct and indirect costs",
        "Marginal, total or opportunity costs",
        "The same, by who bears them and who gains",
    ),
}
BEST = 4
OWN, MODERATED = "own", "moderated"


@dataclass(frozen=True, slots=True)
class Entry:
    """One reviewer's score of one dimension, alone (`own`) or after both were seen (`moderated`)."""

    by: int
    name: str
    round: int
    step: str
    score: int
    reason: str
    at: datetime
    tactic_version: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """The score that two reviewers stand behind, with their reasons."""

    score: int
    was_moderated: bool
    entries: tuple[Entry, ...]

    @property
    def at(self) -> datetime:
        """Return when the second of them agreed."""
        return max(entry.at for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the scoring of one dimension stands: the newest agreed score, and the round that is open."""

    agreed: Agreed | None
    open: tuple[Entry, ...] = ()
    last_round: int = 0

    @property
    def own(self) -> list[Entry]:
        """Return the scores of the open round that were given alone."""
        return [entry for entry in self.open if entry.step == OWN]

    @property
    def differ(self) -> bool:
        """Return whether two scored apart and must find one score together."""
        return len(self.own) == 2

    def has_scored(self, person: int) -> bool:
        """Return whether the person's own score of the open round is in."""
        return any(entry.by == person for entry in self.own)

    def seen_by(self, person: int) -> list[Entry]:
        """Return what the person may see of the open round: nothing until their own score is in."""
        return list(self.open) if self.has_scored(person) else []

    def waits_for(self, person: int) -> bool:
        """Return whether the person can take the open round further."""
        return self.has_scored(person) if self.differ else bool(self.own) and not self.has_scored(person)


def standing(entries: Iterable[Entry]) -> Standing:
    """Return where one dimension stands after all its entries."""
    agreed: Agreed | None = None
    waiting: tuple[Entry, ...] = ()
    last = 0
    ordered = sorted(entries, key=lambda entry: (entry.round, entry.at))
    for number, group in groupby(ordered, lambda entry: entry.round):
        of_round = tuple(group)
        found = _settled(of_round)
        agreed, waiting, last = found or agreed, () if found else of_round, number
    return Standing(agreed, waiting, last)


def _settled(entries: Sequence[Entry]) -> Agreed | None:
    own = [entry for entry in entries if entry.step == OWN]
    if len(own) == 2 and own[0].score == own[1].score:
        return Agreed(own[0].score, was_moderated=False, entries=tuple(own))
    latest = {entry.by: entry for entry in entries if entry.step == MODERATED}
    said = tuple(latest.values())
    if len(own) == 2 and len(said) == 2 and said[0].score == said[1].score:
        return Agreed(said[0].score, was_moderated=True, entries=said)
    return None
