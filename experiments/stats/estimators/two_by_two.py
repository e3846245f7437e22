"""Two-by-two difference in differences: before and after, treated and not."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import ancova
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.regression.covariance import CLUSTERED, covariance
from experiments.stats.regression.linear import least_squares
from experiments.stats.regression.two_way_unbalanced import group_means

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Changes:
    """A panel with one row a unit: ``change``, ``status`` 0 or 1, ``before`` the covariates' means before adoption."""

    change: FloatArray
    status: FloatArray
    before: FloatArray | None
    clusters: IntArray | None
    weights: FloatArray | None


def two_by_two(
    outcome: FloatArray,
    treated: BoolArray,
    post: BoolArray,
    unit: IntArray,
    *,
    covariates: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    kind: str | None = None,
    names: tuple[str, ...] = (),
) -> Effect:
    """Change of the treated less change of the others.

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    treated, post : (N,) whether the row's unit is ever treated, and whether it is after adoption.
    unit : (N,) codes from 0 without gaps.
    covariates : (N, p); their means before adoption are used.
    cluster : (N,) codes above the unit; None where each unit was treated alone.
    weight : (N,) positive analysis weights, constant within a unit.
    kind : covariance; None is HC2 (Welch) by unit, CR2 by cluster.
    names : (p,) names of the covariates, for messages.

    Returns
    -------
    Effect : the difference in the outcome's units, with its covariance and degrees of freedom.

    Notes
    -----
    Every unit is collapsed to its mean after less its mean before, so serial correlation
    cannot flatter the standard error, and the changes are compared between arms. Where a unit is
    seen on one side only, the four means of all rows are compared instead:
    the coefficient of treated × post in least squares, with CR2 by cluster.

    Raises
    ------
    NotEstimable : a side or an arm that is empty, or one treated unit or cluster.

    References
    ----------
    Bertrand, Duflo & Mullainathan (2004), *QJE*.
    """
    n_units = int(unit.max()) + 1
    sides = np.stack([np.bincount(unit[post == side], minlength=n_units) for side in (False, True)])
    both = np.asarray((sides > 0).all(axis=0))
    arm = np.asarray(np.bincount(unit, weights=treated, minlength=n_units) > 0)
    refuse_empty(treated, post)
    _refuse_lone(arm, unit, cluster)
    weights = np.ones(len(outcome)) if weight is None else weight
    if not both.all():
        whole = _four_means(outcome, treated, post, unit if cluster is None else cluster, weights, kind)
        return replace(whole, warnings=(*whole.warnings, *_beside_collapsed(outcome, arm, post, unit, both)))
    made = collapse(outcome, treated, post, unit, covariates=covariates, cluster=cluster, weight=weight)
    groups = made.clusters
    if groups is None and kind in CLUSTERED:
        groups = np.arange(n_units)
    if made.before is not None:
        found = ancova(
            made.change,
            made.status,
            made.before,
            names=names,
            clusters=groups,
            weights=made.weights,
            kind=kind,
        )
    else:
        found = difference_in_means(
            made.change, made.status, clusters=groups, weights=made.weights, kind=kind
        )
    return replace(found, warnings=(*found.warnings, *_beside_rows(found, outcome, treated, post, weights)))


def collapse(
    outcome: FloatArray,
    treated: BoolArray,
    post: BoolArray,
    unit: IntArray,
    *,
    covariates: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
) -> Changes:
    """One row for each unit: its mean after less its mean before; the parameters are those of `two_by_two`."""
    n_units = int(unit.max()) + 1
    first = (
        np.searchsorted(unit, np.arange(n_units)) if _sorted(unit) else np.unique(unit, return_index=True)[1]
    )
    before = None
    if covariates is not None and covariates.shape[1]:
        before = group_means(covariates[~post], unit[~post], np.ones(int((~post).sum())))
    return Changes(
        change_by_unit(outcome, post, unit),
        treated[first].astype(np.float64),
        before,
        None if cluster is None else np.unique(cluster[first], return_inverse=True)[1],
        None if weight is None else weight[first],
    )


