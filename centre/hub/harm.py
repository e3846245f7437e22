"""PURE: what recorded offences come to in harm: count times weight, exact, and whole or not at all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from functools import cached_property

from centre.hub.weights import Weights

_NAMED = 3  # titles in a reason
_EXACT = Context(prec=60, traps=[Inexact])  # a count has 9 digits, a weight 15, a table 20,000 offences


@dataclass(frozen=True, slots=True)
class Part:
    """What one offence, or a group of offences, adds."""

    name: str
    count: int
    harm: Decimal


@dataclass(frozen=True)
class Weighed:
    """One force's month under one table of weights. A value of None is not known: `why_not` says why."""

    value: Decimal | None
    why_not: str
    n_recorded: int
    n_weighted: int  # of those, that have a weight
    offences: tuple[Part, ...] = ()  # that were recorded, the most harm first; none where there is no value
    groups: tuple[Part, ...] = ()  # the same by group of the table, or by offence where it has none

    @property
    def share_weighted(self) -> float | None:
        """Return the share of the recorded offences that has a weight; None where nothing was recorded."""
        return self.n_weighted / self.n_recorded if self.n_recorded else None

    @cached_property
    def by_title(self) -> dict[str, Part]:
        """Return what was recorded, by title."""
        return {one.name: one for one in self.offences}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of harm from one whole month to another."""

    harm: tuple[Decimal, Decimal]
    counts: tuple[int, int]
    most: (
        Part | None
    )  # the group that moved most the way that harm did, with its change; None where harm did not move
    apart: str  # the recorded offence that weighs most
    without: tuple[Decimal, Decimal]  # harm without it


def weigh(counts: Mapping[str, int | None], weights: Weights, *, absent_is_none: bool) -> Weighed:
    """Weigh a month. It has a value where every offence sent has a weight, and every offence of the table a count.

    A part of the sum is never returned as the whole.
    """
    known = {title: n for title, n in counts.items() if n is not None}
    weighted = sum(n for title, n in known.items() if title in weights.by_title)
    absent = () if absent_is_none else (title for title in weights.by_title if title not in counts)
    unknown = [*(title for title, n in counts.items() if n is None), *absent]
    reasons = [
        *_reason("no weight for", [title for title in counts if title not in weights.by_title]),
        *_reason("no count of", unknown),
    ]
    if reasons:
        return Weighed(None, "; ".join(reasons), sum(known.values()), weighted)
    recorded = [title for title, n in known.items() if n]
    with localcontext(_EXACT):
        offences = [Part(one, known[one], known[one] * weights.by_title[one]) for one in recorded]
        value = sum((one.harm for one in offences), Decimal(0))
        groups = _grouped(offences, weights)
    return Weighed(value, "", sum(known.values()), weighted, _sorted(offences), _sorted(groups))


def change(before: Weighed, after: Weighed) -> Change | None:
    """Return what became of harm; None where either month is not whole, or nothing was recorded in both."""
    titles = sorted({*before.by_title, *after.by_title})
    if before.value is None or after.value is None or not titles:
        return None
    with localcontext(_EXACT):
        moved = after.value - before.value
        parts = _differences(before.groups, after.groups)
        most = max(parts, key=lambda one: one.harm if moved > 0 else -one.harm) if moved else None
        # A weight is harm over count, which may not end in decimals: compared as harm for each, by cross products.
        apart = _heaviest([*before.offences, *after.offences])
        without = tuple(
            month.value - (month.by_title[apart].harm if apart in month.by_title else Decimal(0))
            for month in (before, after)
            if month.value is not None
        )
    return Change(
        (before.value, after.value),
        (before.n_recorded, after.n_recorded),
        most,
        apart,
        (without[0], without[1]),
    )


def sentences(found: Change, months: tuple[str, str], unit: str) -> str:
    """Return in words what became of harm and of counts, what moved it, and what is left without the heaviest."""
    harm, counts = found.harm, (Decimal(found.counts[0]), Decimal(found.counts[1]))
    same_way = _sign(harm) == _sign(counts)
    words = [
        f"Harm {moved(*harm)} from {months[0]} to {months[1]}",
        "and" if same_way else "while",
        f"counts {moved(*counts)}",
    ]
    said = " ".join(words)
    if found.most:
        way = "rose" if found.most.harm > 0 else "fell"
        offences = f"{abs(found.most.count):,} offence{'' if abs(found.most.count) == 1 else 's'}"
        more = f"{offences} {'more' if found.most.count > 0 else 'fewer'}"
        said += (
            f", because {found.most.name} {way} by {plain(abs(found.most.harm))} {unit}"
            f" ({more if found.most.count else 'as many offences, of other weight'})"
        )
    return (
        f"{said}. Without {found.apart}, the offence recorded that weighs most, harm {moved(*found.without)}."
    )


def moved(before: Decimal, after: Decimal) -> str:
    """Return how a figure moved, in whole per cent of what it was."""
    if before == after:
        return "stayed the same"
    way = "rose" if after > before else "fell"
    if not before:
        return f"{way} from 0 to {plain(after)}"
    per_cent = abs(100 * (after - before) / before)
    return f"{way} {per_cent:,.0f} %" if per_cent >= 1 else f"{way} by less than 1 %"


def plain(value: Decimal) -> str:
    """Return a figure in full, without noughts behind its last decimal."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _reason(words: str, titles: Collection[str]) -> list[str]:
    if not titles:
        return []
    first = sorted(titles)[:_NAMED]
    more = len(titles) - len(first)
    named = ", ".join(f"“{title}”" for title in first) + (f" and {more} more" if more else "")
    return [f"{words} {len(titles):,} offence{'' if len(titles) == 1 else 's'} ({named})"]


def _grouped(offences: Iterable[Part], weights: Weights) -> list[Part]:
    found: dict[str, Part] = {}
    for one in offences:
        name = weights.groups.get(one.name, one.name)
        before = found.get(name, Part(name, 0, Decimal(0)))
        found[name] = Part(name, before.count + one.count, before.harm + one.harm)
    return list(found.values())


def _differences(before: Iterable[Part], after: Iterable[Part]) -> list[Part]:
    """Return how each group moved, in the order of the alphabet."""
    pairs = {one.name: [one, None] for one in before}
    for one in after:
        pairs.setdefault(one.name, [None, None])[1] = one
    nothing = Part("", 0, Decimal(0))
    found = []
    for name in sorted(pairs):
        old, new = (one or nothing for one in pairs[name])
        found.append(Part(name, new.count - old.count, new.harm - old.harm))
    return found


def _heaviest(offences: Iterable[Part]) -> str:
    """Return the offence of the greatest weight; of equal ones the first of the alphabet."""
    best: Part | None = None
    for one in sorted(offences, key=lambda part: part.name):
        if best is None or one.harm * best.count > best.harm * one.count:
            best = one
    return best.name if best else ""


def _sorted(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda one: (-one.harm, one.name)))


def _sign(pair: tuple[Decimal, Decimal]) -> int:
    return (pair[1] > pair[0]) - (pair[1] < pair[0])
