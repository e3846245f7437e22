"""Crossover by place and day: statsmodels', linearmodels' and written-out numbers, carry-over, invariance, refusals."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS

from experiments import stats
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.crossover_fit import BESIDE, CARRY_OVER, SETTLED
from experiments.stats.regression.cells import Redrawn, cells, redrawn_schedules
from tests.unit.experiments.stats import crossovers
from tests.unit.experiments.stats.crossovers import HALF, made, row, terms

DRAWN = crossovers.drawn(9)
FRAME = crossovers.frame(DRAWN, carry=0.5)
GAPS = FRAME.drop(index=[3, 17, 40, 41, 100, 200]).reset_index(drop=True)
KNOWN = crossovers.registered(DRAWN)
FEW: dict[str, Any] = {"covariance": "randomisation", "options": {"draws": 199}}


def dummies(frame: pd.DataFrame, *columns: np.ndarray) -> np.ndarray:
    """Return the columns, then those of all places and of all days but the first."""
    effects = pd.get_dummies(frame["spot"]), pd.get_dummies(frame["day"], drop_first=True)
    return np.column_stack([*columns, *effects]).astype(float)


def treated(frame: pd.DataFrame) -> np.ndarray:
    return (frame["arm"] == "T").to_numpy(dtype=float)


def yesterday(frame: pd.DataFrame) -> np.ndarray:
    """Return yesterday's treatment, by a join on the date."""
    before = frame.assign(day=pd.to_datetime(frame["day"]) + pd.Timedelta(days=1), lag=treated(frame))
    keyed = frame.assign(day=pd.to_datetime(frame["day"]))
    return keyed.merge(before[["spot", "day", "lag"]], on=["spot", "day"], how="left")["lag"].to_numpy()


def written_out(
    design: np.ndarray, y: np.ndarray, groups: np.ndarray, place: int
) -> tuple[float, float, float]:
    """Return estimate, CR2 error and Satterthwaite's degrees of freedom from the whole hat matrix."""
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ design.T @ y
    hat, error = design @ bread @ design.T, y - design @ beta
    scores, images = [], []
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group)
        values, vectors = np.linalg.eigh(np.eye(len(inside)) - hat[np.ix_(inside, inside)])
        root = np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0.0)
        row = bread[place] @ design[inside].T @ (vectors * root) @ vectors.T
        scores.append(row @ error[inside])
        images.append((np.eye(len(y)) - hat)[:, inside] @ row)
    omega = np.array(images) @ np.array(images).T
    return float(beta[place]), math.sqrt(sum(s**2 for s in scores)), np.trace(omega) ** 2 / (omega**2).sum()


@pytest.mark.parametrize("frame", [FRAME, GAPS], ids=["balanced", "gaps"])
def test_it_is_least_squares_with_dummies_and_cr2_written_out(frame: pd.DataFrame) -> None:
    found = made(frame, covariance="CR2")
    y, groups = frame["y"].to_numpy(), pd.factorize(frame["spot"])[0]
    estimate, error, df = written_out(dummies(frame, treated(frame)), y, groups, 0)
    assert found["estimate"] == pytest.approx(estimate, rel=1e-9)
    assert found["std_error"] == pytest.approx(error, rel=1e-8)
    assert found["df"] == pytest.approx(df, rel=1e-7)
    peer = sm.OLS(y, dummies(frame, treated(frame))).fit()
    assert found["estimate"] == pytest.approx(peer.params[0], rel=1e-9)


@pytest.mark.parametrize("frame", [FRAME, GAPS], ids=["balanced", "gaps"])
def test_the_terms_are_regressions_on_yesterday(frame: pd.DataFrame) -> None:
    lag, z = yesterday(frame), treated(frame)
    found = terms(made(frame, covariance="CR2"))
    known, settled = ~np.isnan(lag), lag == z
    y, groups = frame["y"].to_numpy(), pd.factorize(frame["spot"])[0]
    for name, rows, columns, place in (
        (CARRY_OVER, known, [z, lag], 1),
        (BESIDE, known, [z, lag], 0),
        (SETTLED, settled, [z], 0),
    ):
        design = dummies(frame[rows], *(column[rows] for column in columns))
        estimate, error, df = written_out(design, y[rows], groups[rows], place)
        assert found[name]["estimate"] == pytest.approx(estimate, rel=1e-8)
        assert found[name]["std_error"] == pytest.approx(error, rel=1e-7)
        assert found[name]["df"] == pytest.approx(df, rel=1e-6)


