"""What the registry is searched by: columns made from the protocol in force, inside the action that changes it."""

from typing import Any

from centre.text import folded
from experiments.models import Trial
from experiments.protocol import Protocol
from experiments.protocol.deadlines import report_due
from experiments.protocol.reach import measured_until, planned_from, planned_until
from tactics.models import Problem


def words(title: str, number: str | None) -> str:
    """Return what a search for words looks into; the tactic's name, which may change, it reads from the tactic."""
    return folded(f"{title} {number or ''}")


def columns(read: Protocol, number: str | None) -> dict[str, Any]:
    """Return the columns of the trial that are searched and listed, as the protocol has them."""
    return {
        "searched_words": words(read.title.public_title, number),
        "searched_design": read.design.design.value if read.design.design else "",
        "planned_from": planned_from(read),
        "planned_until": planned_until(read),
        "measured_until": measured_until(read),
        "results_due_on": report_due(read),
    }


def place_problems(trial: Trial, read: Protocol) -> None:
    """Bring the problems that lead to the trial in step with the protocol; those of no list lead nowhere."""
    trial.problems.set(Problem.objects.filter(slug__in=read.problem.problem_types))


def place_earlier(trial: Trial, read: Protocol) -> None:
    """Bring the trials that this one follows in step with the protocol."""
    trial.follows.set(Trial.objects.filter(number__in=read.problem.follows_trials))
