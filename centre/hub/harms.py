"""Harm of forces: the months that they sent, weighed by a version of the measure's table; worked out, not kept."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from centre.hub import weighing
from centre.hub.harm import Weighed, weigh
from centre.hub.standards.funnel import why_left_out
from centre.models import Force, Measure, OffenceMonth, WeightTable


@dataclass(frozen=True, slots=True)
class HarmMonth:
    """One version of one figure: a force's month as it was sent, under one version of the weights."""

    sent: OffenceMonth
    table: WeightTable
    weighed: Weighed

    @property
    def force(self) -> Force:
        """Return the force."""
        return self.sent.force

    @property
    def month(self) -> dt.date:
        """Return the first day of the month."""
        return self.sent.month

    @property
    def per_1000(self) -> float | None:
        """Return it for every 1,000 residents; None where it or they are not known, or few live there."""
        population = self.force.population
        if self.weighed.value is None or not population or why_left_out(population, is_residents=True):
            return None
        return 1000 * float(self.weighed.value) / population


def weighed(measure: Measure, forces: Iterable[Force], *, tables: Sequence[WeightTable]) -> list[HarmMonth]:
    """Return the newest version of every month of the forces under each table, in order of force and month."""
    rows = OffenceMonth.objects.newest().filter(force__in=list(forces)).select_related("force", "file")
    contents = [(table, weighing.content(table)) for table in tables if table.name == measure.weights]
    return [
        HarmMonth(one, table, weigh(one.counts, content, absent_is_none=one.file.absent_is_none))
        for one in rows.order_by("force__name", "month")
        for table, content in contents
    ]


def newest_weights(measure: Measure) -> list[WeightTable]:
    """Return the version of the table that holds today; none where none does yet."""
    return weighing.held(measure.weights)[:1]


def by_force(months: Iterable[HarmMonth]) -> dict[Force, list[HarmMonth]]:
    """Return the months of each force, in their order."""
    return {force: list(found) for force, found in groupby(months, key=lambda one: one.force)}
