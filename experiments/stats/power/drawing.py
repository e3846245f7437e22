"""The random numbers of simulated trials, and the whole sizes they are made in."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from experiments.stats.draws import standard_normals, stream, uniforms
from experiments.stats.frame import FloatArray
from experiments.stats.power.design import Design
from experiments.stats.power.precision import sizes_of

SEED = 1  # of every simulation: the same design gives the same numbers


@dataclass(frozen=True, slots=True)
class Source:
    """The random numbers of one block of replicates."""

    name: str
    block: int
    count: int

    def normals(self, purpose: str, *shape: int) -> FloatArray:
        """Standard normals (count, *shape)."""
        return self.all_normals(purpose, self.count, *shape)

    def all_normals(self, purpose: str, *shape: int) -> FloatArray:
        """Standard normals of any shape."""
        return standard_normals(stream(SEED, self.name, purpose, self.block), shape)

    def uniforms(self, purpose: str, *shape: int) -> FloatArray:
        """Uniform draws (count, *shape)."""
        return uniforms(stream(SEED, self.name, purpose, self.block), (self.count, *shape))


def whole(size: float) -> int:
    """The size in whole units, allowing for rounding error in what was solved."""
    return ceil(size * (1 - 1e-9))


def arm_sizes(design: Design) -> tuple[int, int]:
    """Whole units, clusters or places in the control and the treated arm."""
    control, treated = sizes_of(design)
    return whole(control), whole(treated)


def arms(design: Design) -> FloatArray:
    """0 for each of the control arm, then 1 for each of the treated."""
    return np.repeat([0.0, 1.0], arm_sizes(design))


def rows(design: Design) -> int:
    """How many rows one replicate is analysed on."""
    units = sum(arm_sizes(design))
    if design.design == "stepped_wedge":
        return arm_sizes(design)[0] * design.steps * design.periods
    if design.design in ("crossover", "did"):
        return units * design.periods
    if design.design == "cluster" and design.cluster_size_cv:
        return units * ceil(design.cluster_size or 1)
    return 2 * units if design.design == "matched_pair" else units
