"""What the data say about how the trial went: who is missing, how many clusters an arm kept, how outcomes spread."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.analysis import sealing
from experiments.models import Allocation, Analysis
from experiments.stats import plan as plans
from experiments.stats.frame import Coded, Frame
from experiments.stats.timing import first_treated_values, period_values


@dataclass(frozen=True, slots=True)
class Losses:
    """Shares of units and clusters as frozen that have no outcome; the difference between the arms."""

    units: float
    clusters: float
    differential: float


class Observed:
    """The columns of one analysis, read once."""

    def __init__(self, analysis: Analysis, plan: plans.Plan) -> None:
        available = sealing.column_names(analysis.dataset)
        names = [name for name in plan.roles() if name in available]
        self.plan = plan
        self.frame = Frame(sealing.columns(analysis.dataset, names))

    def spread(self, outcome: str, code: str | None) -> float | None:
        """Return the standard deviation of the outcome in the control arm, or over all rows where there is none."""
        values = self.frame.numbers(outcome)
        arm = self.plan.columns.arm
        if code is not None and arm is not None:
            labels = self.frame.coded(arm)
            values = values[_is(labels, code)]
        values = values[np.isfinite(values)]
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return spread if spread > 0 else None

    def control_mean(self, outcome: str) -> float | None:
        """Return the mean of the outcome over the rows of those who are never treated; None where there are none."""
        treated = self._treated()
        if treated is None:
            return None
        values = self.frame.numbers(outcome)[~treated]
        values = values[np.isfinite(values)]
        return float(values.mean()) if len(values) else None

    def total(self, outcome: str) -> int | None:
        """Return the sum of a count, as the number of events."""
        values = self.frame.numbers(outcome)
        finite = values[np.isfinite(values)]
        whole = bool(len(finite)) and bool(np.all(finite >= 0)) and bool(np.all(finite == np.round(finite)))
        return int(finite.sum()) if whole else None

    def missing_share(self, outcome: str) -> float:
        """Return the share of rows without the outcome."""
        return float(np.isnan(self.frame.numbers(outcome)).mean())

    def lost_units(self, outcome: str, allocation: Allocation) -> dict[str, int]:
        """Return how many of each arm's frozen units have no outcome at all; "" stands for no arm."""
        present, arms = self._present(outcome), dict(allocation.assignments.values_list("unit", "arm"))
        lost: dict[str, int] = dict.fromkeys(arms.values(), 0)
        for code in allocation.units.values_list("code", flat=True):
            arm = arms.get(code, "")
            lost[arm] = lost.get(arm, 0) + (code not in present)
        return lost

    def losses(self, outcome: str, allocation: Allocation) -> Losses:
        """Return which of the frozen units and clusters have no outcome at all."""
        present = self._present(outcome)
        units = list(allocation.units.values_list("code", "cluster"))
        arms = dict(allocation.assignments.values_list("unit", "arm"))
        by_arm: dict[str, list[bool]] = defaultdict(list)
        kept_clusters: dict[str, bool] = {}
        for code, cluster in units:
            by_arm[arms.get(code, "")].append(code not in present)
            kept_clusters[cluster or code] = kept_clusters.get(cluster or code, False) or code in present
        rates = [float(np.mean(lost)) for lost in by_arm.values()]
        return Losses(
            units=float(np.mean([code not in present for code, _ in units])),
            clusters=1 - float(np.mean(list(kept_clusters.values()))),
            differential=max(rates) - min(rates) if len(rates) > 1 else 0.0,
        )

    def clusters_by_arm(self) -> tuple[int | None, int | None]:
        """Return how many clusters (units where there are none) the treated and the control side have."""
        name = self.plan.columns.cluster or self.plan.columns.unit
        if name is None:
            return None, None
        coded = self.frame.coded(name)
        treated = self._treated()
        if treated is None:
            return None, None
        return _distinct(coded, treated), _distinct(coded, ~treated)

    def cohorts(self) -> dict[str, int]:
        """Return how many units each cohort has."""
        panel, unit = self._panel(), self.plan.columns.unit
        if panel is None or unit is None:
            return {}
        coded, first = self.frame.coded(unit), panel[1]
        treated = [value for value in np.unique(first) if np.isfinite(value)]
        return {f"cohort {value:g}": _distinct(coded, first == value) for value in treated}

    def steps(self) -> dict[float, int]:
        """Return how many treated units are observed at each time since their treatment began."""
        panel, unit = self._panel(), self.plan.columns.unit
        if panel is None or unit is None:
            return {}
        period, first = panel
        coded, treated = self.frame.coded(unit), np.isfinite(first)
        since = period - np.where(treated, first, np.nan)
        return {float(step): _distinct(coded, since == step) for step in np.unique(since[treated])}

    def units_with(self, outcome: str) -> set[str]:
        """Return the units that have the outcome in some row; none where the plan names no units."""
        return self._present(outcome) if self.plan.columns.unit is not None else set()

    def single_values(self, outcome: str) -> tuple[NDArray[np.float64] | None, list[str]]:
        """Return the values and their units where every unit has one row, or None."""
        if self.plan.columns.unit is None:
            return None, []
        coded, values = self.frame.coded(self.plan.columns.unit), self.frame.numbers(outcome)
        use = np.isfinite(values) & (coded.codes >= 0)
        if not use.any() or len(np.unique(coded.codes[use])) < use.sum():
            return None, []
        return values[use], [coded.names[code] for code in coded.codes[use]]

    def pre_periods(self) -> int | None:
        """Return how many periods lie before the first treatment anywhere."""
        panel = self._panel()
        if panel is None:
            return None
        period, first = panel
        treated = first[np.isfinite(first)]
        return len(np.unique(period[period < treated.min()])) if len(treated) else None

    def baseline_difference(self, outcome: str) -> float | None:
        """Return the standardised difference of units' means before treatment, ever against never treated.

        Infinite where the means of neither group vary and the groups differ.
        """
        panel = self._panel()
        if panel is None or self.plan.columns.unit is None:
            return None
        period, first = panel
        ever = np.isfinite(first)
        if not ever.any() or ever.all():
            return None
        values, coded = self.frame.numbers(outcome), self.frame.coded(self.plan.columns.unit)
        use = (period < first[ever].min()) & np.isfinite(values) & (coded.codes >= 0)
        return _standardised(values[use], coded.codes[use], ever[use])

    def _present(self, outcome: str) -> set[str]:
        """Return the units that have an outcome in some row."""
        coded = self.frame.coded(self.plan.columns.unit or "")
        there = np.unique(coded.codes[np.isfinite(self.frame.numbers(outcome)) & (coded.codes >= 0)])
        return {coded.names[code] for code in there}

    def _treated(self) -> NDArray[np.bool_] | None:
        columns, arms = self.plan.columns, self.plan.arms
        if columns.arm is not None and arms is not None:
            return ~_is(self.frame.coded(columns.arm), arms.control)
        panel = self._panel()
        if panel is None:
            return None
        first = panel[1]
        finite = np.isfinite(first)
        # Where everybody is treated in the end, the last cohort is the comparison of those before.
        return finite if not finite.all() else first < first.max()

    def _panel(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        columns = self.plan.columns
        if columns.period is None or columns.first_treated is None:
            return None
        period, first = self.frame.coded(columns.period), self.frame.coded(columns.first_treated)
        values, place = period_values(period)
        return values[place[period.codes]], first_treated_values(first, period, values)


def _is(coded: Coded, name: str) -> NDArray[np.bool_]:
    code = coded.names.index(name) if name in coded.names else -2
    found: NDArray[np.bool_] = coded.codes == code
    return found


def _distinct(coded: Coded, rows: NDArray[np.bool_]) -> int:
    return len(np.unique(coded.codes[rows & (coded.codes >= 0)]))


def _standardised(values: Any, units: Any, ever: Any) -> float | None:
    counts = np.bincount(units)
    kept = counts > 0
    means = np.bincount(units, values)[kept] / counts[kept]
    is_ever = np.bincount(units, ever)[kept] > 0
    groups = means[is_ever], means[~is_ever]
    if min(len(group) for group in groups) < 2:
        return None
    pooled = float(np.sqrt(np.mean([group.var(ddof=1) for group in groups])))
    gap = float(abs(groups[0].mean() - groups[1].mean()))
    if pooled > 0:
        return gap / pooled
    return np.inf if gap > 0 else 0.0
