"""Stepped wedge: R's and written-out numbers, every order by brute force, invariance, bias, refusals."""

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from experiments import stats
from experiments.stats.draws import standard_normals, stream
from experiments.stats.registered import Registered
from experiments.stats.regression.cells import Redrawn, cells, redrawn_schedules
from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.linear import least_squares
from tests.reference import vectors
from tests.unit.experiments.stats import panels

COLUMNS = {"unit": None, "cluster": "cluster", "period": "month", "first_treated": "start"}
ALL = {"options": {"draws": 199}}


def wedge(*, clusters: int = 6, periods: int = 4, rows: int = 3, effect: float = 1.0) -> pd.DataFrame:
    """Return clusters that cross over in turn, with rows of theirs in each period, two of them missing."""
    c, t, _ = (part.ravel() for part in np.indices((clusters, periods, rows)))
    start = c % (periods - 1) + 1
    bits = stream(1, "stepped wedge", "test")
    y = standard_normals(bits, (clusters,))[c] + 0.3 * t + effect * (t >= start)
    frame = pd.DataFrame(
        {
            "cluster": [f"C{number:02d}" for number in c],
            "month": t + 1,
            "start": start + 1,
            "x": np.sin(1 + np.arange(len(c))),
            "y": y + standard_normals(bits, (len(c),)),
        }
    )
    return frame.drop(index=[3, 17]).reset_index(drop=True)


