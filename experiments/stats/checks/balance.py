"""Balance of the arms at baseline: how far apart, and whether further than the draw explains."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from centre.distributions import chi_square_p
from experiments.stats.context import CheckContext
from experiments.stats.draws import BLOCK, permutation, stream
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec
from experiments.stats.regression.covariance import cluster_sums
from experiments.stats.results import CheckRow
from experiments.stats.sample import Sample

RED = 0.25
ADJUST = 0.05
N_DRAWS = 1_999
MOST_ALLOCATIONS = 20_000
MOST_REDRAWN = 2_000  # with more assignment units the chi-square is as good as draws, and at once


@dataclass(frozen=True, slots=True)
class Balance:
    """Standardised differences by covariate, and one test of all of them.

    Attributes
    ----------
    differences : (k,) standardised differences, treated minus control.
    statistic : d², a weighted sum of squared differences of the clusters' totals.
    df : its rank.
    p_value : share of draws with a d² as large.
    n_draws : draws, or allocations when all were counted; 0 where p is that of chi-square.
    """

    differences: FloatArray
    statistic: float
    df: int
    p_value: float
    n_draws: int


def balance(
    covariates: FloatArray,
    treated: FloatArray,
    *,
    clusters: IntArray | None = None,
    blocks: IntArray | None = None,
    seed: int = 0,
) -> Balance:
    """Standardised differences and the omnibus test of Hansen and Bowers.

    Parameters
    ----------
    covariates : (N, k) columns measured before assignment.
    treated : (N,) 1 for treatment, 0 for control.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    blocks : (N,) strata within which assignment was drawn.
    seed : seed of the draws.

    Returns
    -------
    Balance : the standardised differences, and the statistic with its p value.

    Notes
    -----
    Standardised difference ``(m1 - m0)/sqrt((s1² + s0²)/2)`` over rows. Omnibus ``d² = delta' V^-
    delta``: delta the sum over treated clusters of totals centred within blocks, V its exact covariance
    over the draw. p from 1,999 redraws of the same scheme, from all allocations where there are at most
    20,000 in one block, or from chi-square with the rank of V where there are more than 2,000 assignment
    units.

    Raises
    ------
    NotEstimable : fewer than two units in an arm, or no covariate varies between the units assigned.

    References
    ----------
    Hansen and Bowers (2008); Imbens and Rubin (2015), chapter 14.
    """
    arms = covariates[treated > 0], covariates[treated == 0]
    if min(map(len, arms)) < 2:
        raise NotEstimable("balance needs at least two units in each arm")
    spread = np.sqrt(sum(arm.var(axis=0, ddof=1) for arm in arms) / 2)
    gap = arms[0].mean(axis=0) - arms[1].mean(axis=0)
    # A covariate that is constant within both arms and differs between them is infinitely far apart.
    apart = np.where(np.abs(gap) > 0, np.copysign(np.inf, gap), 0.0)
    differences = np.divide(gap, spread, out=apart, where=spread > 0)
    groups = np.arange(len(treated)) if clusters is None else clusters
    block = np.zeros(len(treated), dtype=np.int64) if blocks is None else blocks
    first = np.unique(groups, return_index=True)[1]
    means = cluster_sums(covariates, block, int(block.max()) + 1) / np.bincount(block)[:, None]
    totals = cluster_sums(covariates - means[block], groups, len(first))
    scale = np.sqrt((totals**2).sum(axis=0))
    totals = totals[:, scale > 0] / scale[scale > 0]
    root, rank = _whitening(totals, treated[first], block[first])
    if rank == 0:
        raise NotEstimable("no covariate varies between the units assigned")
    white = totals @ root
    statistic = float(((treated[first] @ white) ** 2).sum())
    if len(first) > MOST_REDRAWN:
        return Balance(differences, statistic, rank, chi_square_p(statistic, rank), 0)
    drawn = np.concatenate(list(_redrawn(white, treated[first], block[first], seed)))
    # Ties count as large: the observed allocation is one of those that could have been drawn.
    larger = int(np.count_nonzero(drawn >= statistic * (1 - 1e-10)))
    if _all_listed(treated[first], block[first]):
        return Balance(differences, statistic, rank, larger / len(drawn), len(drawn))
    return Balance(differences, statistic, rank, (1 + larger) / (1 + len(drawn)), len(drawn))


def _whitening(totals: FloatArray, treated: FloatArray, block: IntArray) -> tuple[FloatArray, int]:
    """A root of the generalised inverse of the covariance of delta over the draw, and its rank."""
    covariance = np.zeros((totals.shape[1],) * 2)
    for number in range(int(block.max()) + 1):
        inside = block == number
        count, chosen = int(inside.sum()), float(treated[inside].sum())
        if count < 2:
            continue
        centred = totals[inside] - totals[inside].mean(axis=0)
        covariance += chosen * (count - chosen) / (count * (count - 1)) * (centred.T @ centred)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * max(float(values.max(initial=0.0)), 1e-300)
    return vectors[:, kept] / np.sqrt(values[kept]), int(kept.sum())


def _all_listed(treated: FloatArray, block: IntArray) -> bool:
    one_block = int(block.max()) == 0
    return one_block and math.comb(len(treated), int(treated.sum())) <= MOST_ALLOCATIONS


def _redrawn(white: FloatArray, treated: FloatArray, block: IntArray, seed: int) -> Iterator[FloatArray]:
    """The d² of every allocation, or of many redraws, in blocks."""
    if _all_listed(treated, block):
        chosen = np.array(list(itertools.combinations(range(len(treated)), int(treated.sum()))))
        yield (white[chosen].sum(axis=1) ** 2).sum(axis=1)
        return
    members = [np.flatnonzero(block == number) for number in range(int(block.max()) + 1)]
    for number, start in enumerate(range(0, N_DRAWS, BLOCK)):
        bits = stream(seed, "balance", "redraw", number)
        allocations = np.empty((min(BLOCK, N_DRAWS - start), len(treated)))
        for row in allocations:
            for inside in members:
                row[inside] = treated[inside][permutation(bits, len(inside))]
        yield ((allocations @ white) ** 2).sum(axis=1)


def check(context: CheckContext) -> CheckRow:
    """The engine's adapter: every covariate of the plan, on the rows of the leading estimate."""
    sample = context.sample(_spec(context))
    if sample.arm is None:
        raise NotEstimable("the plan names no arms, so there is nothing to balance")
    sample = sample.take(sample.arm <= 1)
    assert sample.arm is not None
    found = balance(
        sample.covariates,
        (sample.arm > 0).astype(np.float64),
        clusters=sample.cluster if sample.is_clustered else None,
        blocks=sample.stratum,
        seed=context.plan.seed,
    )
    return _verdict(found, sample)


