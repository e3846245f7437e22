"""The draw made again: every way by brute force, the registered scheme against the plan's columns, refusals."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats as peers

from experiments import stats
from experiments.stats.draws import standard_normals, stream, uniforms
from experiments.stats.registered import Registered
from experiments.stats.regression import randomisation
from experiments.stats.regression.assignments import assignments
from tests.reference import vectors
from tests.unit.experiments.stats import plans, trials

FRAME = vectors.clusters()
Y, Z, X, CODES = vectors.arrays(FRAME)
REDRAWN: dict[str, Any] = {"covariance": "randomisation", "covariates": []}
CLUSTERED = {"cluster": "cluster"}


def units(n: int = 8, strata: int = 2) -> pd.DataFrame:
    """Return units in strata, two of four treated in each."""
    number = np.arange(n)
    y = standard_normals(stream(3, "replay", "units"), (n,)) + 0.8 * (number % 2) + number // (n // strata)
    arm = np.where(number % 2 == 1, "treatment", "control")
    names = [f"U{one:02d}" for one in number]
    return pd.DataFrame({"unit": names, "arm": arm, "stratum": number // (n // strata), "y": y})


def share(statistic: Callable[[np.ndarray], float], ways: list[np.ndarray], observed: np.ndarray) -> float:
    reached = np.array([abs(statistic(way)) for way in ways])
    return float(np.mean(reached >= abs(statistic(observed)) * (1 - 1e-10)))


def chosen(members: list[list[int]], counts: list[int], n: int) -> Iterator[np.ndarray]:
    """Yield every way to treat so many of each stratum."""
    for picked in itertools.product(
        *(itertools.combinations(inside, count) for inside, count in zip(members, counts, strict=True))
    ):
        z = np.zeros(n)
        z[[one for part in picked for one in part]] = 1
        yield z


def by_cluster(z: np.ndarray) -> np.ndarray:
    return np.array([z[c == CODES][0] for c in range(10)])


TEN = [*chosen([list(range(10))], [5], 10)]


def run(frame: pd.DataFrame, registered: Registered | None, estimator: str, **changes: Any) -> dict[str, Any]:
    columns = plans.COLUMNS | changes.pop("columns", {})
    plan = plans.plan(plans.estimate(estimator, **(REDRAWN | changes)), columns=columns)
    row: dict[str, Any] = stats.run(plan, frame, registered=registered).document()["estimates"][0]
    return row


def test_blocks_are_redrawn_inside_and_compared_by_their_size() -> None:
    """statsmodels: the interacted regression whose effect is the mean of the blocks' differences, for 120 ways."""
    frame = units(10).assign(stratum=[0] * 4 + [1] * 6)
    y, block = frame["y"].to_numpy(), frame["stratum"].to_numpy(dtype=float)

    def statistic(z: np.ndarray) -> float:
        centred = block - block.mean()
        fit = sm.OLS(y, np.column_stack([np.ones(10), z, centred, z * centred])).fit(cov_type="HC1")
        return float(fit.params[1] / fit.bse[1])

    ways = [*chosen([[0, 1, 2, 3], [4, 5, 6, 7, 8, 9]], [2, 3], 10)]
    observed = (frame["arm"] == "treatment").to_numpy(dtype=float)
    columns = {"cluster": None, "stratum": "stratum"}
    found = run(frame, None, "difference_in_means", columns=columns)
    plain = trials.made(frame, "difference_in_means", columns=columns, covariance="HC2")
    assert len(ways) == 120
    assert found["p_value"] == share(statistic, ways, observed)
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-12)
    assert "over all 120 ways" in found["warnings"][0]


def test_matched_pairs_are_sixty_four_coins() -> None:
    """scipy's t test on the six differences, with every pattern of signs."""
    frame = units(12).assign(stratum=np.arange(12) // 2)
    gaps = frame["y"].to_numpy()[1::2] - frame["y"].to_numpy()[::2]
    reached = [
        abs(peers.ttest_1samp(gaps * np.array(signs), 0).statistic)
        for signs in itertools.product([1, -1], repeat=6)
    ]
    found = run(frame, None, "difference_in_means", columns={"cluster": None, "stratum": "stratum"})
    expected = np.mean(np.array(reached) >= abs(peers.ttest_1samp(gaps, 0).statistic) * (1 - 1e-10))
    assert found["p_value"] == expected
    assert found["estimate"] == pytest.approx(gaps.mean(), rel=1e-12)
    assert found["std_error"] == pytest.approx(peers.sem(gaps), rel=1e-9)


def test_lin_is_a_regression_in_each_arm_for_every_assignment() -> None:
    """statsmodels, errors by cluster."""
    centred = X[:, 0] - X.mean()

    def statistic(way: np.ndarray) -> float:
        z = way[CODES]
        fit = sm.OLS(Y, np.column_stack([np.ones(len(Y)), z, centred, z * centred])).fit(
            cov_type="cluster", cov_kwds={"groups": CODES}
        )
        return float(fit.params[1] / fit.bse[1])

    found = run(FRAME, None, "lin", covariates=["x"], columns=CLUSTERED)
    plain = trials.made(FRAME, "lin", covariates=["x"], columns=CLUSTERED, covariance="CR1")
    assert found["p_value"] == share(statistic, TEN, by_cluster(Z))
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (plain["estimate"], plain["std_error"]), rel=1e-9
    )