def row(frame: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    return panels.row(frame, "stepped_wedge", columns=COLUMNS | changes.pop("columns", {}), **changes)


def made(frame: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    found = row(frame, **changes)
    assert found["status"] == "ok", found["reason"]
    return found


def dummies(frame: pd.DataFrame, *effects: pd.Series) -> np.ndarray:
    """Return the columns of the effects, then of all clusters and of all months but the first."""
    names = pd.get_dummies(frame["cluster"]), pd.get_dummies(frame["month"], drop_first=True)
    return np.column_stack([*effects, *names]).astype(float)


def groups(frame: pd.DataFrame) -> np.ndarray:
    return pd.factorize(frame["cluster"], sort=True)[0]


@pytest.mark.parametrize(
    ("kind", "std_error", "df"), [("CR1", 0.1724194687, 11), ("CR2", 0.1764091086, 10.15019483)]
)
def test_vector_a(kind: str, std_error: float, df: float) -> None:
    """R fixest, clubSandwich: rows of a cluster share its schedule, so effects of units or of clusters are one."""
    found = panels.made(vectors.panel(), "stepped_wedge", columns={"cluster": "cluster"}, covariance=kind)
    assert found["estimate"] == pytest.approx(0.3071929825, abs=6e-11)
    assert found["std_error"] == pytest.approx(std_error, abs=6e-11)
    assert found["df"] == pytest.approx(df, rel=1e-8)


def test_it_is_least_squares_with_dummies() -> None:
    """statsmodels for CR1, the dense CR2 of this package's own regressions for CR2, terms and their mean."""
    frame = wedge()
    status = (frame["month"] >= frame["start"]).astype(float)
    peer = sm.OLS(frame["y"], dummies(frame, status)).fit(
        cov_type="cluster", cov_kwds={"groups": groups(frame)}
    )
    found = made(frame, covariance="CR1")
    assert found["estimate"] == pytest.approx(peer.params.iloc[0], rel=1e-9)
    # statsmodels counts the cluster effects in K.
    ratio = (len(frame) - peer.df_model - 1) / (len(frame) - 5)
    assert found["std_error"] == pytest.approx(peer.bse.iloc[0] * math.sqrt(ratio), rel=1e-9)
    since = frame["month"] - frame["start"]
    times = [(since == k).astype(float) for k in range(3)]
    dense = dummies(frame, *times)
    fit = least_squares(
        dense, frame["y"].to_numpy(), [f"x{j}" for j in range(dense.shape[1])], intercept=False
    )
    robust = covariance(fit, "CR2", groups(frame))
    terms = {term["term"]: term for term in made(frame, covariance="CR2")["terms"]}
    mean = np.where(np.arange(dense.shape[1]) < 3, 1 / 3, 0.0)
    for name, contrast in [(f"event_time={k}", np.eye(dense.shape[1])[k]) for k in range(3)] + [
        ("event_time average", mean)
    ]:
        assert terms[name]["estimate"] == pytest.approx(contrast @ fit.coefficients, rel=1e-8)
        assert terms[name]["std_error"] == pytest.approx(robust.std_error(contrast), rel=1e-8)


def test_the_bread_is_that_of_hussey_and_hughes() -> None:
    """Their variance with τ² without bound is ``σ²CT/(U² + CTU − TW − CV)``, σ² over the bread."""
    schedule = (np.arange(5) >= np.array([1, 1, 2, 3, 3, 4, 4])[:, None]).astype(float)
    n_clusters, n_periods = schedule.shape
    c, t = (part.ravel() for part in np.indices(schedule.shape))
    data = cells(np.sin(1.0 + np.arange(35)), c, t)
    bread = redrawn_schedules(data, schedule, [Redrawn(schedule[None])], is_exact=True).draws.slope[0]
    u, w, v = schedule.sum(), (schedule.sum(axis=0) ** 2).sum(), (schedule.sum(axis=1) ** 2).sum()
    whole = n_clusters * n_periods
    assert bread == pytest.approx((u**2 + whole * u - n_periods * w - n_clusters * v) / whole, rel=1e-12)


@pytest.mark.parametrize("transition", [0, 1])
def test_every_order_of_the_sequences_is_a_regression(transition: int) -> None:
    """All 90 ways to deal six clusters out over three sequences, each with the rows that it would have left out."""
    frame = wedge()
    codes, y, month = groups(frame), frame["y"].to_numpy(), frame["month"].to_numpy()
    level = dummies(frame)

    def statistic(starts: tuple[int, ...]) -> float:
        since = month - np.array(starts)[codes]
        used = (since < 0) | (since >= transition)
        design = np.column_stack([since >= 0, level])[used].astype(float)
        fit = sm.OLS(y[used], design).fit(cov_type="cluster", cov_kwds={"groups": codes[used]})
        return float(abs(fit.params[0] / fit.bse[0]))

    starts = tuple(frame.groupby("cluster")["start"].first())
    ways = sorted(set(itertools.permutations(starts)))
    expected = np.mean(np.array([statistic(way) for way in ways]) >= statistic(starts) * (1 - 1e-10))
    found = made(frame, covariance="randomisation", options={"transition": transition})
    assert len(ways) == 90
    assert found["p_value"] == expected
    assert "over all 90 ways in which the 6 clusters could have been dealt out over 3" in found["warnings"][0]
    plain = made(frame, covariance="CR2", options={"transition": transition})
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-8)


def test_the_interval_is_the_effects_that_are_not_rejected() -> None:
    frame = wedge(clusters=9)
    status = frame["month"] >= frame["start"]
    found = made(frame, covariance="randomisation")
    for end, inwards in ((found["conf_low"], 1), (found["conf_high"], -1)):
        for step, rejected in ((1e-4, False), (-1e-4, True)):
            moved = frame.assign(y=frame["y"] - (end + inwards * step) * status)
            assert (made(moved, covariance="randomisation")["p_value"] <= 0.05) == rejected


def test_strata_keep_their_sequences() -> None:
    frame = wedge(clusters=12).assign(force=lambda rows: groups(rows) // 6)
    found = made(frame, covariance="randomisation", columns={"stratum": "force"})
    assert "over all 8,100 ways" in found["warnings"][0]  # 90 in each of two forces


def test_a_registered_order_stays_inside_its_strata_and_its_sequences() -> None:
    frame = wedge(clusters=12)
    names, starts = sorted(set(frame["cluster"])), frame.groupby("cluster")["start"].first()
    drawn = Registered(
        assignment={name: str(starts[name]) for name in names},
        strata={name: "north" if name < "C06" else "south" for name in names},
    )
    plan = panels.plan("stepped_wedge", columns=COLUMNS, covariance="randomisation")
    found = stats.run(plan, frame, registered=drawn).document()["estimates"][0]
    assert "over all 8,100 ways" in found["warnings"][0]
    wrong = Registered(assignment=dict.fromkeys(names, "1"))
    refused = stats.run(plan, frame, registered=wrong).document()["estimates"][0]
    assert "drawn to the sequence '1' cross over in 3 different periods" in refused["reason"]


def test_few_clusters_are_judged_by_the_draw_where_the_plan_names_nothing() -> None:
    few, many = made(wedge(clusters=11, periods=6), **ALL), made(wedge(clusters=12, periods=4), **ALL)
    assert (few["covariance"], many["covariance"]) == ("randomisation", "CR2")
    assert "11 clusters, each of which is both treated and not" in few["warnings"][0]


@pytest.mark.parametrize("kind", ["CR2", "randomisation"])
def test_order_names_scale_and_shift(kind: str) -> None:
    frame, options = wedge(clusters=9, periods=5), {"transition": 1, "draws": 199}
    found = made(frame, covariance=kind, options=options)
    moved = frame.assign(y=5 - 2 * frame["y"] + 0.1 * frame["month"] ** 2 + groups(frame))
    other = made(moved.sample(frac=1, random_state=3), covariance=kind, options=options)
    assert other["estimate"] == pytest.approx(-2 * found["estimate"], rel=1e-7)
    assert other["p_value"] == pytest.approx(found["p_value"], rel=1e-6)
    assert other["conf_low"] == pytest.approx(-2 * found["conf_high"], rel=1e-5)
    renamed = frame.assign(
        cluster="force " + frame["cluster"], month=frame["month"] + 10, start=frame["start"] + 10
    )
    assert made(renamed, covariance=kind, options=options)["p_value"] == found["p_value"]


def test_the_treatment_column_and_the_sequence_say_the_same_as_the_start() -> None:
    frame = wedge()
    frame = frame.assign(
        on=(frame["month"] >= frame["start"]).astype(int), wave="w" + frame["start"].astype(str)
    )
    found = made(frame, covariance="CR2")
    by_status = {"first_treated": None, "treatment": "on", "sequence": "wave"}
    assert made(frame, covariance="CR2", columns=by_status)["estimate"] == found["estimate"]


def test_a_start_without_rows_is_still_the_start() -> None:
    """Months in transition that were never recorded are not taken for the month after."""
    frame = wedge(clusters=8, periods=6)
    unrecorded = frame[frame["month"] != frame["start"]]
    found = made(unrecorded, covariance="CR2", options={"transition": 1})
    assert found["estimate"] == made(unrecorded, covariance="CR2")["estimate"]
    assert found["estimate"] == made(frame, covariance="CR2", options={"transition": 1})["estimate"]


@pytest.mark.slow
def test_it_has_no_bias_and_its_mean_over_event_times_follows_an_effect_that_grows() -> None:
    clusters, periods, count = 12, 5, 400
    c, t = (part.ravel() for part in np.indices((clusters, periods)))
    start = c % 4 + 1
    noise = standard_normals(stream(2, "stepped wedge", "bias"), (count, len(c)))
    since = t - start
    constant = [stats.stepped_wedge(y + (since >= 0), 1.0 * (since >= 0), c, t) for y in noise]
    values = np.array([one.fit.coefficients[0] for one in constant])
    assert abs(values.mean() - 1) < 4 * values.std(ddof=1) / math.sqrt(count)
    grown = noise + np.where(since >= 0, 1.0 + since, 0.0)
    by_time = [stats.stepped_wedge(y, 1.0 * (since >= 0), c, t).by_exposure for y in grown]
    means = np.array([one.coefficients.mean() for one in by_time if one is not None])
    assert len(means) == count
    assert abs(means.mean() - 2.5) < 4 * means.std(ddof=1) / math.sqrt(count)


FRAME = wedge()


@pytest.mark.parametrize(
    ("frame", "changes", "words"),
    [
        (FRAME.assign(start=3), {}, "all treated or all untreated"),
        (FRAME[FRAME["cluster"] < "C05"], {}, "5 clusters are too few for a stepped wedge"),
        (
            FRAME.assign(on=(FRAME["month"] == FRAME["start"]).astype(int)),
            {"columns": {"treatment": "on"}},
            "untreated again after it crossed over; use crossover",
        ),
        (
            FRAME.assign(on=np.arange(len(FRAME)) % 2),
            {"columns": {"treatment": "on"}},
            "treated and untreated rows in one period",
        ),
        (FRAME.assign(on=0.5), {"columns": {"treatment": "on"}}, "is 0 or 1, and some rows have a share"),
        (
            FRAME.assign(wave=groups(FRAME) // 2),
            {"columns": {"sequence": "wave"}},
            "the clusters of the sequence '0' cross over in 2 different periods",
        ),
        (
            FRAME.assign(wave=np.arange(len(FRAME)) % 3),
            {"columns": {"sequence": "wave"}},
            "a cluster is in two sequences",
        ),
        (FRAME, {"covariates": ["x"], "covariance": "randomisation"}, "without covariates only"),
        (
            wedge(periods=6)[lambda rows: rows["month"] != rows["start"]],
            {"covariance": "randomisation", "options": {"transition": 1}},
            "hold no rows of the periods in transition",
        ),
        (
            FRAME.assign(force=np.arange(len(FRAME)) % 2),
            {"covariance": "randomisation", "columns": {"stratum": "force"}},
            "lies in two strata",
        ),
        (
            FRAME.assign(force=groups(FRAME) % 3),
            {"covariance": "randomisation", "columns": {"stratum": "force"}},
            "could have fallen in 1 ways only",
        ),
        (
            FRAME.assign(half=groups(FRAME) / 7),
            {"covariates": ["half"], "covariance": "CR2"},
            "does not vary",
        ),
    ],
)
def test_what_is_refused(frame: pd.DataFrame, changes: dict[str, Any], words: str) -> None:
    found = row(frame, **changes)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
