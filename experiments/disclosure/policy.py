"""The numbers of disclosure control, and the form of what a check finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Whose data is protected by the small-cell rule. Places and police forces are not people: there an exception
# is possible, with a reason that is published.
PEOPLE = frozenset({"person", "incident"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, as configured by the Centre.

    Attributes
    ----------
    threshold : smallest number of data subjects behind any released number.
    residual_df : smallest residual degrees of freedom of a released model.
    rounding_base : released counts are multiples of it.
    significant_figures : of released effects, so that margins and an effect do not give back a hidden table.
    dominance_n, dominance_share : a sum is refused where its n largest contributors make up this share.
    p_ratio : a sum is refused where all but its two largest contributors are less than this part of the largest.
    addresses : fewest addresses of an area on a map.
    version : of the thresholds as the Centre signed them; 0 is what is built in.
    """

    threshold: int = 10
    residual_df: int = 10
    rounding_base: int = 5
    significant_figures: int = 3
    dominance_n: int = 2
    dominance_share: float = 0.9
    p_ratio: float = 0.1
    addresses: int = 8
    version: int = 0


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing the two checkers must see.

    ``rule`` is stable and citable, ``where`` points into what is to be released, ``blocks`` says that it cannot
    be released as it is, whoever clears it.
    """

    rule: str
    where: str
    message: str
    blocks: bool


def is_blocked(concerns: Iterable[Concern]) -> bool:
    """Whether anything among the concerns stops the release."""
    return any(concern.blocks for concern in concerns)
