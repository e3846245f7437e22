"""Where a covariance may be trusted: the default of each domain, its warnings, and what is refused.

The sizes are measured: 43 forces, collapsed two-by-two, unequal variances, 2,000 simulations at a nominal
5 per cent.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.covariance import CLUSTERED

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST_CLUSTERS = 6
ENOUGH_CLUSTERS = 20
ENOUGH_UNITS = 10
LEAST_DF = 4.0
LEAST_RESIDUAL_DF = 10

# Rejections of a true null, per cent, by clusters in the smaller arm.
CR1_SIZE: Mapping[int, float] = {1: 67.8, 2: 23.3, 3: 15.1, 5: 9.2, 10: 6.2, 20: 4.8}
CR2_SIZE: Mapping[int, float] = {2: 0.1, 3: 1.6, 5: 3.3, 10: 4.1, 20: 4.7}


def default_covariance(*, is_clustered: bool) -> str:
    """The covariance of a plan that names none: CR2 by cluster, or HC2 where each row was assigned alone."""
    return "CR2" if is_clustered else "HC2"


def cluster_warnings(kind: str, n_treated: int, n_control: int, df: float | None = None) -> tuple[str, ...]:
    """What to know about a cluster-robust covariance with this many clusters in each arm.

    Raises
    ------
    NotEstimable : an arm without clusters, fewer than 6 clusters, or CR2 with one cluster in an arm.
    """
    fewest, total = min(n_treated, n_control), n_treated + n_control
    if fewest == 0:
        raise NotEstimable("there are no clusters in one of the arms")
    if total < LEAST_CLUSTERS:
        raise NotEstimable(
            f"{total} clusters are too few for {kind}: at least {LEAST_CLUSTERS} are needed; cluster_means "
            "compares so few"
        )
    if kind == "CR2" and fewest == 1:
        raise NotEstimable(
            "only one cluster is in the smaller arm, so CR2 is not defined; randomisation inference (in a "
            "trial), or a placebo test or synthetic control, can judge one cluster"
        )
    return (*_size_warning(kind, fewest), *df_warning(kind, df))


def _size_warning(kind: str, fewest: int) -> tuple[str, ...]:
    if fewest >= ENOUGH_CLUSTERS:
        return ()
    sizes = CR2_SIZE if kind == "CR2" else CR1_SIZE
    measured = sizes[max(count for count in sizes if count <= fewest)]
    if kind != "CR2":
        return (
            f"with {fewest} cluster{'s' if fewest != 1 else ''} in the smaller arm {kind} rejects a true null too "
            f"often: about {measured} % of the time at a nominal 5 %; CR2, or draws where there is no CR2, keep nearer "
            "to it",
        )
    if fewest <= 5:
        return (
            f"with {fewest} clusters in the smaller arm CR2 has little power (it rejected a true null "
            f"{measured} % of the time at a nominal 5 %); the covariance 'randomisation', where the estimator has it, "
            "keeps its size here",
        )
    return ()


def df_warning(kind: str, df: float | None) -> tuple[str, ...]:
    """Say where CR2 has too few degrees of freedom for its small p values."""
    if kind == "CR2" and df is not None and df < LEAST_DF:
        return (f"CR2 has {df:.1f} degrees of freedom: p values below 0.01 are not trustworthy below 4",)
    return ()


def unit_warnings(kind: str, n_treated: int, n_control: int, *, is_clustered: bool) -> tuple[str, ...]:
    """What to know about a covariance that treats each row as assigned alone.

    Raises
    ------
    NotEstimable : an arm with fewer than two rows.
    """
    fewest = min(n_treated, n_control)
    if fewest < 2:
        arm = "treatment" if n_treated <= n_control else "control"
        raise NotEstimable(
            f"the {arm} arm has {fewest} unit{'s' if fewest == 0 else ''}; at least two are needed"
        )
    found = []
    if is_clustered:
        found.append(f"{kind} ignores that rows share a cluster; CR2 by cluster is the default")
    if fewest < ENOUGH_UNITS:
        found.append(
            f"with {fewest} units in the smaller arm {kind} leans on the normal shape of the outcome; "
            "a test that redraws who was treated does not"
        )
    return tuple(found)


def warnings_for(
    kind: str, rows: tuple[int, int], clusters: tuple[int, int], df: float | None, *, is_clustered: bool
) -> tuple[str, ...]:
    """The warnings of a covariance for (treated, control) counts of rows and of clusters."""
    if kind in CLUSTERED:
        return cluster_warnings(kind, *clusters, df)
    return unit_warnings(kind, *rows, is_clustered=is_clustered)


def influence_warnings(cluster: IntArray, first_treated: FloatArray) -> tuple[str, ...]:
    """What to know about errors from influence functions.

    Parameters
    ----------
    cluster, first_treated : (n,) of each unit, ``inf`` for never.
    """
    adopts = np.isfinite(first_treated)
    treated = len(np.unique(cluster[adopts]))
    # Whoever starts after the first is compared with until then.
    waiting = len(np.unique(cluster[first_treated > first_treated.min()]))
    if min(treated, waiting) >= ENOUGH_CLUSTERS:
        return ()
    return (
        f"{treated} treated clusters and {waiting} that were still untreated when the first started: below "
        f"{ENOUGH_CLUSTERS} of either, standard errors from influence functions are too small",
    )


def check_residual_df(n_obs: int, n_parameters: int) -> tuple[str, ...]:
    """Refuse a model that its rows cannot carry; warn where they barely do.

    Raises
    ------
    NotEstimable : more than 3 parameters with fewer than 10 residual degrees of freedom.
    """
    left = n_obs - n_parameters
    if left >= LEAST_RESIDUAL_DF:
        return ()
    if n_parameters > 3 or left < 1:
        raise NotEstimable(f"{n_obs} units cannot support {n_parameters} parameters")
    return (f"only {left} residual degrees of freedom: the estimate rests on few units",)
