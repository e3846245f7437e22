"""Whom the numbers of an analysis are made of, as disclosure control asks: arms, cohorts, steps, yes and no."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.observed import Observed
from experiments.disclosure import Behind, Counted
from experiments.models import Analysis
from experiments.stats import plan as plans

EVERYBODY = "all arms"


class Audience:
    """The units of one analysis, read once."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.observed = Observed(analysis, plans.parse(dict(analysis.plan)))
        allocation = analysis.trial.allocation
        self.arms: dict[str, str] = (
            dict(allocation.assignments.values_list("unit", "arm")) if allocation else {}
        )

    def sizes(self) -> dict[str, int]:
        """Return how many units were assigned to each arm."""
        return dict(sorted(Counter(self.arms.values()).items()))

    def behind(self, document: dict[str, Any]) -> dict[str, Behind]:
        """Return, for each estimate that was made, the counts that its numbers are made of."""
        made = [row for row in document["estimates"] if row["status"] == "ok"]
        return {row["id"]: self._of(row) for row in made}

    def counted(self, document: dict[str, Any], name: str) -> Counted:
        """Return the units with a value of each outcome, in each arm and in all."""
        found = {}
        for outcome in sorted({row["outcome"] for row in document["estimates"] if row["status"] == "ok"}):
            units = self.observed.units_with(outcome)
            arms = {
                arm: frozenset(unit for unit in units if self.arms.get(unit) == arm) for arm in self.sizes()
            }
            found[outcome] = {**arms, EVERYBODY: frozenset(units)}
        return Counted(name, found)

    def _of(self, row: dict[str, Any]) -> Behind:
        terms = [term["term"] for term in row["terms"]]
        sizes = self.sizes()
        # Two arms are the treated and the untreated, which the estimate itself counts.
        groups = {f"units in {arm}": n for arm, n in sizes.items()} if len(sizes) > 2 else {}
        if any(term.startswith(("g=", "first treated in ")) for term in terms):
            groups |= {f"units of {name}": n for name, n in self.observed.cohorts().items()}
        steps = self.observed.steps() if any("event_time=" in term for term in terms) else {}
        shown = {
            f"treated units at step {step:g}": n
            for step, n in steps.items()
            if any(term.endswith(f"event_time={step:g}") for term in terms)
        }
        return Behind(groups, self._yes_and_no(row["outcome"]), shown)

    def _yes_and_no(self, outcome: str) -> dict[str, int]:
        """Return those with a yes and with a no in each arm, where the outcome is of that kind and of single units."""
        values, arms = self.observed.single_values(outcome)
        if values is None or not np.isin(values, (0, 1)).all():
            return {}
        if not self.arms:
            return {
                f"units with {outcome}": int(values.sum()),
                f"units without {outcome}": int((1 - values).sum()),
            }
        table: dict[str, int] = {}
        for arm in sorted({self.arms[unit] for unit in arms if unit in self.arms}):
            mine = _of_arm(values, [self.arms.get(unit) == arm for unit in arms])
            table |= {
                f"units in {arm} with {outcome}": int(mine.sum()),
                f"units in {arm} without": int((1 - mine).sum()),
            }
        return table


def _of_arm(values: NDArray[np.float64], mine: list[bool]) -> NDArray[np.float64]:
    return values[np.array(mine, dtype=bool)]
