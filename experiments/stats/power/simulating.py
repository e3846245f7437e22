"""Power, size and coverage of a design by simulation with the estimators of this engine."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from centre.canonical import digest
from centre.distributions import interval
from experiments.stats.draws import BLOCK
from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.power.design import Design
from experiments.stats.power.drawing import Source, rows
from experiments.stats.power.recipes import RECIPES

MOST_ROWS = 200_000  # of one replicate
ROWS_AT_ONCE = 2_000_000
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of replicates with its Monte Carlo error."""

    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the simulation found."""

    power: Share
    size: Share
    coverage: Share


def simulate(design: Design, tell: Tell = lambda fraction, words: None) -> Simulated:
    """Draw trials from a design whose sizes are known, and analyse each.

    Parameters
    ----------
    design : sizes are taken in whole units; `simulate` replicates with the effect, and as many without.
    tell : called with the fraction done and a word about it.

    Returns
    -------
    Simulated : how often the test rejects with the effect (power) and without it (size), and how often the
        1 - alpha interval holds the effect (coverage).

    Raises
    ------
    NotEstimable : a trial too large to simulate, dispersion below 1, or one that no replicate could be analysed of.
    """
    assert design.effect is not None
    if rows(design) > MOST_ROWS:
        raise NotEstimable(
            f"one trial of this design has {rows(design):,} rows, too many to simulate; the most is {MOST_ROWS:,}"
        )
    if design.dispersion < 1:
        raise NotEstimable("counts that vary less than Poisson counts cannot be simulated")
    truth = _truth(design, design.effect)
    with_effect = _replicates(design, design.effect, truth, lambda done: tell(done / 2, "with the effect"))
    without = _replicates(design, 0.0, 0.0, lambda done: tell((1 + done) / 2, "without an effect"))
    if not len(with_effect) or not len(without):
        raise NotEstimable("no simulated trial of this design could be analysed")
    return Simulated(_share(with_effect[:, 0]), _share(without[:, 0]), _share(with_effect[:, 1]))


def _truth(design: Design, effect: float) -> float:
    """The effect on the scale of the analysis."""
    if design.design == "poisson_cluster":
        return float(design.baseline_rate * np.expm1(effect))
    return effect


def _replicates(
    design: Design, effect: float, truth: float, tell: Callable[[float], None]
) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Whether the test rejects and whether the interval holds the truth, (count, 2)."""
    # The same trial gives the same numbers, whatever was asked about it and however often it is drawn.
    name = digest(design.document() | {"simulate": 0, "power": None, "drawn": effect})
    at_once = max(1, min(BLOCK, ROWS_AT_ONCE // rows(design)))
    found: list[tuple[bool, bool]] = []
    for block, start in enumerate(range(0, design.simulate, at_once)):
        source = Source(name, block, min(at_once, design.simulate - start))
        for made in RECIPES[design.design](design, effect, source):
            found.append(_judged(made, truth, design.alpha))
        tell(len(found) / design.simulate)
    return np.array(found, dtype=bool).reshape(-1, 2)


def _judged(made: Effect, truth: float, alpha: float) -> tuple[bool, bool]:
    assert made.std_error is not None
    low, high = interval(made.estimate, made.std_error, made.df, alpha)
    return not low <= 0 <= high, low <= truth <= high


def _share(hits: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Share:
    share = float(hits.mean())
    return Share(share, float(np.sqrt(share * (1 - share) / len(hits))))
