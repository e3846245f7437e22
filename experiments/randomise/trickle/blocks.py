"""Permuted blocks of random size: every full block holds each arm exactly in its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from experiments.randomise.engine import tag, whole_number_below
from experiments.randomise.trickle.scheme import TrickleScheme


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in one block of one stratum. Blocks and places count from 0."""

    block: int
    size: int
    place: int
    arm: str
    tag: str
    probabilities: Mapping[str, Fraction]


def slot(
    scheme: TrickleScheme,
    draw_key: bytes,
    stratum: Sequence[str],
    n_before: int,
    reached: tuple[int, int] = (0, 0),
) -> Slot:
    """Find the slot of the case that has ``n_before`` others before it in its stratum.

    ``reached`` is a block no later than the case's, with the cases before that block: the search begins there.

    Notes
    -----
    The size of block i is drawn from the allowed sizes by ``tag("block", *stratum, i)``. The arms of the block are
    laid out in their shares, and put in the order of ``tag("slot", *stratum, i, j)``, j the place in that lay-out.
    Given the size and the arms used, the probability of an arm is its part of what is left.
    """
    block, start = reached
    while (size := block_size(scheme, draw_key, stratum, block)) <= n_before - start:
        block, start = block + 1, start + size
    place = n_before - start
    order = block_order(scheme, draw_key, stratum, block, size)
    left = Counter(arm for _, arm in order[place:])
    decided, arm = order[place]
    shares = {one.label: Fraction(left[one.label], size - place) for one in scheme.arms}
    return Slot(block, size, place, arm, decided, shares)


def block_size(scheme: TrickleScheme, draw_key: bytes, stratum: Sequence[str], block: int) -> int:
    """Draw the size of one block."""
    sizes = scheme.block_sizes
    return sizes[whole_number_below(len(sizes), draw_key, "block", *stratum, str(block))]


def block_order(
    scheme: TrickleScheme, draw_key: bytes, stratum: Sequence[str], block: int, size: int
) -> list[tuple[str, str]]:
    """Return the tags and arms of one block, in the order in which cases get them."""
    total = sum(arm.ratio for arm in scheme.arms)
    laid_out = [arm.label for arm in scheme.arms for _ in range(arm.ratio * size // total)]
    return sorted(
        (tag(draw_key, "slot", *stratum, str(block), str(place)), arm) for place, arm in enumerate(laid_out)
    )
