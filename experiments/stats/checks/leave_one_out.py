"""Leave-one-out: whether the estimate rests on a single cluster."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.context import CheckContext, without_draws
from experiments.stats.errors import NotEstimable
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec
from experiments.stats.results import CheckRow, Fit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

MOST_CLUSTERS = 500
FEWEST_DRAWS = 99
MOST_WORK = 200_000_000  # rows times clusters: minutes
SHOWN = 60  # rows of the check: all clusters up to here, else those that matter most


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The estimate without each of G clusters.

    ``estimates`` (G,), NaN where none could be made; ``reasons`` (G,) why, empty where it could; ``largest`` the
    position of the cluster that moves it most; ``changes_sign`` whether any turns it round.
    """

    whole: float
    estimates: FloatArray
    reasons: tuple[str, ...]
    largest: int
    changes_sign: bool


def leave_one_out(
    estimator: Callable[[BoolArray], float], clusters: IntArray, *, whole: float | None = None
) -> LeaveOneOut:
    """Estimate again without each cluster.

    Parameters
    ----------
    estimator : the estimate from the rows of a (N,) mask; it may raise NotEstimable.
    clusters : (N,) codes 0..G−1.
    whole : the estimate from all rows; None makes it.

    Returns
    -------
    LeaveOneOut : every estimate, the most influential cluster, and whether the sign changes.

    Raises
    ------
    NotEstimable : fewer than three clusters, or no estimate without any of them.
    """
    count = int(clusters.max()) + 1
    if count < 3:
        raise NotEstimable(f"{count} clusters are too few to leave one out")
    value = estimator(np.ones(len(clusters), dtype=bool)) if whole is None else whole
    found, reasons = np.full(count, np.nan), [""] * count
    for c in range(count):
        try:
            found[c] = estimator(clusters != c)
        except NotEstimable as refusal:
            reasons[c] = refusal.reason
    if np.isnan(found).all():
        commonest = Counter(reasons).most_common(1)[0][0]
        raise NotEstimable(f"without any one cluster no estimate can be made: {commonest}")
    moved = np.nan_to_num(np.abs(found - value))
    signs = np.sign(found[~np.isnan(found)])
    return LeaveOneOut(
        value, found, tuple(reasons), int(np.argmax(moved)), bool((signs != np.sign(value)).any())
    )


def check(context: CheckContext) -> CheckRow:
    """The leading estimate of the plan without each of its clusters.

    Raises
    ------
    NotEstimable : no estimate, or more clusters than can be left out in turn.
    """
    for spec, fit in context.fits():
        return _checked(spec, fit, context)
    raise NotEstimable("no estimate of the plan could be made")


def _checked(spec: EstimateSpec, fit: Fit, context: CheckContext) -> CheckRow:
    sample = context.sample(spec)
    count = sample.n_clusters
    if count > MOST_CLUSTERS or count * sample.n_obs > MOST_WORK:
        raise NotEstimable(
            f"{count:,} clusters are too many to leave out one at a time, and no single one can matter much; name a "
            "higher level, such as the force, as 'cluster'"
        )
    plain = without_draws(spec)
    if fit.std_error is None and fit.covariance in ESTIMATOR_RULES[spec.estimator].covariances:
        # One treated cluster has an estimate and no error but from draws.
        options = {**spec.options, **({"draws": FEWEST_DRAWS} if "draws" in spec.options else {})}
        plain = replace(spec, covariance=fit.covariance, options=options)

    def estimator(rows: BoolArray) -> float:
        return context.fit(plain, sample.take(rows)).estimate

    found = leave_one_out(estimator, np.asarray(sample.cluster, dtype=np.intp), whole=fit.estimate)
    error = fit.std_error
    moved = abs(float(found.estimates[found.largest]) - found.whole)
    return CheckRow(
        verdict="red" if found.changes_sign else "ok",
        explanation=_words(spec, found, sample.cluster_names, moved, error),
        statistic=moved / error if error else None,
        rows=tuple(_rows(spec, found, sample.cluster_names)),
    )


def _words(
    spec: EstimateSpec, found: LeaveOneOut, names: Sequence[str], moved: float, error: float | None
) -> str:
    low, high = float(np.nanmin(found.estimates)), float(np.nanmax(found.estimates))
    size = f", {moved / error:.2g} standard errors" if error else ""
    lost = sum(bool(reason) for reason in found.reasons)
    return (
        f"{spec.id} ({spec.outcome}) is {found.whole:.3g}, and between {low:.3g} and {high:.3g} without any one of "
        f"{len(found.estimates)} clusters. '{names[found.largest]}' moves it most (by {moved:.3g}{size}). "
        + (
            "Without one cluster the sign turns round: the estimate rests on it."
            if found.changes_sign
            else "The sign stays the same throughout."
        )
        + (f" Without {lost} of them no estimate can be made." if lost else "")
    )


def _rows(spec: EstimateSpec, found: LeaveOneOut, names: Sequence[str]) -> list[Mapping[str, Any]]:
    order = np.argsort(-np.nan_to_num(np.abs(found.estimates - found.whole), nan=np.inf), kind="stable")
    chosen = sorted(order[:SHOWN].tolist())
    return [
        {
            "id": spec.id,
            "cluster": names[c],
            "estimate": None if found.reasons[c] else float(found.estimates[c]),
            **({"reason": found.reasons[c]} if found.reasons[c] else {}),
        }
        for c in chosen
    ]
