"""PURE: funnel plots: which forces differ from the others by more than chance, and by more than forces usually do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from centre import figures
from centre.distributions import quantile
from centre.hub.standards import dispersion
from centre.hub.standards.families import Family, Floats, exact_limit, std_error, steady, unsteady

FEWEST = 8  # forces: a force and the seven most like it
USUAL, FAR = 0.95, 0.998  # about two and three standard errors


class NotComparable(Exception):
    """No funnel can be drawn; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Spread(StrEnum):
    """How forces that differ by more than chance are allowed for."""

    CHANCE = "chance"  # not at all
    MULTIPLICATIVE = "multiplicative"  # limits are sqrt(phi) times as wide
    ADDITIVE = "additive"  # every force has its own true rate: tau squared is added to each variance


class Standing(StrEnum):
    """Where a force lies. It is no rank: those within the limits cannot be told apart."""

    FAR_BELOW = "below 99.8 %"
    BELOW = "below 95 %"
    WITHIN = "within"
    ABOVE = "above 95 %"
    FAR_ABOVE = "above 99.8 %"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one force counted, and of how many."""

    key: str
    count: float
    denominator: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A force in the funnel, with the limits at its own denominator."""

    key: str
    count: float
    denominator: float
    share: float
    score: float
    usual: tuple[float, float]
    far: tuple[float, float]

    @property
    def standing(self) -> Standing:
        """Return where the force lies."""
        if self.share < self.far[0]:
            return Standing.FAR_BELOW
        if self.share > self.far[1]:
            return Standing.FAR_ABOVE
        if self.share < self.usual[0]:
            return Standing.BELOW
        return Standing.ABOVE if self.share > self.usual[1] else Standing.WITHIN


@dataclass(frozen=True)
class Funnel:
    """Forces in the order they were given, the share of all of them together, and how far apart they lie."""

    family: Family
    centre: float
    phi: float
    tau_squared: float
    spread: Spread  # what the limits allow for: CHANCE where nothing more was found
    figures: tuple[Figure, ...]

    def limits(self, denominator: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the lower and upper limit at each denominator, exact where the limits allow for chance alone."""
        tail = (1 - level) / 2
        if self.spread is Spread.CHANCE:
            lower, upper = (exact_limit(self.family, self.centre, denominator, p) for p in (tail, 1 - tail))
            return lower, upper
        middle, error = float(steady(self.family, np.array(self.centre))), std_error(denominator)
        if self.spread is Spread.MULTIPLICATIVE:
            half = quantile(1 - tail, None) * error * np.sqrt(self.phi)
        else:
            half = quantile(1 - tail, None) * np.sqrt(error**2 + self.tau_squared)
        return unsteady(self.family, middle - half), unsteady(self.family, middle + half)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Return each force with its limits."""
        n = np.array([one.denominator for one in self.figures])
        usual, far = (np.transpose(self.limits(n, level)) for level in (USUAL, FAR))
        scores = _scores(self.family, self.centre, self.figures)
        return tuple(
            Placed(
                one.key,
                one.count,
                one.denominator,
                one.count / one.denominator,
                float(scores[at]),
                (float(usual[at][0]), float(usual[at][1])),
                (float(far[at][0]), float(far[at][1])),
            )
            for at, one in enumerate(self.figures)
        )


def funnel(given: Sequence[Figure], family: Family, spread: Spread = Spread.ADDITIVE) -> Funnel:
    """Compare forces with all of them together.

    Raises
    ------
    NotComparable : fewer than eight forces, one of them twice, a denominator that is not above 0, what is not a
        whole count (hours, harm: chance does not spread them as these limits say), or nothing counted at all.
    """
    _check(given, family)
    counts, n = (np.array([getattr(one, name) for one in given], float) for name in ("count", "denominator"))
    centre = float(counts.sum() / n.sum())
    scores = _scores(family, centre, given)
    phi, tau_squared = dispersion.phi(scores), dispersion.tau_squared(scores, std_error(n))
    beyond = {
        Spread.CHANCE: False,
        Spread.MULTIPLICATIVE: phi > 1,
        Spread.ADDITIVE: tau_squared > 0,
    }[spread]
    return Funnel(family, centre, phi, tau_squared, spread if beyond else Spread.CHANCE, tuple(given))


def why_left_out(denominator: float | None, *, is_residents: bool) -> str:
    """Return why a force has no sensible rate; empty where it has one."""
    if denominator is None:
        return "what to divide by is not known"
    if denominator <= 0:
        return "there is nothing to divide by"
    if is_residents and denominator < figures.SMALLEST_FOR_A_RATE:
        return f"{denominator:,.0f} residents say little of the people who are there"
    return ""


def _scores(family: Family, centre: float, given: Sequence[Figure]) -> Floats:
    n = np.array([one.denominator for one in given])
    shares = np.array([one.count / one.denominator for one in given])
    return (steady(family, shares) - steady(family, np.array(centre))) / std_error(n)


def _check(given: Sequence[Figure], family: Family) -> None:
    if len(given) < FEWEST:
        raise NotComparable(
            f"{len(given)} force{'' if len(given) == 1 else 's'} can be compared: a comparison needs {FEWEST} or more"
        )
    if len({one.key for one in given}) < len(given):
        raise NotComparable("a force is given twice")
    for one in given:
        if reason := why_left_out(one.denominator, is_residents=False):
            raise NotComparable(f"{one.key}: {reason}")
        if not (one.count >= 0 and float(one.count).is_integer()):
            raise NotComparable(
                f"{one.key}: {one.count:g} is not a count, and these limits are those of counts"
            )
        if family is Family.PROPORTION:
            _check_share(one)
    if not any(one.count for one in given):
        raise NotComparable("nothing was counted in any force")
    if family is Family.PROPORTION and all(one.count == one.denominator for one in given):
        raise NotComparable("every one was counted in every force")


def _check_share(one: Figure) -> None:
    if one.count > one.denominator or not float(one.denominator).is_integer():
        raise NotComparable(f"{one.key}: {one.count:g} of {one.denominator:g} is not a share of whole ones")