def _spec(context: CheckContext) -> EstimateSpec:
    """A specification that reads the arms and every covariate named anywhere in the plan."""
    plan = context.plan
    names = dict.fromkeys(name for spec in plan.estimates for name in spec.covariates)
    if not names:
        raise NotEstimable("no estimate of the plan names a covariate, so there is nothing to compare")
    with_arms = [spec for spec in plan.estimates if spec.columns.arm is not None]
    if not with_arms or plan.arms is None:
        raise NotEstimable("the plan names no arms, so there is nothing to balance")
    leading = sorted(with_arms, key=lambda spec: spec.role != "primary")[0]
    covariates = tuple(name for name in names if name != leading.outcome)
    return replace(leading, estimator="ancova", covariates=covariates, options={})


def _verdict(found: Balance, sample: Sample) -> CheckRow:
    rows: list[Mapping[str, Any]] = [
        {"covariate": name, "standardised_difference": float(value) if np.isfinite(value) else None}
        for name, value in zip(sample.covariate_names, found.differences, strict=True)
    ]
    worst = int(np.argmax(np.abs(found.differences)))
    size = abs(float(found.differences[worst]))
    verdict = "red" if size > RED else "adjust" if size > ADJUST else "ok"
    words = {
        "red": "above 0.25: not comparable at baseline",
        "adjust": "above 0.05: adjust for it",
        "ok": "at most 0.05",
    }
    source = f"{found.n_draws:,} draws of the assignment" if found.n_draws else "the chi-square distribution"
    explanation = (
        f"The largest standardised difference is {_words(size)}, in '{sample.covariate_names[worst]}' "
        f"({words[verdict]}). All covariates together: p = {found.p_value:.3g} by {source}."
    )
    return CheckRow(verdict, explanation, found.statistic, float(found.df), found.p_value, tuple(rows))


def _words(size: float) -> str:
    return f"{size:.3f}" if math.isfinite(size) else "without bound (constant within each arm)"
