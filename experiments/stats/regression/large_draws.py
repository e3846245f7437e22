"""Ways to treat as many of many units, without putting the units in order.

Each unit is treated by chance, and then as many as are too many or too few change at random. Given how many were
treated by chance all ways are as likely, and they stay so.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import permutation, random_bytes, uniforms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

STEPS = 256  # a chance is a whole number of 256ths
SPARE = 32


def treated_by_chance(
    bits: np.random.PCG64, members: Sequence[IntArray], wanted: Sequence[int], table: FloatArray
) -> FloatArray:
    """Fill a table (r, G) with ways in which `wanted` of each stratum are treated, and return it.

    Parameters
    ----------
    bits : the bit generator.
    members : positions of each stratum.
    wanted : how many of each are treated.
    table : where they are written; making a new one for each block would cost as much as the draw.
    """
    for inside, count in zip(members, wanted, strict=True):
        size = len(inside)
        chance = random_bytes(bits, (len(table), size)) < round(STEPS * count / size)
        extra = np.count_nonzero(chance, axis=1) - count
        for row, change in _changes(bits, chance, extra):
            chance[row, change] = extra[row] < 0
        if size == table.shape[1]:
            np.copyto(table, chance)
        else:
            table[:, inside] = chance
    return table


def _changes(
    bits: np.random.PCG64, chance: NDArray[np.bool_], extra: NDArray[np.intp]
) -> Iterator[tuple[int, IntArray]]:
    """For each row the positions that change, without one coming twice."""
    n_rows, size = chance.shape
    most = int(np.abs(extra).max())
    picked = np.floor(uniforms(bits, (n_rows, 3 * most + SPARE)) * size).astype(np.intp)
    for row in np.flatnonzero(extra).tolist():
        side, count = bool(extra[row] > 0), abs(int(extra[row]))
        here = picked[row, : 3 * count + SPARE]
        fitting = here[chance[row, here] == side]
        first = [*dict.fromkeys(fitting.tolist())][:count]
        if len(first) == count:
            yield row, np.array(first)
            continue
        places = np.flatnonzero(chance[row] == side)
        yield row, places[permutation(bits, len(places))[:count]]
