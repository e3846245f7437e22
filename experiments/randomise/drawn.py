"""What a method of drawing gives back, before it is written down as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Schedule:
    """Arms that change over time.

    Attributes
    ----------
    arms : the arm of each thing in each period, in order.
    shares : in each period, the exact probability of each arm; the same for every thing.
    """

    arms: Mapping[str, tuple[str, ...]]
    shares: tuple[Mapping[str, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The draw of the things of a list.

    Attributes
    ----------
    labels : arm, sequence or cell of each thing.
    tags : the tag that placed each thing; "" where no single tag did.
    probabilities : each thing's exact probability of each label.
    details : what the method adds to the record.
    blocks : the tuple or block of each thing, where there are any.
    """

    labels: Mapping[str, str]
    tags: Mapping[str, str]
    probabilities: Mapping[str, Mapping[str, Fraction]]
    details: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    schedule: Schedule | None = None


def share_text(share: Fraction) -> str:
    """Return an exact probability as text; a fraction of more than twelve digits is cut off after twelve decimals."""
    if share.denominator < 10**12:
        return str(share)
    scaled = share.numerator * 10**12 // share.denominator
    return f"{scaled // 10**12}.{scaled % 10**12:012}"
