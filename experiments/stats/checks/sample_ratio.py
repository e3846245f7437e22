"""Sample ratio: whether the arms hold as many units as the draw gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centre.distributions import chi_square_p
from experiments.stats.checks.assigned import AssignedUnits, arm_codes, assigned_units, leading
from experiments.stats.checks.exact_counts import MOST_WAYS, hypergeometric_p, multinomial_p, ways
from experiments.stats.context import CheckContext
from experiments.stats.errors import NotEstimable
from experiments.stats.results import CheckRow

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RED, ADJUST = 0.001, 0.01
EXACT_BELOW = 8.0  # expected units of an arm below which chi-square is not trusted
LEAST_EXPECTED = 1.0


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Units by arm against what was to be expected.

    Attributes
    ----------
    expected : (k,) units by arm.
    statistic : chi-square over the arms that were to get any.
    df : their number less one.
    p_value : exact where few are expected in an arm, otherwise that of chi-square.
    is_exact : which of the two.
    """

    expected: FloatArray
    statistic: float
    df: int
    p_value: float
    is_exact: bool


def sample_ratio(counts: Sequence[int], planned: Sequence[float], *, is_fixed: bool = False) -> SampleRatio:
    """Whether units by arm are as planned, but for the draw.

    Parameters
    ----------
    counts : (k,) units analysed by arm.
    planned : (k,) shares of the draw, of any sum; where the draw is fixed, the units that were drawn for each arm.
    is_fixed : whether the draw could only give these numbers, so that only who is analysed of them can differ.

    Returns
    -------
    SampleRatio : chi-square with an exact p value where fewer than 8 units are expected in an arm.

    Notes
    -----
    Drawn one by one: ``X² = Σ(n_a − E_a)²/E_a``, ``E_a`` the share times all, on the arms with a share; exact: the
    multinomial probability of every way no likelier than this one. Fixed: X² of homogeneity of arms by analysed or not;
    exact: the same with hypergeometric probabilities (Fisher's test where there are two arms).

    Raises
    ------
    NotEstimable : no unit, fewer than two arms with a share, a unit in an arm without one, more units than were drawn,
        or arms too many and too small for either p value.

    References
    ----------
    Fisher (1935); Fabijan et al. (2019), *KDD*.
    """
    shares = np.asarray(planned, dtype=np.float64)
    if len(counts) != len(shares) or min(counts, default=0) < 0 or not (shares >= 0).all():
        raise NotEstimable("counts and shares must be as many as the arms, and none of them negative")
    used = shares > 0
    if used.sum() < 2:
        raise NotEstimable("fewer than two arms were to get any unit, so there is no ratio to judge")
    found = np.asarray(counts, dtype=np.int64)
    if found[~used].any():
        raise NotEstimable("a unit is in an arm that was to get none")
    if found.sum() == 0:
        raise NotEstimable("no unit is in any arm")
    expected = found.sum() * shares / shares.sum()
    some, of_arm = found[used].tolist(), shares[used]
    if is_fixed:
        return _fixed(some, of_arm, expected)
    statistic = float(((found[used] - expected[used]) ** 2 / expected[used]).sum())
    if _is_exact(float(expected[used].min()), sum(some), len(some)):
        return SampleRatio(
            expected, statistic, len(some) - 1, multinomial_p(some, of_arm / of_arm.sum()), is_exact=True
        )
    return SampleRatio(
        expected, statistic, len(some) - 1, chi_square_p(statistic, len(some) - 1), is_exact=False
    )


