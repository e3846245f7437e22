"""The power calculator's questions, put to the statistics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.stats.errors import BadPlan, Problem
from experiments.stats.figures.power import power_curve
from experiments.stats.power.answer import Answer, answer
from experiments.stats.power.exploring import Grid, Point, curve, grids, size_key


@dataclass(frozen=True, slots=True)
class Explored:
    """An answer with what is around it; no curve and no grids where nothing solves the design."""

    answer: Answer
    curve: tuple[Point, ...] = ()
    grids: tuple[Grid, ...] = ()
    drawing: str = ""


def explore(document: Mapping[str, Any], unit: str) -> Explored | tuple[Problem, ...]:
    """Solve a design and look around; or return what is wrong with it.

    `unit` is what the sizes count, in the words of the page.
    """
    try:
        found = answer(dict(document))
    except BadPlan as refusal:
        return refusal.problems
    if found.whole is None:
        return Explored(found)
    points = curve(found.whole)
    drawing = power_curve(
        [point.size for point in points],
        [point.power for point in points],
        chosen=int(getattr(found.whole, size_key(found.whole))),
        wanted=document.get("power"),
        unit=unit,
    )
    return Explored(found, points, grids(found.whole), drawing)
