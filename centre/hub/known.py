"""What is known about a measure: told by the apps that know it, of which the Centre imports none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is done about a problem: its page, how it is rated, and how well that is known."""

    title: str
    url: str
    label: str
    colour: str  # of the label's tag
    words: str


@dataclass(frozen=True, slots=True)
class AboutProblem:
    """One problem that a measure speaks of, and what is known for it, the strongest first."""

    problem: str
    url: str
    proven: tuple[Known, ...]
    promising: tuple[Known, ...]
    being_tested: tuple[Known, ...]


Teller = Callable[[str], Sequence[AboutProblem]]
_tellers: dict[str, Teller] = {}


def tells(name: str, teller: Teller) -> None:
    """Ask this from now on what is known about a measure. An app says so when it is ready, under its own name."""
    _tellers[name] = teller


def about(measure: str) -> list[AboutProblem]:
    """Return what is known about a measure, in the order in which the tellers have it."""
    return [one for teller in _tellers.values() for one in teller(measure)]