@pytest.mark.parametrize("effect", ["cluster_average", "individual_average"])
def test_cluster_means_are_rows_of_their_own(effect: str) -> None:
    table = (
        FRAME.groupby("cluster").agg(y=("y", "mean"), arm=("arm", "first"), size=("y", "size")).reset_index()
    )
    weight = "size" if effect == "individual_average" else None
    found = run(FRAME, None, "cluster_means", columns=CLUSTERED, options={"effect": effect})
    columns = {"unit": "cluster", "cluster": None, "weight": weight}
    assert found["p_value"] == run(table, None, "difference_in_means", columns=columns)["p_value"]
    plain = trials.made(FRAME, "cluster_means", columns=CLUSTERED, options={"effect": effect}, covariates=[])
    assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-12)


def listed(frame: pd.DataFrame, **more: Any) -> Registered:
    return Registered(assignment=dict(zip(frame["unit"].astype(str), frame["arm"], strict=True)), **more)


def test_a_registered_draw_of_clusters_is_made_of_clusters_whatever_the_plan_says() -> None:
    drawn = listed(FRAME, clusters=dict(zip(FRAME["unit"], FRAME["cluster"].astype(str), strict=True)))
    named = run(FRAME, None, "difference_in_means", columns=CLUSTERED)
    found = run(FRAME, drawn, "difference_in_means", columns={"cluster": None})
    assert (found["p_value"], found["conf_low"]) == (named["p_value"], named["conf_low"])
    assert "43 clusters, and the registered draw was of 10" in " ".join(found["warnings"])
    same = run(FRAME, drawn, "difference_in_means", columns=CLUSTERED)
    assert (same["p_value"], len(same["warnings"])) == (named["p_value"], 1)


def test_a_registered_draw_inside_strata_stays_inside_them_whatever_the_plan_says() -> None:
    frame = units(12)
    drawn = listed(frame, strata=dict(zip(frame["unit"], frame["stratum"].astype(str), strict=True)))
    found = run(frame, drawn, "difference_in_means", columns={"cluster": None})
    assert "over all 400 ways" in found["warnings"][0]  # 924 without the strata
    assert "not those of the registered draw" in found["warnings"][1]
    assert (
        "over all 924 ways"
        in run(frame, None, "difference_in_means", columns={"cluster": None})["warnings"][0]
    )


def test_a_constrained_draw_is_made_among_its_listed_ways_only() -> None:
    y, z = FRAME["y"].to_numpy(), by_cluster(Z)
    arms = np.array(["control", "treatment"])
    allowed = [*TEN[::5], z]
    drawn = listed(
        FRAME,
        clusters=dict(zip(FRAME["unit"], FRAME["cluster"].astype(str), strict=True)),
        allowed=tuple(tuple(arms[way.astype(int)]) for way in allowed),
    )

    def statistic(way: np.ndarray) -> float:
        fit = sm.OLS(y, sm.add_constant(way[CODES])).fit(cov_type="cluster", cov_kwds={"groups": CODES})
        return float(fit.params[1] / fit.bse[1])

    found = run(FRAME, drawn, "difference_in_means", columns=CLUSTERED)
    assert found["p_value"] == share(statistic, allowed, z)
    assert f"over all {len(allowed)} ways" in found["warnings"][0]