def _fixed(counts: list[int], drawn: FloatArray, expected: FloatArray) -> SampleRatio:
    """Analysed against drawn: of which arm those are that are missing."""
    lost = [int(n) - count for n, count in zip(drawn, counts, strict=True)]
    if min(lost) < 0 or not (drawn == np.round(drawn)).all():
        raise NotEstimable("more units are analysed in an arm than were drawn for it")
    fewer = min((lost, counts), key=sum)
    if sum(fewer) == 0:
        return SampleRatio(expected, 0.0, len(counts) - 1, 1.0, is_exact=True)
    parts = [sum(part) * drawn / drawn.sum() for part in (counts, lost)]
    statistic = float(
        sum(
            ((np.array(part) - mean) ** 2 / mean).sum()
            for part, mean in zip((counts, lost), parts, strict=True)
        )
    )
    if _is_exact(float(min(part.min() for part in parts)), sum(fewer), len(counts)):
        p_value = hypergeometric_p(fewer, [int(n) for n in drawn])
        return SampleRatio(expected, statistic, len(counts) - 1, p_value, is_exact=True)
    return SampleRatio(
        expected, statistic, len(counts) - 1, chi_square_p(statistic, len(counts) - 1), is_exact=False
    )


def _is_exact(least: float, total: int, parts: int) -> bool:
    is_exact = least < EXACT_BELOW and ways(total, parts) <= MOST_WAYS
    if not is_exact and least < LEAST_EXPECTED:
        raise NotEstimable("the arms are too many and too small to judge their ratio")
    return is_exact


def check(context: CheckContext) -> CheckRow:
    """The engine's adapter: what was assigned and is analysed in the leading estimate, by arm.

    Against the registered draw where there is one: a fixed draw cannot have given other numbers, so then what is
    analysed is held against what was drawn. Without a registration equal shares are supposed, and said to be.
    """
    spec = leading(context)
    assigned = assigned_units(context, spec)
    kept = assigned.with_value(context.frame.numbers(spec.outcome))
    counts, drawn = _by_arm(assigned, kept), _by_arm(assigned, np.ones(assigned.n_units, dtype=bool))
    registered = context.registered
    if registered is not None and assigned.is_registered and registered.is_fixed:
        return _row(sample_ratio(counts, drawn, is_fixed=True), counts, assigned, "fixed")
    shares = np.ones(len(counts))
    if registered is not None and registered.shares:
        codes = arm_codes(registered.shares, context.plan)
        shares = np.zeros(len(counts))
        shares[codes[codes >= 0]] = np.array(list(registered.shares.values()))[codes >= 0]
        return _row(sample_ratio(counts, shares.tolist()), counts, assigned, "registered")
    return _row(sample_ratio(counts, shares.tolist()), counts, assigned, "supposed")


def _by_arm(assigned: AssignedUnits, kept: BoolArray) -> list[int]:
    """Units by arm, or what was drawn together where units were not drawn one by one."""
    if assigned.cluster is None:
        return [int(n) for n in np.bincount(assigned.arm[kept], minlength=len(assigned.arm_names))]
    return [
        len(np.unique(assigned.cluster[kept & (assigned.arm == code)]))
        for code in range(len(assigned.arm_names))
    ]


AGAINST = {
    "fixed": "as drawn",
    "registered": "by the registered shares",
    "supposed": "if the arms were to be of equal size, as no registration says otherwise",
}


def _row(found: SampleRatio, counts: list[int], assigned: AssignedUnits, against: str) -> CheckRow:
    what = "units" if assigned.cluster is None else "clusters"
    total = sum(counts)
    rows: list[Mapping[str, Any]] = [
        {"arm": name, "n": count, "share": count / total, "expected_share": float(expected) / total}
        for name, count, expected in zip(assigned.arm_names, counts, found.expected, strict=True)
    ]
    verdict = "red" if found.p_value < RED else "adjust" if found.p_value < ADJUST else "ok"
    words = {
        "red": "the draw does not give that: find out what happened before you read any estimate",
        "adjust": "the draw seldom gives that: find out what happened",
        "ok": "the draw can give that",
    }
    source = "exact" if found.is_exact else "chi-square"
    first = rows[0]
    shown = (
        f"{100 * first['share']:.3g} % are in '{first['arm']}', against {100 * first['expected_share']:.3g} % "
        f"{AGAINST[against]}"
    )
    explanation = f"Of the {what} analysed, {shown}: {words[verdict]} (p = {found.p_value:.3g}, {source})."
    return CheckRow(verdict, explanation, found.statistic, float(found.df), found.p_value, tuple(rows))
