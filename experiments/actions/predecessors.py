"""A trial names those that it follows: of its own kind, and never itself, however long the way round."""

from centre.errors import Invalid, Problem
from experiments.models import Trial
from experiments.protocol import Protocol
from experiments.protocol.succession import comes_back

POINTER = "/problem/follows_trials"


class Circle(Invalid):
    """The trial would follow itself, at once or through others."""


def circle_problems(trial: Trial, read: Protocol) -> list[Problem]:
    """Return each trial named in the protocol that is this one, or that comes after it."""
    named = read.problem.follows_trials
    if trial.number is None:  # nobody can have named it yet
        return []
    line = Trial.objects.line_of(named)
    return [
        Problem(f"{POINTER}/{place}", _said(number, trial.number))
        for place, number in enumerate(named)
        if comes_back(number, trial.number, line)
    ]


def require_before(trial: Trial, read: Protocol) -> None:
    """Refuse a protocol that names a trial of another kind, or one that comes after it."""
    if found := circle_problems(trial, read):
        raise Circle("A trial cannot follow itself", found)
    named = read.problem.follows_trials
    others = set(
        Trial.objects.filter(number__in=named)
        .exclude(is_simulated=trial.is_simulated)
        .values_list("number", flat=True)
    )
    if others:
        message = "A simulated trial follows simulated trials, and a real trial real ones"
        place = next(place for place, number in enumerate(named) if number in others)
        raise Invalid.field(f"{POINTER}/{place}", message)


def _said(number: str, own: str) -> str:
    said = "A trial cannot follow itself"
    return said if number == own else f"{said}: {number} comes after this one, so take it out"
