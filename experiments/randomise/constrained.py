"""A draw among the best-balanced allocations: all of them listed, or many sampled, and the best share kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import comb, lcm, prod
from typing import Any

from experiments.randomise.drawn import Drawn, share_text
from experiments.randomise.engine import key, tag, whole_number_below
from experiments.randomise.things import Things, constant_problems, decimal_text, spread
from experiments.randomise.units import Problem, list_sha256

MOST_LISTED = 50_000  # as many allocations are listed one by one; of more, so many are sampled
LARGEST_LIST = 100
ALPHABET = "0123456789"  # one digit for each thing: the place of its arm


@dataclass(frozen=True, slots=True)
class Kept:
    """The allocations that may be drawn.

    Attributes
    ----------
    allocations : one text each, the place of the arm of every thing in the order of the identifiers; sorted.
    scores : the imbalance of each, exactly.
    n_candidates : how many were scored.
    is_enumerated : whether those were all there are.
    cutoff : the largest imbalance kept.
    """

    allocations: tuple[str, ...]
    scores: tuple[Fraction, ...]
    n_candidates: int
    is_enumerated: bool
    cutoff: Fraction

    @property
    def text(self) -> str:
        """The compact form that is stored: one line for each allocation."""
        return "".join(f"{each}\n" for each in self.allocations)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def constrained_problems(things: Things) -> list[Problem]:
    """Everything that keeps this list from a constrained draw; last, two things that are never or always together."""
    scheme, n = things.scheme, len(things.ids)
    found = constant_problems(things)
    if n > LARGEST_LIST:
        found.append(Problem(None, f"At most {LARGEST_LIST} {things.noun} can be drawn under constraints"))
    if len(scheme.arms) > len(ALPHABET):
        found.append(Problem(None, f"At most {len(ALPHABET)} arms can be drawn under constraints"))
    if over := n % sum(scheme.ratios):
        message = f"{n} {things.noun} cannot be divided by the shares exactly"
        found.append(Problem(None, f"{message}: leave out {over} or add {sum(scheme.ratios) - over}"))
    return found or _coupled(things)


def _coupled(things: Things) -> list[Problem]:
    kept = kept_allocations(things)
    for one, two in combinations(range(len(things.ids)), 2):
        together = sum(each[one] == each[two] for each in kept.allocations)
        if together in (0, len(kept.allocations)):
            how = "always" if together else "never"
            message = (
                f"{things.ids[one]} and {things.ids[two]} would {how} be in the same arm in the "
                f"{len(kept.allocations):,} allocations kept; keep a larger share or name fewer covariates"
            )
            return [Problem(None, message)]
    return []


def kept_allocations(things: Things) -> Kept:
    """Return the best-balanced share of all allocations (ties at the edge are kept), or of a sample of them.

    The sample follows from the list alone, so that the set is known and can be checked before the seed is.
    """
    scheme = things.scheme
    assert scheme.constraint is not None
    rows = tuple(things.values[each] for each in things.ids)
    sampled_by = list_sha256(things.units)
    return _kept(rows, tuple(scheme.ratios), scheme.constraint.keep_percent, sampled_by)


@lru_cache(maxsize=4)
def _kept(rows: tuple[tuple[int, ...], ...], ratios: tuple[int, ...], percent: int, list_hash: str) -> Kept:
    n, total = len(rows), sum(ratios)
    counts = [n * ratio // total for ratio in ratios]
    n_all = prod(comb(sum(counts[place:]), count) for place, count in enumerate(counts))
    is_enumerated = n_all <= MOST_LISTED
    candidates = list(_every(counts, n)) if is_enumerated else _sampled(counts, n, n_all, list_hash)
    scored = sorted(zip(imbalances(candidates, rows, counts), candidates, strict=True))
    least = -(-len(scored) * percent // 100)
    cutoff = scored[least - 1][0]
    kept = sorted((each, score) for score, each in scored if score <= cutoff)
    factor = scale(rows, counts)
    return Kept(
        tuple(each for each, _ in kept),
        tuple(score * factor for _, score in kept),
        len(candidates),
        is_enumerated,
        cutoff * factor,
    )


def _every(counts: Sequence[int], n: int) -> Iterator[str]:
    """Yield every allocation once."""

    def fill(free: tuple[int, ...], arm: int, made: list[str]) -> Iterator[str]:
        if arm == len(counts) - 1:
            for place in free:
                made[place] = ALPHABET[arm]
            yield "".join(made)
            return
        for chosen in combinations(free, counts[arm]):
            for place in chosen:
                made[place] = ALPHABET[arm]
            taken = set(chosen)
            yield from fill(tuple(place for place in free if place not in taken), arm + 1, made)

    yield from fill(tuple(range(n)), 0, [""] * n)


def _sampled(counts: Sequence[int], n: int, n_all: int, list_hash: str) -> list[str]:
    """Draw allocations by their number among all, under a key that the hash of the list gives; each is kept once."""
    sample_key = key(f"candidates|{list_hash}")
    numbers = {whole_number_below(n_all, sample_key, "candidate", str(place)) for place in range(MOST_LISTED)}
    return [_numbered(number, list(counts), n, n_all) for number in sorted(numbers)]


def _numbered(number: int, left: list[int], n: int, n_all: int) -> str:
    """Return the allocation of a number: arms are chosen thing by thing, the first arm's allocations first."""
    made = []
    for remaining in range(n, 0, -1):
        arm = 0
        while number >= (here := n_all * left[arm] // remaining):
            number -= here
            arm += 1
        made.append(ALPHABET[arm])
        left[arm] -= 1
        n_all = here
    return "".join(made)


def imbalances(
    candidates: Sequence[str], rows: Sequence[Sequence[int]], counts: Sequence[int]
) -> Iterator[int]:
    """Yield the imbalance of each allocation as a whole number.

    It is the sum over pairs of arms and over covariates of the squared difference of means over the covariate's
    variance, times what clears every denominator.
    """
    columns = [[row[each] for row in rows] for each in range(len(rows[0]))]
    variances = _variances(rows)
    weights = [lcm(*variances) // variance for variance in variances]
    sizes = [lcm(*counts) // count for count in counts]
    pairs = list(combinations(range(len(counts)), 2))
    for candidate in candidates:
        places = [
            [place for place, arm in enumerate(candidate) if arm == ALPHABET[at]] for at in range(len(counts))
        ]
        score = 0
        for weight, column in zip(weights, columns, strict=True):
            means = [
                size * sum(map(column.__getitem__, here)) for size, here in zip(sizes, places, strict=True)
            ]
            score += weight * sum((means[one] - means[two]) ** 2 for one, two in pairs)
        yield score


def _variances(rows: Sequence[Sequence[int]]) -> list[int]:
    matrix = spread({str(place): tuple(row) for place, row in enumerate(rows)})
    return [matrix[place][place] for place in range(len(matrix))]


def scale(rows: Sequence[Sequence[int]], counts: Sequence[int]) -> Fraction:
    """What turns the whole-number imbalance into the one of standardised covariates (variance over n − 1)."""
    n = len(rows)
    return Fraction(n * (n - 1), lcm(*counts) ** 2 * lcm(*_variances(rows)))


def prepared(things: Things) -> dict[str, Any]:
    """Return what is known of the set before the draw."""
    kept, n = kept_allocations(things), len(things.ids)
    together = [
        sum(each[one] == each[two] for each in kept.allocations) for one, two in combinations(range(n), 2)
    ]
    size = len(kept.allocations)
    return {
        "candidates": kept.n_candidates,
        "candidates_are": "all allocations" if kept.is_enumerated else "a sample drawn from the list's hash",
        "kept": size,
        "cutoff": decimal_text(kept.cutoff),
        "set_sha256": kept.sha256,
        "pairs_together": {"fewest": f"{min(together)}/{size}", "most": f"{max(together)}/{size}"},
    }


def constrained(things: Things, draw_key: bytes) -> Drawn:
    """Draw one of the kept allocations, each as likely as any other."""
    kept, labels = kept_allocations(things), things.scheme.labels
    index = whole_number_below(len(kept.allocations), draw_key, "constrained", "index")
    chosen = dict(zip(things.ids, kept.allocations[index], strict=True))
    probabilities = _probabilities(things, kept)
    details = {
        **prepared(things),
        "index": index,
        "imbalance": decimal_text(kept.scores[index]),
        "probabilities_are": "exact" if kept.is_enumerated else "shares of the sampled set: estimates",
        "probabilities_by_thing": {
            each: {label: share_text(share) for label, share in row.items()}
            for each, row in probabilities.items()
        },
    }
    chosen_by = tag(draw_key, "constrained", "index", "0")
    arms = {each: labels[int(digit)] for each, digit in chosen.items()}
    return Drawn(arms, dict.fromkeys(arms, chosen_by), probabilities, details)


def _probabilities(things: Things, kept: Kept) -> dict[str, dict[str, Fraction]]:
    size = len(kept.allocations)
    return {
        each: {
            label: Fraction(sum(allocation[place] == ALPHABET[arm] for allocation in kept.allocations), size)
            for arm, label in enumerate(things.scheme.labels)
        }
        for place, each in enumerate(things.ids)
    }
