"""PURE: which monthly files are expected of a force, and what is known of each. An absent file is never 0."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from centre.hub.months import stretches


class State(StrEnum):
    """What is known of the file of a month. A kept file stands, whatever was said of its month before."""

    KEPT = "kept"
    NOT_RECEIVED = "not received"
    ABSENT = "absent at source"


@dataclass(frozen=True, slots=True)
class OfKind:
    """The files of one kind of one force: what is known of each month."""

    kind: str
    states: dict[str, State]

    def months(self, state: State) -> tuple[str, ...]:
        """Return the months in this state."""
        return tuple(month for month, one in self.states.items() if one is state)

    @property
    def kept(self) -> tuple[str, ...]:
        """Return the months whose file the hub has."""
        return self.months(State.KEPT)

    @property
    def not_received(self) -> tuple[str, ...]:
        """Return the months of which nothing is known but that no file came."""
        return self.months(State.NOT_RECEIVED)

    @property
    def absent(self) -> tuple[str, ...]:
        """Return the months whose file the source never had, as somebody stated."""
        return self.months(State.ABSENT)

    @property
    def stretches_not_received(self) -> list[list[str]]:
        """Return the months that are not received, those that follow each other together."""
        return stretches(self.not_received)

    @property
    def stretches_absent(self) -> list[list[str]]:
        """Return the months that are absent at source, those that follow each other together."""
        return stretches(self.absent)


def of_kind(kind: str, months: Sequence[str], kept: Collection[str], absent: Collection[str]) -> OfKind:
    """Say of each month whether its file is kept, absent at source, or simply not received."""

    def state(month: str) -> State:
        if month in kept:
            return State.KEPT
        return State.ABSENT if month in absent else State.NOT_RECEIVED

    return OfKind(kind, {month: state(month) for month in months})