def change_by_unit(outcome: FloatArray, post: BoolArray, unit: IntArray) -> FloatArray:
    """Each unit's mean after less its mean before, (n_units,).

    Raises
    ------
    NotEstimable : a unit that is seen on one side only.
    """
    sides = np.bincount(unit, weights=post) / np.bincount(unit)
    one_sided = int(((sides == 0) | (sides == 1)).sum())
    if one_sided:
        raise NotEstimable(
            f"{one_sided} units are seen only before or only after adoption, so they have no change to compare; "
            "leave them out"
        )
    return _side_means(outcome, post, unit, True) - _side_means(outcome, post, unit, False)


def refuse_empty(treated: BoolArray, post: BoolArray) -> None:
    """Refuse a comparison of which one of the four cells is empty."""
    for arm, arm_name in ((True, "treated"), (False, "comparison")):
        for side, side_name in ((False, "before"), (True, "after")):
            if not np.any((treated == arm) & (post == side)):
                raise NotEstimable(f"no {arm_name} unit is seen {side_name} adoption")


def _refuse_lone(arm: BoolArray, unit: IntArray, cluster: IntArray | None) -> None:
    """One treated unit or cluster shows no spread: only randomisation could judge it."""
    for side, name in ((arm, "treated"), (~arm, "comparison")):
        lone = int(side.sum()) == 1
        what = "unit"
        if cluster is not None and not lone:
            lone, what = len(np.unique(cluster[side[unit]])) == 1, "cluster"
        if lone:
            raise NotEstimable(
                f"there is one {name} {what}, so the spread between {what}s cannot be measured; "
                "a placebo test (covariance 'randomisation') or synthetic_control can judge one"
            )


def _side_means(values: FloatArray, post: BoolArray, unit: IntArray, side: bool) -> FloatArray:
    here = post == side
    return group_means(values[here, None], unit[here], np.ones(int(here.sum())))[:, 0]


def _four_means(
    outcome: FloatArray,
    treated: BoolArray,
    post: BoolArray,
    cluster: IntArray,
    weight: FloatArray,
    kind: str | None,
) -> Effect:
    """Interaction of treated and post over all rows."""
    chosen = kind or "CR2"
    z, after = treated.astype(np.float64), post.astype(np.float64)
    groups = np.unique(cluster, return_inverse=True)[1]
    counts = len(np.unique(groups[treated])), len(np.unique(groups[~treated]))
    rows = int(treated.sum()), int((~treated).sum())
    domain.warnings_for(chosen, rows, counts, None, is_clustered=True)
    design = np.column_stack([z, after, z * after])
    fit = least_squares(design, outcome, ["treated", "after", "treated after"], weights=weight)
    found = covariance(fit, chosen, groups)
    contrast = fit.contrast("treated after")
    df = found.df(contrast)
    said = domain.warnings_for(chosen, rows, counts, df, is_clustered=True)
    value = float(fit.coefficients[fit.names.index("treated after")])
    return Effect(value, found.std_error(contrast), df, chosen, found.ssc, said)


def _beside_collapsed(
    outcome: FloatArray, arm: BoolArray, post: BoolArray, unit: IntArray, both: BoolArray
) -> tuple[str, ...]:
    lost = int((~both).sum())
    said = (
        f"units seen only before or only after adoption: {lost}, so the four means of all rows are compared"
    )
    if not (both & arm).any() or not (both & ~arm).any():
        return (said,)
    kept = both[unit]
    codes = (np.cumsum(both) - 1)[unit[kept]]
    change = _side_means(outcome[kept], post[kept], codes, True)
    change = change - _side_means(outcome[kept], post[kept], codes, False)
    value = float(change[arm[both]].mean() - change[~arm[both]].mean())
    return (f"{said}; the units seen on both sides alone give {value:.6g}",)


def _beside_rows(
    found: Effect, outcome: FloatArray, treated: BoolArray, post: BoolArray, weight: FloatArray
) -> tuple[str, ...]:
    """Name the four-mean contrast where it is another number than the collapsed one."""
    cells = [
        float(
            np.average(
                outcome[(treated == arm) & (post == side)], weights=weight[(treated == arm) & (post == side)]
            )
        )
        for arm, side in ((True, True), (True, False), (False, True), (False, False))
    ]
    value = cells[0] - cells[1] - cells[2] + cells[3]
    scale = max(abs(cell) for cell in cells) + abs(found.estimate)
    if abs(value - found.estimate) <= 1e-9 * scale:
        return ()
    return (f"the four means of all rows, unadjusted and not averaged by unit first, give {value:.6g}",)


def _sorted(unit: IntArray) -> bool:
    return bool((np.diff(unit) >= 0).all())
