"""Whether the arms are what the draw made them: their sizes, slice by slice, and who was analysed of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.health.verdict import Status, Verdict, not_judged, worst
from experiments.stats.checks.sample_ratio import sample_ratio
from experiments.stats.errors import NotEstimable
from experiments.stats.multiplicity import adjust
from experiments.stats.sequential.ratio import sequential_ratio

RED, AMBER = 0.001, 0.01


def filling(arms: Sequence[int], shares: Sequence[float], slices: Mapping[str, Sequence[int]]) -> Verdict:
    """Judge the arms of cases that come one by one, after every case, and their slices at the end.

    Parameters
    ----------
    arms : code of the arm of each case, in the order they came.
    shares : share of each arm.
    slices : for a force, a stratum or a week, the codes of its cases; judged together by Holm.
    """
    try:
        p_value = float(sequential_ratio(np.asarray(arms, dtype=np.int64), shares)[-1])
    except NotEstimable as reason:
        return not_judged("sample_ratio", reason)
    odd = _odd_slices(slices, shares)
    figures = {"p_value": p_value, "n": len(arms), "slices": odd}
    said = f"{len(arms):,} cases; read after every one, p {_p(p_value)}"
    status = _status(p_value)
    if odd:
        status = worst([status, *map(_status, odd.values())])
        said += f"; uneven in {', '.join(sorted(odd))}"
    return Verdict("sample_ratio", status, f"{said}.", figures)


def analysed(found: Sequence[int], drawn: Sequence[int]) -> Verdict:
    """Judge whether those with an outcome are missing from one arm more than from another.

    Parameters
    ----------
    found : units by arm in the newest outcome data.
    drawn : units by arm that were drawn. A fixed draw cannot be uneven: only who is left of it can.
    """
    try:
        tested = sample_ratio(found, drawn, is_fixed=True)
    except NotEstimable as reason:
        return not_judged("sample_ratio", reason)
    lost = sum(drawn) - sum(found)
    said = f"{sum(found):,} of {sum(drawn):,} units have an outcome; missing alike from the arms: "
    said += f"p {_p(tested.p_value)}"
    figures = {"p_value": tested.p_value, "n": sum(found), "lost": lost}
    return Verdict("sample_ratio", _status(tested.p_value), f"{said}.", figures)


def _odd_slices(slices: Mapping[str, Sequence[int]], shares: Sequence[float]) -> dict[str, float]:
    p_values = {}
    for name, codes in slices.items():
        counts = np.bincount(np.asarray(codes, dtype=np.int64), minlength=len(shares)).tolist()
        try:
            p_values[name] = sample_ratio(counts, shares).p_value
        except NotEstimable:
            continue
    adjusted = dict(zip(p_values, adjust(list(p_values.values()), "holm"), strict=True)) if p_values else {}
    return {name: p_value for name, p_value in adjusted.items() if p_value < AMBER}


def _status(p_value: float) -> Status:
    return Status.RED if p_value < RED else Status.AMBER if p_value < AMBER else Status.GREEN


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
