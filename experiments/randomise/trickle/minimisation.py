"""Minimisation with a biased coin, which keeps the shares where they are unequal.

References
----------
Pocock and Simon (1975), Biometrics 31:103. Unequal shares: Han, Enas and McEntegart (2009), Statistics in Medicine
28:3329, whose biased coin gives the preferred arm more than its share and the others what is left, by their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isqrt

from experiments.randomise.trickle.scheme import Imbalance, TrickleScheme

# Square roots are cut to whole numbers of this part, so that equal spreads are equal on every machine.
ROOT_PARTS = 10**12


def totals(scheme: TrickleScheme, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Fraction]:
    """Return the total imbalance that would follow if the case went to each arm.

    Parameters
    ----------
    counts : for each factor, the cases of each arm at the level of the case at hand.

    Notes
    -----
    For arm i, one is added to its counts; each count is divided by the arm's share in whole numbers;
    ``total_i = sum over factors of weight * spread``, the spread being range, standard deviation or variance over
    the arms (of all arms: divided by their number).
    """
    found = {}
    for arm in scheme.arms:
        total = Fraction(0)
        for factor in scheme.factors:
            at = counts[factor.name]
            after = [
                Fraction(at[other.label] + (other.label == arm.label), other.ratio) for other in scheme.arms
            ]
            total += factor.weight * spread(after, scheme.imbalance)
        found[arm.label] = total
    return found


def spread(values: Sequence[Fraction], imbalance: Imbalance) -> Fraction:
    """Return the spread of the arms, exactly; a standard deviation to 12 decimal places, cut."""
    if imbalance == "range":
        return max(values) - min(values)
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Fraction(0)) / len(values)
    if imbalance == "variance":
        return variance
    return Fraction(isqrt(variance.numerator * ROOT_PARTS**2 // variance.denominator), ROOT_PARTS)


def probabilities(
    scheme: TrickleScheme, imbalances: Mapping[str, Fraction], *, is_first: bool
) -> dict[str, Fraction]:
    """Return the exact probability of each arm, given the total imbalance that each would leave.

    The first case, and one that no arm suits better than another, goes by the shares.

    Notes
    -----
    Equal shares: the arms with the least total take the coin's probability between them, the others what is left.
    Unequal shares: with probability ``b`` the preferred arm, else a draw by the shares, so that every arm keeps its
    share over a round of cases (within a round the share of one place in the queue goes up and down). ``b`` gives
    the arm with the smallest share, when it is preferred, the coin's probability: ``b = (p - s) / (1 - s)`` with
    ``s`` the smallest share.
    """
    shares, coin = scheme.shares, scheme.coin
    least = min(imbalances.values())
    best = [arm for arm in shares if imbalances[arm] == least]
    if coin is None or is_first or len(best) == len(shares):
        return shares
    of_best = sum((shares[arm] for arm in best), Fraction(0))
    if len(set(shares.values())) == 1:
        return {
            arm: coin / len(best) if arm in best else (1 - coin) / (len(shares) - len(best)) for arm in shares
        }
    smallest = min(shares.values())
    bias = (coin - smallest) / (1 - smallest)
    return {
        arm: (1 - bias) * share + (bias * share / of_best if arm in best else 0)
        for arm, share in shares.items()
    }