@pytest.mark.parametrize(
    ("registered", "words"),
    [
        (listed(FRAME[5:]), "units of the data are not in the list that was drawn, such as '0-0'"),
        (listed(FRAME, cannot_redraw="minimisation"), "by minimisation, cannot be made again"),
        (listed(FRAME.assign(arm="control")), "in the data and was drawn to 'control'"),
        (
            listed(
                FRAME,
                clusters=dict(zip(FRAME["unit"], FRAME["cluster"].astype(str), strict=True)),
                allowed=(("control",) * 10,) * 30,
            ),
            "what was drawn is not among the allocations",
        ),
    ],
)
def test_data_that_are_not_the_registered_draw_are_refused(registered: Registered, words: str) -> None:
    found = run(FRAME, registered, "ancova", columns=CLUSTERED)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]


def test_pairs_that_are_not_those_of_the_draw_are_refused() -> None:
    frame = units(12).assign(stratum=np.arange(12) // 2)
    drawn = listed(frame, strata=dict.fromkeys(frame["unit"], "all"))
    found = run(frame, drawn, "difference_in_means", columns={"cluster": None, "stratum": "stratum"})
    assert "the plan's pairs are not the pairs" in found["reason"]


@pytest.mark.parametrize("estimator", ["difference_in_means", "ancova", "lin", "poisson", "cluster_means"])
def test_order_and_names_change_nothing(estimator: str) -> None:
    frame = FRAME.assign(y=FRAME["y"] - FRAME["y"].min())
    found = run(frame, None, estimator, columns=CLUSTERED)
    moved = frame.assign(cluster="c" + frame["cluster"].astype(str), unit="u" + frame["unit"])
    other = run(moved.sample(frac=1, random_state=5), None, estimator, columns=CLUSTERED)
    assert other["p_value"] == found["p_value"]
    assert other["conf_low"] == pytest.approx(found["conf_low"], rel=1e-6)
    assert 0 < found["p_value"] <= 1


def test_few_units_are_judged_by_the_draw_where_the_plan_names_nothing() -> None:
    for estimator in ("lin", "poisson", "difference_in_means"):
        frame = units(12).assign(y=lambda rows: rows["y"] - rows["y"].min())
        columns = {"cluster": None, "stratum": "stratum"}
        found = run(frame, None, estimator, columns=columns, covariance=None)
        assert found["covariance"] == "randomisation", found


def large(n: int = 2_500) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    bits = stream(4, "replay", "large")
    z = (np.argsort(np.argsort(uniforms(bits, (n,)))) < 900).astype(float)
    x = standard_normals(bits, (n, 2))
    return x @ [0.5, 0.2] + standard_normals(bits, (n,)) * (1 + z), z, x, 0.5 + uniforms(bits, (n,))


@pytest.mark.parametrize("case", ["plain", "covariates", "weights", "blocks"])
def test_many_units_cost_sums_and_give_the_same_statistic(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    y, z, x, w = large()
    blocks = (x[:, 0] > 0).astype(np.intp)
    more: dict[str, Any] = {
        "plain": {},
        "covariates": {"covariates": x},
        "weights": {"covariates": x, "weights": w},
        "blocks": {"blocks": blocks, "weights": w},
    }[case]
    by_sums = randomisation.randomisation_test(y, z, draws=199, **more)
    monkeypatch.setattr(randomisation, "MOST_SUMS", 0)
    by_scores = randomisation.randomisation_test(y, z, draws=199, **more)
    assert by_sums.estimate == pytest.approx(by_scores.estimate, rel=1e-10)
    assert by_sums.std_error == pytest.approx(by_scores.std_error, rel=1e-10)
    assert by_sums.resampled.p_value == by_scores.resampled.p_value
    assert by_sums.resampled.conf_low == pytest.approx(by_scores.resampled.conf_low, rel=1e-6)


def test_many_units_are_as_often_treated_as_they_were_and_each_is_as_likely() -> None:
    _, z, x, _ = large()
    block = (x[:, 0] > 0).astype(np.intp)
    table = assignments(z, block, 999, 0.05, 7, "H1").table
    for b in (0, 1):
        wanted = z[block == b].sum()
        assert (table[:, block == b].sum(axis=1) == wanted).all()
        each = table[1:, block == b].mean(axis=0)
        expected = wanted / (block == b).sum()
        spread = math.sqrt(expected * (1 - expected) / 999)
        assert np.abs(each - expected).max() < 5 * spread
        assert each.std() == pytest.approx(spread, rel=0.1)


def test_more_ways_than_can_be_written_down_are_still_counted() -> None:
    """Python writes no whole number of more than 4,300 digits."""
    z = (np.arange(20_000) < 10_000).astype(float)
    found = randomisation.randomisation_test(np.sin(np.arange(20_000.0)), z, draws=99)
    assert found.words == "99 of 10^6018 ways in which 10000 of 20000 could have been treated"
