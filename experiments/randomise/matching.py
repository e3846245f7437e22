"""Pairs and k-tuples of like units, by the Mahalanobis distance, then a draw inside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import gcd
from typing import Any

from experiments.randomise.drawn import Drawn
from experiments.randomise.engine import complete_draw
from experiments.randomise.things import Things, constant_problems, decimal_text, spread
from experiments.randomise.units import Problem

LARGEST_OPTIMAL = 16  # things in a stratum that are paired optimally: every pairing is tried
LARGEST_LIST = 1_000
OPTIMAL, GREEDY = "optimal", "optimal greedy"


class Distances:
    """Squared Mahalanobis distances between things, as whole numbers that are exactly proportional to them.

    With S the covariance matrix of the covariates over the whole list, d² = (x − y)′ S⁻¹ (x − y). The inverse is
    the adjugate over the determinant, and both are whole numbers for whole-number covariates: distances are compared
    without a division. `squared` gives d² itself.
    """

    def __init__(self, values: Mapping[str, tuple[int, ...]]) -> None:
        self.values = values
        self.matrix = spread(values)

    @cached_property
    def weights(self) -> list[list[int]]:
        """The adjugate of the spread, divided by what all its cells share."""
        whole = [[int(cell * self.determinant) for cell in row] for row in self._inverse]
        common = gcd(*(cell for row in whole for cell in row))
        return [[cell // common for cell in row] for row in whole]

    @cached_property
    def determinant(self) -> Fraction:
        return _eliminated(self.matrix)[1]

    @cached_property
    def _inverse(self) -> list[list[Fraction]]:
        return _eliminated(self.matrix)[0]

    def between(self, one: str, two: str) -> int:
        """Return the distance that is compared."""
        apart = [a - b for a, b in zip(self.values[one], self.values[two], strict=True)]
        return sum(
            a * sum(weight * b for weight, b in zip(row, apart, strict=True))
            for a, row in zip(apart, self.weights, strict=True)
        )

    def squared(self, one: str, two: str) -> Fraction:
        """Return d² exactly: S is the spread over n(n − 1)."""
        n = len(self.values)
        apart = [a - b for a, b in zip(self.values[one], self.values[two], strict=True)]
        form = sum(
            (
                a * sum((cell * b for cell, b in zip(row, apart, strict=True)), Fraction(0))
                for a, row in zip(apart, self._inverse, strict=True)
            ),
            Fraction(0),
        )
        return form * n * (n - 1)


def _eliminated(matrix: Sequence[Sequence[int]]) -> tuple[list[list[Fraction]], Fraction]:
    """Return the inverse and the determinant by Gauss and Jordan in fractions; determinant 0 has no inverse.

    The matrix is a covariance matrix: what is left of it at each step is one too, and where a variance is 0 so are
    the covariances beside it. No rows need to change places.
    """
    size = len(matrix)
    rows = [
        [*map(Fraction, row), *(Fraction(place == column) for column in range(size))]
        for place, row in enumerate(matrix)
    ]
    determinant = Fraction(1)
    for column in range(size):
        if not rows[column][column]:
            return [], Fraction(0)
        determinant *= rows[column][column]
        rows[column] = [cell / rows[column][column] for cell in rows[column]]
        for place in range(size):
            if place != column and (factor := rows[place][column]):
                rows[place] = [a - factor * b for a, b in zip(rows[place], rows[column], strict=True)]
    return [row[size:] for row in rows], determinant


def tuple_size(things: Things) -> int:
    """Return how many things make one tuple: one place for each share."""
    return sum(things.scheme.ratios)


def matched_problems(things: Things) -> list[Problem]:
    """Everything that keeps this list from being matched."""
    size = tuple_size(things)
    found = constant_problems(things)
    if len(things.ids) > LARGEST_LIST:
        found.append(Problem(None, f"At most {LARGEST_LIST:,} {things.noun} can be matched"))
    for stratum, members in things.strata.items():
        if over := len(members) % size:
            where = f" of stratum {stratum}" if stratum else ""
            message = f"{len(members)} {things.noun}{where} cannot be matched in tuples of {size}"
            found.append(Problem(None, f"{message}: leave out {over} or add {size - over}"))
    if not found and Distances(things.values).determinant == 0:
        message = "The covariates say the same thing twice (one follows from the others); leave one out"
        found.append(Problem(None, message))
    return found


def tuples(things: Things) -> tuple[dict[str, list[tuple[str, ...]]], dict[str, str]]:
    """Match each stratum: its tuples in the order of their first member, and how they were found.

    No seed enters: who is matched with whom follows from the list alone, and ties go to the lower identifier.
    """
    distances, size = Distances(things.values), tuple_size(things)
    found: dict[str, list[tuple[str, ...]]] = {}
    ways: dict[str, str] = {}
    for stratum, members in things.strata.items():
        is_optimal = size == 2 and len(members) <= LARGEST_OPTIMAL
        ways[stratum] = OPTIMAL if is_optimal else GREEDY
        made = _optimal_pairs(members, distances) if is_optimal else _greedy(members, distances, size)
        found[stratum] = sorted(tuple(sorted(each)) for each in made)
    return found, ways


def _optimal_pairs(members: Sequence[str], distances: Distances) -> list[tuple[str, ...]]:
    """Find the pairing with the smallest sum of squared distances; of equals the first in order of identifiers."""
    apart = {pair: distances.between(*pair) for pair in combinations(members, 2)}
    best: dict[tuple[str, ...], tuple[int, list[tuple[str, ...]]]] = {(): (0, [])}

    def solve(left: tuple[str, ...]) -> tuple[int, list[tuple[str, ...]]]:
        if left in best:
            return best[left]
        first, chosen = left[0], None
        for place in range(1, len(left)):
            total, pairs = solve(left[1:place] + left[place + 1 :])
            total += apart[first, left[place]]
            if chosen is None or total < chosen[0]:
                chosen = total, [(first, left[place]), *pairs]
        assert chosen is not None
        best[left] = chosen
        return chosen

    return solve(tuple(members))[1]


def _greedy(members: Sequence[str], distances: Distances, size: int) -> list[tuple[str, ...]]:
    """Take the closest pair of those left, fill it up with whoever is closest to all of it, and go on."""
    order = sorted((distances.between(*pair), *pair) for pair in combinations(members, 2))
    left, found = set(members), []
    for _, one, two in order:
        if one not in left or two not in left:
            continue
        chosen = [one, two]
        left -= {one, two}
        while len(chosen) < size:
            nearest = min(
                left, key=lambda each: (sum(distances.between(each, member) for member in chosen), each)
            )
            chosen.append(nearest)
            left.remove(nearest)
        found.append(tuple(chosen))
    return found


def prepared(things: Things) -> dict[str, Any]:
    """Return what is known of the matching before the draw: the tuples and how far apart their members are."""
    return _described(things, *tuples(things))


def _described(
    things: Things, found: Mapping[str, Sequence[tuple[str, ...]]], ways: Mapping[str, str]
) -> dict[str, Any]:
    distances = Distances(things.values)
    numbered = _numbered(found)
    listed = []
    for (stratum, members), name in numbered.items():
        widest = max(distances.squared(*pair) for pair in combinations(members, 2))
        listed.append(
            {
                "tuple": name,
                "stratum": stratum,
                "members": list(members),
                "distance_squared": str(widest),
                "distance": decimal_text(widest, root=True),
            }
        )
    return {"matching": dict(ways), "tuples": listed}


def matched(things: Things, draw_key: bytes) -> Drawn:
    """Draw the arms inside each tuple by the order of the tags."""
    scheme, (found, ways) = things.scheme, tuples(things)
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    blocks: dict[str, str] = {}
    for (stratum, members), name in _numbered(found).items():
        arms, some_tags = complete_draw(members, scheme.labels, scheme.ratios, draw_key, stratum)
        labels |= arms
        tags |= some_tags
        blocks |= dict.fromkeys(members, name)
    details = _described(things, found, ways)
    return Drawn(labels, tags, dict.fromkeys(labels, scheme.probabilities), details, blocks)


def _numbered(found: Mapping[str, Sequence[tuple[str, ...]]]) -> dict[tuple[str, tuple[str, ...]], str]:
    listed = [(stratum, members) for stratum, each in found.items() for members in each]
    return {each: str(place) for place, each in enumerate(listed, start=1)}
