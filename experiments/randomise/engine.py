"""The draw engine: one way of drawing for every method of allocation.

A unit's place in the draw is the HMAC-SHA-256 of its label under a key that comes from the seed. Nothing else
enters: no pseudo-random generator of a language, no version of a library, no order of rows. Anyone with the
seed and the list gets the same allocation in any language that has SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

ALGORITHM_ID = "hmac-sha256-tag-order"
ALGORITHM_VERSION = "1.0"

# Labels are joined with a control character, which no identifier may contain: two different lists of parts
# can therefore never give the same label.
SEPARATOR = "\x1f"


def key(seed: str) -> bytes:
    """Return the 32 bytes that key every tag of one draw: SHA-256 of the seed in UTF-8."""
    return hashlib.sha256(seed.encode()).digest()


def tag(draw_key: bytes, *parts: str) -> str:
    """HMAC-SHA-256 of the parts joined with U+001F, as lower-case hexadecimal."""
    return hmac.digest(draw_key, SEPARATOR.join(parts).encode(), "sha256").hex()


def whole_number_below(bound: int, draw_key: bytes, *parts: str) -> int:
    """Draw a uniform whole number from 0 to ``bound - 1``, by the tags of ``parts`` and a counter.

    The remainder of a 256-bit number is not exactly uniform, so a tag above the last whole multiple of the
    bound is passed over and the counter goes up by one.
    """
    ceiling = 2**256 - 2**256 % bound
    counter = 0
    while (number := int(tag(draw_key, *parts, str(counter)), 16)) >= ceiling:
        counter += 1
    return number % bound


def arm_counts(n: int, ratios: Sequence[int], draw_key: bytes, *parts: str) -> list[int]:
    """How many of ``n`` units go to each arm, by the ratios.

    Where ``n * ratio / sum`` is a whole number that is the count. Otherwise the count is the whole number
    below or above it, chosen so that its expectation is exactly ``n * ratio / sum``: see `counts_at`.
    """
    total = sum(ratios)
    if all(n * ratio % total == 0 for ratio in ratios):
        return [n * ratio // total for ratio in ratios]
    return counts_at(n, ratios, whole_number_below(total, draw_key, *parts, "remainder"))


def counts_at(n: int, ratios: Sequence[int], start: int) -> list[int]:
    """Count the arms for one starting point of systematic sampling of the fractional parts.

    Parameters
    ----------
    n : units to divide.
    ratios : whole-number shares, one for each arm.
    start : a whole number from 0 to ``sum(ratios) - 1``.

    Notes
    -----
    With ``S = sum(ratios)``, arm k is owed ``n * r_k / S``, of which the fractional part is ``f_k / S``.
    The parts are laid end to end on a line; an arm gets one unit more if a point of ``start, start + S, ...``
    falls in its part. Every ``f_k < S``, so an arm gets at most one more, and over the S equally likely
    starts it does so in exactly ``f_k`` of them: each unit's probability is exactly ``r_k / S``.

    References
    ----------
    The floor-or-ceiling rule for fractional counts of `randomizr::complete_ra`; Madow (1949).
    """
    total = sum(ratios)
    counts, reached = [], 0
    for ratio in ratios:
        share, part = divmod(n * ratio, total)
        # Points start + t * total below x, t = 0, 1, ...: ceil((x - start) / total), none if negative.
        before, after = (-((start - x) // total) if x > start else 0 for x in (reached, reached + part))
        counts.append(share + after - before)
        reached += part
    return counts


def complete_draw(
    identifiers: Iterable[str], arms: Sequence[str], ratios: Sequence[int], draw_key: bytes, *parts: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw one stratum: arms by identifier, and the tags that ordered them.

    The identifiers are put in the order of their tags; the first arm takes the lowest tags, and so on. The parts
    are the stratum and, where one list is drawn more than once, what tells the draws apart.
    """
    tags = {identifier: tag(draw_key, *parts, identifier) for identifier in identifiers}
    counts = arm_counts(len(tags), ratios, draw_key, *parts)
    labels = [arm for arm, count in zip(arms, counts, strict=True) for _ in range(count)]
    order = sorted(tags, key=tags.__getitem__)
    return dict(zip(order, labels, strict=True)), tags
