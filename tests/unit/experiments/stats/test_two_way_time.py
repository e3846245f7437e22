"""Two-way clustering and Driscoll–Kraay: peers' numbers, an invariance, their size under common shocks, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments.stats import plan as plans
from experiments.stats.draws import standard_normals, stream
from experiments.stats.errors import BadPlan
from experiments.stats.estimators.twfe import twfe
from experiments.stats.regression.two_way_time import driscoll_kraay_meat, newey_west_lags
from experiments.stats.simulate import staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan, row

PANEL = vectors.panel()
BY_PERIOD = {"covariance": "CR1", "options": {"second_cluster": "period"}}
LONG = staggered_panel(40, 30, n_cohorts=2, seed=4).rename(columns={"first_treated": "first"})


def residual(frame: pd.DataFrame, column: str) -> np.ndarray:
    values = frame.pivot(index="unit", columns="period", values=column).to_numpy(np.float64)
    return np.asarray(values - values.mean(0) - values.mean(1, keepdims=True) + values.mean())


def test_vector_a_driscoll_kraay() -> None:
    """linearmodels, two lags, without its factor; so short a panel is refused by the engine."""
    x, y = residual(PANEL, "treated"), residual(PANEL, "y")
    beta = float((x * y).sum() / (x * x).sum())
    meat = driscoll_kraay_meat((x * (y - beta * x)).sum(axis=0)[:, None], 2)
    assert math.sqrt(float(meat[0, 0])) / float((x * x).sum()) == pytest.approx(0.0907766553, abs=6e-11)


def test_driscoll_kraay_of_linearmodels() -> None:
    panel = pytest.importorskip("linearmodels.panel")
    frame = LONG.assign(treated=((LONG["first"] > 0) & (LONG["period"] >= LONG["first"])).astype(float))
    indexed = frame.set_index(["unit", "period"])
    fit = panel.PanelOLS(indexed["y"], indexed[["treated"]], entity_effects=True, time_effects=True).fit(
        cov_type="kernel", kernel="bartlett", bandwidth=newey_west_lags(30), low_memory=True
    )
    found = made(frame, "twfe", covariance="driscoll_kraay")
    factor = math.sqrt(1200 / (1200 - 40 - 30 + 1 - 1))
    assert found["estimate"] == pytest.approx(float(fit.params["treated"]), rel=1e-9)
    assert found["std_error"] == pytest.approx(float(fit.std_errors["treated"]) / factor, rel=1e-7)
    assert found["df"] == 29


def test_vector_a_two_way_clusters() -> None:
    """pyfixest ``ssc(k_fixef="nonnested")`` and R fixest: 0.152767."""
    found = made(PANEL, "twfe", **BY_PERIOD)
    x, y = residual(PANEL, "treated"), residual(PANEL, "y")
    scores = x * (y - found["estimate"] * x)
    meat = (scores.sum(1) ** 2).sum() + (scores.sum(0) ** 2).sum() - (scores**2).sum()
    factor = 8 / 7 * 191 / 190
    assert found["std_error"] == pytest.approx(math.sqrt(factor * meat) / (x * x).sum(), rel=1e-10)
    assert found["std_error"] == pytest.approx(0.152767, abs=6e-7)
    assert found["df"] == 7


@pytest.mark.parametrize("columns", [{}, {"cluster": "cluster"}], ids=["unit", "cluster"])
def test_two_way_clusters_with_gaps_are_those_of_a_regression_on_dummies(columns: dict[str, str]) -> None:
    """statsmodels, without its factor."""
    frame = PANEL.drop(index=[3, 50, 77])
    effects = [
        pd.get_dummies(frame[name], prefix=name, drop_first=True, dtype=float) for name in ("unit", "period")
    ]
    design = sm.add_constant(pd.concat([frame[["treated"]], *effects], axis=1))
    groups = frame[[columns.get("cluster", "unit"), "period"]].to_numpy()
    fit = sm.OLS(frame["y"], design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False, "df_correction": False}
    )
    found = made(frame, "twfe", columns=columns, **BY_PERIOD)
    factor = math.sqrt(8 / 7 * 188 / 187)
    assert found["estimate"] == pytest.approx(float(fit.params["treated"]), rel=1e-8)
    assert found["std_error"] == pytest.approx(
        factor * math.sqrt(fit.cov_params().loc["treated", "treated"]), rel=1e-7
    )


@pytest.mark.parametrize("changes", [BY_PERIOD, {"covariance": "driscoll_kraay"}])
def test_gaps_order_and_scale(changes: dict[str, object]) -> None:
    """The closed form and the alternating one agree, and scale goes through."""
    one = made(LONG, "twfe", **changes)
    extra = pd.DataFrame({"unit": [999], "period": [1], "first": [0], "y": [3.0], "x": [0.0], "cluster": [1]})
    other = made(pd.concat([LONG, extra]), "twfe", **changes)
    assert other["n_obs"] == one["n_obs"]
    assert (other["estimate"], other["std_error"]) == pytest.approx(
        (one["estimate"], one["std_error"]), rel=1e-7
    )
    moved = made(LONG.assign(y=7 - 3 * LONG["y"]).sample(frac=1, random_state=1), "twfe", **changes)
    assert moved["std_error"] == pytest.approx(3 * one["std_error"], rel=1e-9)


@pytest.mark.slow
def test_clusters_by_unit_miss_shocks_that_treated_units_share_in_a_period() -> None:
    """What two-way clusters and Driscoll–Kraay are for; their own coverage is measured with that of all others."""
    n, t, count = 30, 120, 200
    units, periods = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
    treated, covered = (units < 15).astype(float), 0
    for seed in range(count):
        bits = stream(seed, "common shocks", "panel")
        on = (standard_normals(bits, (t,)) > 0)[periods] * treated
        shock = standard_normals(bits, (t,))[periods] * treated
        fit = twfe(0.5 * on + shock + standard_normals(bits, (n * t,)), on, units, periods, covariance="CR1")
        error = math.sqrt(float(fit.covariance[0, 0]))
        covered += abs(float(fit.coefficients[0]) - 0.5) < 1.98 * error
    assert covered / count < 0.75


def test_short_panels_are_refused() -> None:
    found = row(PANEL, "twfe", covariance="driscoll_kraay")
    assert "at least 20, and there are 8" in found["reason"]


def test_a_second_cluster_goes_with_cr1_only() -> None:
    with pytest.raises(BadPlan) as refused:
        plans.parse(plan("twfe", covariance="CR2", options={"second_cluster": "period"}))
    assert "goes with the covariance 'CR1'" in str(refused.value.problems[0])
