"""The verdict of a health check as pages show it: a word with its colour, never a colour alone."""

from dataclasses import dataclass

from experiments.health import Status


@dataclass(frozen=True, slots=True)
class Mark:
    """One status."""

    tag: str
    colour: str


MARKS = {
    Status.GREEN: Mark("On course", "green"),
    Status.AMBER: Mark("Look", "yellow"),
    Status.RED: Mark("Act", "red"),
    Status.UNKNOWN: Mark("Not known", "grey"),
}