def test_cr1_is_that_of_linearmodels_and_statsmodels() -> None:
    """Each with its own factor: linearmodels counts all effects, statsmodels takes none, here places cost nothing."""
    data = FRAME.assign(z=treated(FRAME), date=pd.to_datetime(FRAME["day"])).set_index(["spot", "date"])
    panel = PanelOLS(data["y"], data[["z"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    plain = sm.OLS(FRAME["y"], dummies(FRAME, treated(FRAME))).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(FRAME["spot"])[0], "use_correction": False}
    )
    found = made(FRAME, covariance="CR1")
    n, places, days = len(FRAME), 9, 28
    factor = places / (places - 1) * (n - 1) / (n - 1 - days)
    assert found["estimate"] == pytest.approx(panel.params["z"], rel=1e-9)
    assert found["std_error"] == pytest.approx(plain.bse.iloc[0] * math.sqrt(factor), rel=1e-9)
    own = (n - places - days) / n
    assert found["std_error"] == pytest.approx(panel.std_errors["z"] * math.sqrt(factor * own), rel=1e-9)
    assert found["df"] == places - 1


def test_weights_that_change_by_day_are_those_of_weighted_least_squares() -> None:
    weighted = GAPS.assign(w=1.5 + np.cos(np.arange(len(GAPS))))
    found = made(weighted, covariance="CR2", columns={"weight": "w"})
    peer = sm.WLS(GAPS["y"], dummies(GAPS, treated(GAPS)), weights=weighted["w"]).fit()
    assert found["estimate"] == pytest.approx(peer.params.iloc[0], rel=1e-9)


def test_covariates_are_columns() -> None:
    found = made(GAPS, covariance="CR2", covariates=["x"])
    peer = sm.OLS(GAPS["y"], dummies(GAPS, treated(GAPS), GAPS["x"].to_numpy())).fit()
    assert found["estimate"] == pytest.approx(peer.params.iloc[0], rel=1e-9)


def test_a_place_that_never_switches_is_left_out_and_counted() -> None:
    stuck = FRAME.assign(arm=FRAME["arm"].where(FRAME["spot"] != "P004", "C"))
    found = stats.run(crossovers.plan(covariance="CR2"), stuck).document()
    assert {
        "reason": "a place that was seen in one arm only, so nothing can be learnt from it",
        "count": 28,
    } in found["data"]["rows_dropped"]
    rest = made(FRAME[FRAME["spot"] != "P004"], covariance="CR2")
    assert found["estimates"][0]["estimate"] == rest["estimate"]
    assert (found["estimates"][0]["n_units"], found["estimates"][0]["n_clusters"]) == (8, 8)


@pytest.mark.parametrize("alternation", ["TC" * 14, "CT" * 14])
def test_strict_alternation_says_why_it_has_no_carry_over(alternation: str) -> None:
    arms = {
        name: tuple(alternation if number % 2 else alternation[::-1]) for number, name in enumerate(DRAWN)
    }
    found = terms(made(crossovers.frame(arms), covariance="CR2"))
    assert found[CARRY_OVER]["estimate"] is None
    assert "follows from the other regressors" in found[CARRY_OVER]["reason"]
    assert found[SETTLED]["estimate"] is None
    assert "0 places switch" in found[SETTLED]["reason"]


def test_of_three_arms_two_are_compared() -> None:
    third = FRAME.assign(arm=FRAME["arm"].where(np.arange(len(FRAME)) % 5 > 0, "U"))
    plan = crossovers.plan(covariance="CR2", options={"arm": "T"})
    plan["arms"] = {"control": "C", "treatments": ["U", "T"]}
    found = stats.run(plan, third).document()
    two = third[third["arm"] != "U"]
    assert found["estimates"][0]["estimate"] == pytest.approx(
        made(two, covariance="CR2")["estimate"], rel=1e-9
    )
    assert {"reason": "in an arm that is not compared", "count": len(third) - len(two)} in found["data"][
        "rows_dropped"
    ]


def test_each_redrawn_day_table_is_a_regression() -> None:
    """The statistic of a redrawn schedule, with the places that do not switch in it left out, by statsmodels."""
    spot, day = pd.factorize(GAPS["spot"])[0], pd.factorize(GAPS["day"], sort=True)[0]
    table = np.zeros((9, 28))
    table[spot, day] = treated(GAPS)
    other = np.roll(table, 1, axis=1)
    other[2] = 0
    used = np.ones((1, 9, 28))
    used[0, 2] = 0
    data = cells(GAPS["y"].to_numpy(), spot, day)
    draws = redrawn_schedules(
        data, table, [Redrawn(table[None]), Redrawn(other[None], used)], is_exact=False
    ).draws
    kept = spot != 2
    peer = sm.OLS(GAPS["y"][kept], dummies(GAPS[kept], other[spot, day][kept])).fit()
    assert draws.level[1] / draws.slope[1] != pytest.approx(draws.level[0] / draws.slope[0])
    design = dummies(GAPS[kept], other[spot, day][kept])
    residual = sm.OLS(design[:, 0], design[:, 1:]).fit().resid
    assert draws.level[1] == pytest.approx(residual @ residual * peer.params.iloc[0], rel=1e-8)


def test_the_interval_is_the_effects_that_are_not_rejected() -> None:
    found = made(FRAME, KNOWN, **FEW)
    for end, inwards in ((found["conf_low"], 1), (found["conf_high"], -1)):
        for step, rejected in ((1e-4, False), (-1e-4, True)):
            moved = FRAME.assign(y=FRAME["y"] - (end + inwards * step) * treated(FRAME))
            assert (made(moved, KNOWN, **FEW)["p_value"] <= 0.05) == rejected


def test_few_places_are_judged_by_the_draw_where_the_plan_names_nothing() -> None:
    many = crossovers.drawn(12)
    few = made(FRAME, KNOWN, options={"draws": 199})
    assert few["covariance"] == "randomisation"
    assert "9 places, each of which is both treated and not" in few["warnings"][0]
    assert made(crossovers.frame(many), crossovers.registered(many))["covariance"] == "CR2"
    unknown = made(FRAME)
    assert unknown["covariance"] == "CR2"
    assert "how they were drawn is not known" in unknown["warnings"][0]


def test_days_without_a_registration_are_drawn_by_the_rules_that_the_plan_names() -> None:
    by_rules = {"draws": 199, "block_days": 4, "max_run": 2}
    found = made(FRAME, covariance="randomisation", options=by_rules)
    assert found["p_value"] == made(FRAME, KNOWN, **FEW)["p_value"]
    assert "the rules of the days are the plan's word" in found["warnings"][1]
    other = made(FRAME, KNOWN, covariance="randomisation", options={**by_rules, "max_run": 3})
    assert other["p_value"] == found["p_value"]
    assert "the plan's rules of the days are not the registered ones" in other["warnings"][1]


def test_more_ways_than_a_float_can_hold_are_no_trouble() -> None:
    scheme = crossovers.Scheme("crossover", HALF.arms, crossover=crossovers.Crossover(364, 4, 2))
    many = crossovers.drawn(9, scheme)
    found = made(
        crossovers.frame(many), crossovers.registered(many, scheme), **FEW | {"options": {"draws": 99}}
    )
    assert "99 of 10^" in found["warnings"][0]


def test_days_may_be_numbered() -> None:
    numbered = FRAME.assign(day=pd.factorize(FRAME["day"], sort=True)[0] + 1)
    for known in (KNOWN, None):
        assert (
            made(numbered, known, covariance="CR2")["terms"] == made(FRAME, known, covariance="CR2")["terms"]
        )
    assert made(numbered, KNOWN, **FEW)["p_value"] == made(FRAME, KNOWN, **FEW)["p_value"]
    gone = numbered[numbered["day"] != 5]
    assert (
        made(gone, KNOWN, **FEW)["p_value"]
        == made(FRAME[FRAME["day"] != "2026-03-06"], KNOWN, **FEW)["p_value"]
    )


@pytest.mark.parametrize("kind", ["CR2", "randomisation"])
def test_order_names_scale_and_shift(kind: str) -> None:
    options = {"covariance": kind, "options": {"draws": 199}}
    found = made(GAPS, KNOWN, **options)
    shift = np.square(pd.factorize(GAPS["day"], sort=True)[0]) / 50 + pd.factorize(GAPS["spot"])[0]
    moved = GAPS.assign(y=5 - 2 * GAPS["y"] + shift).sample(frac=1, random_state=3)
    other = made(moved, KNOWN, **options)
    assert other["estimate"] == pytest.approx(-2 * found["estimate"], rel=1e-8)
    assert other["p_value"] == pytest.approx(found["p_value"], rel=1e-6)
    assert other["conf_low"] == pytest.approx(-2 * found["conf_high"], rel=1e-5)
    shuffled = GAPS.sample(frac=1, random_state=5)
    assert made(shuffled, KNOWN, **options) == found
    renamed = GAPS.assign(spot="spot " + GAPS["spot"])
    again = crossovers.registered({f"spot {name}": days for name, days in DRAWN.items()})
    assert made(renamed, again, **options)["p_value"] == found["p_value"]


def test_swapping_the_arms_turns_the_sign() -> None:
    plan = crossovers.plan(covariance="CR2")
    plan["arms"] = {"control": "T", "treatments": ["C"]}
    found, plain = stats.run(plan, FRAME).document()["estimates"][0], made(FRAME, covariance="CR2")
    assert found["estimate"] == pytest.approx(-plain["estimate"], rel=1e-12)
    assert found["p_value"] == pytest.approx(plain["p_value"], rel=1e-9)


def test_the_registered_days_are_compared_with_those_of_the_data() -> None:
    check = crossovers.plan(covariance="CR2", checks=("allocation_match", "sample_ratio"))
    found = stats.run(check, FRAME, registered=KNOWN).document()["checks"]
    assert found["allocation_match"]["verdict"] == "ok"
    assert "for its place and day" in found["allocation_match"]["explanation"]
    assert "no unit belongs to one" in found["sample_ratio"]["explanation"]
    wrong = FRAME.assign(arm=FRAME["arm"].where(FRAME.index != 30, "C" if FRAME["arm"][30] == "T" else "T"))
    red = stats.run(check, wrong.drop(index=[5]), registered=KNOWN).document()["checks"]["allocation_match"]
    assert red["verdict"] == "red"
    assert {"registered": "any arm", "analysed": "not in the data", "n_units": 1} in red["rows"]
    pairs = {(one["registered"], one["analysed"]): one.get("n_obs") for one in red["rows"]}
    assert pairs[FRAME["arm"][30], wrong["arm"][30]] == 1


FLIPPED = FRAME.assign(arm=FRAME["arm"].where(FRAME.index != 30, "C" if FRAME["arm"][30] == "T" else "T"))


@pytest.mark.parametrize(
    ("frame", "known", "changes", "words"),
    [
        (
            FRAME[FRAME["spot"] < "P005"],
            None,
            {"covariance": "CR2"},
            "5 places switch between the arms, too few",
        ),
        (FRAME, None, FEW, "how they were drawn is not known: run it under its registration"),
        (FRAME, KNOWN, {**FEW, "covariates": ["x"]}, "without covariates only"),
        (FLIPPED, KNOWN, FEW, "on 2026-03-04 in the data and was drawn to"),
        (
            FRAME.assign(spot="x" + FRAME["spot"]),
            KNOWN,
            FEW,
            "9 units of the data are not in the list that was drawn",
        ),
        (
            FRAME.assign(day="2027" + FRAME["day"].str[4:]),
            KNOWN,
            FEW,
            "is none of the 28 days that were drawn",
        ),
        (
            FRAME.assign(day="day " + FRAME["day"]),
            None,
            {"covariance": "CR2"},
            "is no day: write days as dates",
        ),
        (pd.concat([FRAME, FRAME[:3]]), None, {"covariance": "CR2"}, "a place has two rows on one day"),
        (
            FRAME,
            None,
            {**FEW, "options": {"block_days": 4, "max_run": 1}},
            "break the rules that the plan names",
        ),
        (
            GAPS,
            None,
            {**FEW, "options": {"block_days": 8, "max_run": 1}},
            "break the rules that the plan names",
        ),
        (
            GAPS,
            None,
            {**FEW, "options": {"block_days": 4, "washout": 2}},
            "break the rules that the plan names",
        ),
        (FRAME, None, {**FEW, "options": {"block_days": 3}}, "do not fall into blocks of 3"),
        (FRAME, None, {**FEW, "options": {"block_days": 28}}, "can be drawn again"),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, known: Any, changes: dict[str, Any], words: str) -> None:
    found = row(frame, known, **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]


def test_two_days_of_six_places_have_too_few_ways_for_a_strict_level() -> None:
    """2^6 orders, each with its mirror image: p cannot fall below 1/32."""
    arms = {f"P{number}": ("C", "T") if number % 2 else ("T", "C") for number in range(6)}
    plan = crossovers.plan(covariance="randomisation", options={"block_days": 2}) | {"alpha": 0.01}
    [found] = stats.run(plan, crossovers.frame(arms)).estimates
    assert "could have been drawn in 64 ways only, so no p value below 2/64 is possible" in (
        found.reason or ""
    )
    [plain] = stats.run(plan | {"alpha": 0.05}, crossovers.frame(arms)).estimates
    assert plain.is_ok


def test_other_draws_and_other_estimators_do_not_mix() -> None:
    other = stats.run(
        crossovers.plan(estimator="difference_in_means", covariance="randomisation"), FRAME, registered=KNOWN
    )
    assert "draw of places and days, cannot be made again" in (other.estimates[0].reason or "")
    complete = crossovers.Registered(assignment=dict.fromkeys(DRAWN, "C"))
    assert "was not of places and days" in row(FRAME, complete, **FEW)["reason"]


def test_a_share_is_refused() -> None:
    z = treated(FRAME)
    z[0] = 0.5
    with pytest.raises(NotEstimable, match="is 0 or 1"):
        stats.crossover(
            FRAME["y"].to_numpy(), z, pd.factorize(FRAME["spot"])[0], pd.factorize(FRAME["day"])[0]
        )
