"""The rows one estimate uses, as arrays sorted by (unit, period): the order of rows cannot matter."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.results import Dropped

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """Column arrays of the rows used, of length ``n_obs``, sorted by unit and period; see `sampling.build`.

    Attributes
    ----------
    outcome : float.
    unit, unit_names : codes 0..n_units-1 into the names, in code-point order of the names. Without a unit
        column each row is a unit.
    cluster, cluster_names : the level of assignment; the unit where the plan names no cluster.
    period, period_values, period_names : codes into the sorted values; event times are differences of
        values (numbers are themselves, dates count periods). One period called "" where the plan names
        none.
    arm, arm_names : codes into (control, treatment, …) in the plan's order; None without an arm column.
    first_treated : on the line of ``period_values``, infinity for never; None without its column.
    treatment : the row's own status, 0 to 1; None without its column.
    stratum, stratum_names, sequence, sequence_names, weight, exposure, affected, received : None where unused.
    covariates, covariate_names : (n_obs, k) floats; a text covariate becomes one 0/1 column for each
        level but the first.
    dropped : rows left out and why; ``n_rows`` of the data before that.
    """

    outcome: FloatArray
    unit: IntArray
    unit_names: tuple[str, ...]
    cluster: IntArray
    cluster_names: tuple[str, ...]
    period: IntArray
    period_values: FloatArray
    period_names: tuple[str, ...]
    arm: IntArray | None
    arm_names: tuple[str, ...]
    first_treated: FloatArray | None
    treatment: FloatArray | None
    stratum: IntArray | None
    stratum_names: tuple[str, ...]
    sequence: IntArray | None
    sequence_names: tuple[str, ...]
    weight: FloatArray | None
    exposure: FloatArray | None
    affected: FloatArray | None
    received: FloatArray | None
    covariates: FloatArray
    covariate_names: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    n_rows: int

    def take(self, rows: BoolArray) -> "Sample":
        """The sample of some rows, with units, clusters and strata renumbered without gaps."""
        if rows.all():
            return self
        unit, unit_names = compact(self.unit[rows], self.unit_names)
        cluster, cluster_names = compact(self.cluster[rows], self.cluster_names)
        stratum, stratum_names = self.stratum, self.stratum_names
        if stratum is not None:
            stratum, stratum_names = compact(stratum[rows], stratum_names)
        sequence, sequence_names = self.sequence, self.sequence_names
        if sequence is not None:
            sequence, sequence_names = compact(sequence[rows], sequence_names)
        return replace(
            self,
            outcome=self.outcome[rows],
            unit=unit,
            unit_names=unit_names,
            cluster=cluster,
            cluster_names=cluster_names,
            period=self.period[rows],
            arm=None if self.arm is None else self.arm[rows],
            first_treated=None if self.first_treated is None else self.first_treated[rows],
            treatment=None if self.treatment is None else self.treatment[rows],
            stratum=stratum,
            stratum_names=stratum_names,
            sequence=sequence,
            sequence_names=sequence_names,
            weight=None if self.weight is None else self.weight[rows],
            exposure=None if self.exposure is None else self.exposure[rows],
            affected=None if self.affected is None else self.affected[rows],
            received=None if self.received is None else self.received[rows],
            covariates=self.covariates[rows],
        )

    def earliest(self, count: int) -> "Sample":
        """The rows of the first `count` periods."""
        part = self.take(self.period < count)
        return replace(part, period_values=self.period_values[:count], period_names=self.period_names[:count])

    @property
    def n_obs(self) -> int:
        return len(self.outcome)

    @property
    def n_units(self) -> int:
        return len(self.unit_names)

    @property
    def n_clusters(self) -> int:
        return len(self.cluster_names)

    @property
    def n_periods(self) -> int:
        return len(self.period_values)

    @property
    def is_clustered(self) -> bool:
        """Whether some cluster holds more than one row."""
        return self.n_clusters < self.n_obs

    @property
    def unit_starts(self) -> IntArray:
        """The first row of each unit, (n_units,)."""
        return first_rows(self.unit, self.n_units, self.n_periods)

    @property
    def unit_first_treated(self) -> FloatArray:
        """First treatment by unit, (n_units,); it does not vary within a unit."""
        if self.first_treated is None:
            raise NotEstimable("the plan names no column for the period of first treatment")
        return self.first_treated[self.unit_starts]

    @property
    def unit_cluster(self) -> IntArray:
        """The cluster of each unit, (n_units,); it does not vary within a unit of a panel."""
        return self.cluster[self.unit_starts]

    @property
    def status(self) -> FloatArray:
        """Treatment status of each row: its own column, or 1 from the first treated period on."""
        if self.treatment is not None:
            return self.treatment
        if self.first_treated is None:
            raise NotEstimable("the plan names neither a treatment column nor one for first treatment")
        return (self.period_values[self.period] >= self.first_treated).astype(np.float64)


def first_rows(unit: IntArray, n_units: int, n_periods: int) -> IntArray:
    """The first row of each unit where rows are sorted by unit; in a panel without gaps they need no looking up."""
    if len(unit) == n_units * n_periods:
        return np.arange(n_units) * n_periods
    return np.searchsorted(unit, np.arange(n_units))


def compact(codes: IntArray, names: tuple[str, ...]) -> tuple[IntArray, tuple[str, ...]]:
    """Codes renumbered so that every name is used, in the same order of names."""
    used = np.bincount(codes, minlength=len(names)) > 0
    if used.all():
        return codes, names
    kept = tuple(name for name, is_used in zip(names, used, strict=True) if is_used)
    return np.asarray((np.cumsum(used) - 1)[codes], dtype=np.int64), kept
