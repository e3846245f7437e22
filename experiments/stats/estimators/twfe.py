"""Two-way fixed effects: the effect of treatment with unit and period effects taken out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.drawn import DRAWN
from experiments.stats.estimators.twfe_draws import drawn_fit
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import CLUSTERED
from experiments.stats.regression.two_way import TwoWayCovariance, TwoWayFit, fit_balanced, fit_long
from experiments.stats.regression.two_way_balanced import DenseDesign
from experiments.stats.results import Dropped, Fit
from experiments.stats.sample import Sample
from experiments.stats.staggered.adoption import LongPanel, long_panel
from experiments.stats.staggered.bacon_weights import forbidden_share

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

KRAAY_PERIODS = 80  # from here on measured coverage is within a point of 95 %
SINGLE = "the only row of its unit or of its period"


def twfe(
    outcome: FloatArray,
    treatment: FloatArray,
    unit: IntArray,
    period: IntArray,
    *,
    covariates: FloatArray | None = None,
    cluster: IntArray | None = None,
    weight: FloatArray | None = None,
    covariance: TwoWayCovariance = "CR1",
    names: tuple[str, ...] = (),
) -> TwoWayFit:
    """Effect of a treatment that varies over units and periods, with both effects absorbed.

    Parameters
    ----------
    outcome : (N,) one value for each unit and period seen, in the outcome's units.
    treatment : (N,) status, 0 to 1.
    unit, period : (N,) codes from 0 without gaps, in any order.
    covariates : (N, p) that vary over time.
    cluster : (N,) codes at or above the unit; None for the unit.
    weight : (N,) positive analysis weights, constant within a unit.
    covariance : ``CR1`` has factor ``G/(G−1)·(N−1)/(N−K)``, K the slopes and the T period effects
        (fixest's, reghdfe's and ``xtreg, fe``'s), t(G − 1); ``CR2`` Satterthwaite.
    names : (p,) names of the covariates, for messages.

    Returns
    -------
    TwoWayFit
        The treatment's coefficient first.

    Raises
    ------
    NotEstimable : a column without variation of its own, one cluster, or a panel in separate parts.

    References
    ----------
    Arellano (1987); de Chaisemartin & D'Haultfœuille (2020), *AER*, for what the coefficient
    means when adoption is staggered.
    """
    columns = [treatment, *(() if covariates is None else covariates.T)]
    groups = unit if cluster is None else cluster
    if len(outcome) == (int(unit.max()) + 1) * (int(period.max()) + 1):
        order = _order(unit, period)
        if order is not None:
            outcome, unit, period, groups = outcome[order], unit[order], period[order], groups[order]
            columns = [column[order] for column in columns]
            weight = None if weight is None else weight[order]
    return _fit_sorted(outcome, columns, unit, period, groups, weight, covariance, names)


def _order(unit: IntArray, period: IntArray) -> IntArray | None:
    """The order of a balanced panel's rows by unit and period; None where they lie in it."""
    shape = int(unit.max()) + 1, int(period.max()) + 1
    if _is_sorted(unit.reshape(shape), period.reshape(shape)):
        return None
    order = np.lexsort((period, unit))
    if not _is_sorted(unit[order].reshape(shape), period[order].reshape(shape)):
        raise NotEstimable("a unit has two rows in one period")
    return order


def _fit_sorted(
    outcome: FloatArray,
    columns: Sequence[FloatArray],
    unit: IntArray,
    period: IntArray,
    groups: IntArray,
    weight: FloatArray | None,
    covariance: TwoWayCovariance,
    names: tuple[str, ...],
) -> TwoWayFit:
    """The fit of rows which, where the panel is balanced, lie in the order of unit and period."""
    labels = ("treatment", *(names or tuple(f"x{j + 1}" for j in range(len(columns) - 1))))
    shape = int(unit.max()) + 1, int(period.max()) + 1
    if len(outcome) != shape[0] * shape[1]:
        return fit_long(
            outcome,
            np.column_stack(columns),
            labels,
            unit=unit,
            period=period,
            cluster=groups,
            weight=weight,
            kind=covariance,
        )
    return fit_balanced(
        outcome.reshape(shape),
        DenseDesign([column.reshape(shape) for column in columns]),
        labels,
        cluster=np.unique(groups.reshape(shape)[:, 0], return_inverse=True)[1],
        weight=None if weight is None else weight.reshape(shape)[:, 0],
        kind=covariance,
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Two-way fixed effects for one estimate of the plan."""
    panel = long_panel(sample)
    kind = spec.covariance or "CR2"
    if kind in DRAWN:
        drawn = drawn_fit(panel, sample, spec, plan, SINGLE)
        return replace(drawn, warnings=(*timing_warnings(panel), *drawn.warnings))
    by_period = spec.options["second_cluster"] == "period"
    found = _fit_sorted(
        panel.outcome,
        [panel.status, *panel.covariates.T],
        panel.unit,
        panel.period,
        panel.cluster,
        panel.weight,
        # The plan was parsed against the same words.
        "CR1_two_way" if by_period else kind,  # type: ignore[arg-type]
        sample.covariate_names,
    )
    contrast = np.eye(len(found.coefficients))[0]
    df = found.df(contrast)
    return Fit(
        estimate=float(found.coefficients[0]),
        std_error=float(np.sqrt(found.covariance[0, 0])),
        df=df,
        covariance=kind,
        n_obs=found.n_obs,
        n_units=found.n_units,
        n_clusters=found.n_clusters,
        n_treated=panel.n_treated,
        warnings=(*timing_warnings(panel), *covariance_warnings(panel, kind, df)),
        ssc=found.ssc,
        dropped=(*panel.dropped, *lost_rows(found)),
    )


def lost_rows(found: TwoWayFit) -> tuple[Dropped, ...]:
    """Rows that a two-way fit left out."""
    return () if found.used is None else (Dropped(SINGLE, int((~found.used).sum())),)


def timing_warnings(panel: LongPanel) -> tuple[str, ...]:
    """Say what staggered adoption does to a two-way estimate."""
    if not panel.is_staggered:
        return ()
    share = 100 * forbidden_share(panel.first, panel.periods)
    return (
        f"adoption is staggered over {len(panel.dates)} dates, so units already treated serve as controls "
        f"for later ones (about {share:.0f} % of the weight), and effects that change over time can bias the "
        "estimate, even its sign; prefer callaway_santanna",
    )


def covariance_warnings(panel: LongPanel, kind: str, df: float | None) -> tuple[str, ...]:
    """Say where a covariance is outside its safe domain.

    Raises
    ------
    NotEstimable : fewer than six clusters, or CR2 with one treated or one comparison cluster.
    """
    if kind == "driscoll_kraay":
        found = (
            "Driscoll–Kraay allows for shocks that all units share in a period, and leans on many periods: a "
            "sensitivity beside CR2",
        )
        if len(panel.periods) >= KRAAY_PERIODS:
            return found
        return (
            *found,
            f"with {len(panel.periods)} periods its intervals are a little narrow: 92 in 100 held the effect at 40, "
            f"94 at {KRAAY_PERIODS}",
        )
    if kind not in CLUSTERED:
        return (f"{kind} treats the rows of a unit as independent; CR2 by cluster is the default",)
    treated, control = panel.cluster_counts()
    return domain.cluster_warnings(kind, treated, control, df)


def _is_sorted(unit: IntArray, period: IntArray) -> bool:
    n_units, n_periods = unit.shape
    return bool((unit == np.arange(n_units)[:, None]).all() and (period == np.arange(n_periods)).all())
