"""Ways to treat as many of many units, without putting the units in order.

Each unit is treated by chance, and then as many as are too many or too few change at random. Given how many were
treated by chance all ways are as likely, and they stay so. The ways are kept as bits until they are used.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.stats.draws import keys, permutation, uniforms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Bits = NDArray[np.uint8]

PLANES = 8  # a chance is a whole number of 256ths
WORD = 64
AMPLE, SPARE = 1.25, 32


def treated_by_chance(
    bits: np.random.PCG64,
    members: Sequence[IntArray],
    wanted: Sequence[int],
    n_ways: int,
    table: FloatArray,
) -> Iterator[FloatArray]:
    """Yield ways in which `wanted` of each stratum are treated, some (r, G) at a time.

    Parameters
    ----------
    bits : the bit generator.
    members : positions of each stratum.
    wanted : how many of each are treated.
    n_ways : how many ways are drawn.
    table : (r, G) where they are written again and again; making a new one would cost as much as the draw.
    """
    drawn = [_drawn(bits, n_ways, len(inside), count) for inside, count in zip(members, wanted, strict=True)]
    for first in range(0, n_ways, len(table)):
        part = table[: min(len(table), n_ways - first)]
        for inside, packed in zip(members, drawn, strict=True):
            rows = packed[first : first + len(part)]
            treated = np.unpackbits(rows, axis=1, count=len(inside), bitorder="little")
            if len(inside) == part.shape[1]:
                np.copyto(part, treated)
            else:
                part[:, inside] = treated
        yield part


def _drawn(bits: np.random.PCG64, n_ways: int, size: int, count: int) -> Bits:
    """(n_ways, …) bits, of which the first `size` of each way hold exactly `count` that are set."""
    n_words = -(-size // WORD)
    words = _chance(bits, (n_ways, n_words), round(2**PLANES * count / size))
    if size % WORD:
        words[:, -1] &= np.uint64(2 ** (size % WORD) - 1)
    extra = np.bitwise_count(words).sum(axis=1, dtype=np.int64) - count
    packed: Bits = words.astype("<u8", copy=False).view(np.uint8)
    rows, places = _changes(bits, packed, size, count, extra)
    np.bitwise_xor.at(packed, (rows, places >> 3), (1 << (places & 7)).astype(np.uint8))
    return packed


def _chance(bits: np.random.PCG64, shape: tuple[int, int], chance: int) -> NDArray[np.uint64]:
    """Words whose bits are each set with a chance of so many 256ths, from as many random bits as that needs."""
    if chance in (0, 2**PLANES):
        return np.full(shape, 0 if chance == 0 else 2**WORD - 1, dtype=np.uint64)
    lowest = (chance & -chance).bit_length() - 1
    found = keys(bits, shape)
    for plane in range(lowest + 1, PLANES):
        # Each further digit of the chance in base 2: half of the rest is added, or half of it is kept.
        if chance >> plane & 1:
            found |= keys(bits, shape)
        else:
            found &= keys(bits, shape)
    return found


def _changes(
    bits: np.random.PCG64, packed: Bits, size: int, count: int, extra: NDArray[np.int64]
) -> tuple[IntArray, IntArray]:
    """The rows and positions that change: of each row as many as are too many or too few, none twice."""
    needed = np.abs(extra)
    # So many picks hold enough that fit, nearly always: those that are set where too many are, else the others.
    share = np.maximum(np.where(extra > 0, count, size - count), 1) / size
    asked = np.where(needed > 0, np.ceil(AMPLE * needed / share) + SPARE, 0).astype(np.intp)
    rows = np.repeat(np.arange(len(extra)), asked)
    places = np.floor(uniforms(bits, (len(rows),)) * size).astype(np.intp)
    fitting = _is_set(packed, rows, places) == (extra[rows] > 0)
    rows, places = rows[fitting], places[fitting]
    first_time = np.sort(np.unique(rows * size + places, return_index=True)[1])
    rows, places = rows[first_time], places[first_time]
    per_row = np.bincount(rows, minlength=len(extra))
    rank = np.arange(len(rows)) - (np.cumsum(per_row) - per_row)[rows]
    used = (rank < needed[rows]) & (per_row >= needed)[rows]
    changed_rows, changed = [rows[used]], [places[used]]
    for row in np.flatnonzero(per_row < needed).tolist():
        here = np.arange(size)
        side = here[_is_set(packed, np.full(size, row), here) == (extra[row] > 0)]
        changed.append(side[permutation(bits, len(side))[: needed[row]]])
        changed_rows.append(np.full(needed[row], row))
    return np.concatenate(changed_rows), np.concatenate(changed)


def _is_set(packed: Bits, rows: IntArray, places: IntArray) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (packed[rows, places >> 3] >> (places & 7) & 1).astype(bool)
    return found
