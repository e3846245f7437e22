"""Westfall–Young: the step-down by hand, peers, Šidák's and Holm's values, invariances, error rate, and refusals."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.stats import run
from experiments.stats.errors import BadPlan
from experiments.stats.multiplicity import adjust, westfall_young
from experiments.stats.plan import parse
from experiments.stats.registered import Registered
from tests.reference import vectors
from tests.unit.experiments.stats import plans


def written_out(observed: np.ndarray, draws: np.ndarray) -> list[float]:
    """The definition, one hypothesis and one draw at a time."""
    order = sorted(range(len(observed)), key=lambda j: -observed[j])
    found, before = [0.0] * len(observed), 0.0
    for step, j in enumerate(order):
        count = sum(max(draw[k] for k in order[step:]) >= observed[j] for draw in draws)
        before = max(before, (1 + count) / (1 + len(draws)))
        found[j] = before
    return found


def test_the_definition_written_out() -> None:
    rng = np.random.default_rng(1)
    draws = np.abs(rng.normal(size=(300, 5)) + rng.normal(size=(300, 1)))
    observed = np.array([2.2, 0.3, 3.1, 1.9, 1.0])
    assert westfall_young(observed, draws) == pytest.approx(written_out(observed, draws), abs=1e-12)


@pytest.mark.slow
def test_the_step_down_of_pyfixest() -> None:
    """The same statistics given to pyfixest's own step-down; it counts draws that exceed, ours those that reach."""
    multcomp = pytest.importorskip("pyfixest.estimation.post_estimation.multcomp")
    rng = np.random.default_rng(2)
    draws, observed = rng.normal(size=(999, 4)), np.array([2.6, -1.2, 3.0, 0.4])
    theirs = multcomp._get_rwolf_pval(observed, draws)
    assert westfall_young(np.abs(observed), np.abs(draws)) == pytest.approx(theirs.tolist(), abs=1e-9)


def test_independent_statistics_have_the_step_down_of_sidak() -> None:
    """Independent normals: p of the j-th smallest of m is 1 − (1 − p)^(m − j + 1), and Holm's is hardly more."""
    from scipy import stats

    rng = np.random.default_rng(3)
    raw = np.array([0.004, 0.012, 0.03, 0.4])
    observed = -stats.norm.ppf(raw / 2)
    found = westfall_young(observed, np.abs(rng.normal(size=(200_000, 4))))
    sidak = np.maximum.accumulate(1 - (1 - raw) ** np.array([4, 3, 2, 1]))
    assert found == pytest.approx(sidak.tolist(), abs=4 * np.sqrt(0.25 / 200_000))
    assert np.all(np.array(found) <= np.array(adjust(raw.tolist(), "holm")) + 0.002)


def test_one_outcome_measured_twice_costs_nothing() -> None:
    draws = np.abs(np.random.default_rng(4).normal(size=(999, 1)))
    alone = westfall_young(np.array([2.0]), draws)
    assert westfall_young(np.array([2.0, 2.0]), np.tile(draws, 2)) == alone * 2


def test_order_does_not_matter_and_all_there_are_are_counted_as_such() -> None:
    rng = np.random.default_rng(5)
    draws, observed, order = np.abs(rng.normal(size=(99, 4))), np.array([1.0, 2.0, 0.5, 1.5]), [2, 0, 3, 1]
    found = westfall_young(observed, draws)
    assert westfall_young(observed[order], draws[:, order]) == [found[i] for i in order]
    assert westfall_young(observed, draws[rng.permutation(99)]) == found
    exact = westfall_young(observed, np.vstack([observed, draws]), is_exact=True)
    assert exact == pytest.approx(found)


def family(**changes: Any) -> dict[str, Any]:
    """Three outcomes of vector B in one family, and a guardrail outside it."""
    names = [
        ("H1", "y", "primary"),
        ("H2", "count", "secondary"),
        ("H3", "x", "secondary"),
        ("G1", "z", "harm"),
    ]
    estimates = [
        plans.estimate("difference_in_means", id=name, outcome=outcome, role=role)
        for name, outcome, role in names[:3]
    ]
    guard = plans.estimate("difference_in_means", id="G1", outcome="exposure", role="harm")
    return plans.plan(*estimates, guard, multiplicity="westfall_young", **changes)


def test_a_trial_of_clusters_by_all_its_allocations_written_out() -> None:
    """Vector B: 252 allocations of 10 clusters; studentised differences of the three outcomes by least squares."""
    frame = vectors.clusters()
    outcomes = ["y", "count", "x"]

    def statistics(chosen: tuple[int, ...]) -> list[float]:
        z = np.isin(frame.cluster, chosen).astype(float)
        design = np.column_stack([np.ones(len(z)), z])
        bread = np.linalg.inv(design.T @ design)
        found = []
        for name in outcomes:
            y = frame[name].to_numpy(float)
            beta = bread @ design.T @ y
            scores = (
                pd.DataFrame(design * (y - design @ beta)[:, None]).groupby(frame.cluster).sum().to_numpy()
            )
            variance = 10 / 9 * (len(y) - 1) / (len(y) - 2) * bread @ scores.T @ scores @ bread
            found.append(abs(beta[1]) / np.sqrt(variance[1, 1]))
        return found

    every = np.array([statistics(chosen) for chosen in combinations(range(10), 5)])
    observed = np.array(statistics((0, 3, 4, 7, 9)))
    expected = westfall_young(observed, every, is_exact=True)
    rows = run(family(), frame).document()["estimates"]
    for row, value in zip(rows[:3], expected, strict=True):
        assert row["p_value_adjusted"] == pytest.approx(max(value, row["p_value"]), abs=1e-12)
        assert any("all 252 ways in which the draw could have fallen" in text for text in row["warnings"])
    assert rows[3]["p_value_adjusted"] is None


def test_a_cluster_without_one_outcome_keeps_its_draw_in_the_others() -> None:
    frame = vectors.clusters()
    whole = run(family(), frame).document()["estimates"]
    frame.loc[frame.cluster == 2, "x"] = np.nan
    found = run(family(), frame).document()["estimates"]
    assert found[2]["n_clusters"] == 9
    assert all(row["p_value_adjusted"] is not None for row in found[:3])
    assert found[0]["p_value"] == whole[0]["p_value"]


def test_the_order_of_rows_and_of_estimates_changes_no_digit() -> None:
    frame, plan = vectors.clusters(), family()
    rows = run(plan, frame).document()["estimates"]
    turned = {**plan, "estimates": plan["estimates"][::-1]}
    again = run(turned, frame.iloc[::-1]).document()["estimates"][::-1]
    assert [row["p_value_adjusted"] for row in rows] == [row["p_value_adjusted"] for row in again]


def drawn(frame: pd.DataFrame, **more: Any) -> Registered:
    return Registered(assignment=dict(zip(frame["unit"].astype(str), frame["arm"], strict=True)), **more)


def adjusted(
    plan: dict[str, Any], frame: pd.DataFrame, registered: Registered | None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run(plan, frame, registered=registered).document()["estimates"]
    return rows[:3]


def test_the_registered_draw_is_made_again_whatever_the_plan_says() -> None:
    frame = vectors.clusters()
    clusters = dict(zip(frame["unit"], frame["cluster"].astype(str), strict=True))
    by_plan = adjusted(family(), frame, None)
    unclustered = family(columns=plans.COLUMNS | {"cluster": None})
    found = adjusted(unclustered, frame, drawn(frame, clusters=clusters))
    assert "all 252 ways" in " ".join(found[0]["warnings"])
    for one, other in zip(found, by_plan, strict=True):
        assert one["p_value_adjusted"] >= one["p_value"]
        assert other["p_value_adjusted"] >= other["p_value"]
    # Where no estimate's own p value is the larger, the draws alone speak, and they are the same.
    assert found[0]["p_value_adjusted"] == pytest.approx(by_plan[0]["p_value_adjusted"], abs=1e-12)


def test_a_family_of_a_constrained_draw_is_judged_among_its_listed_ways() -> None:
    frame = vectors.clusters()
    clusters = dict(zip(frame["unit"], frame["cluster"].astype(str), strict=True))
    first = frame.groupby("cluster")["arm"].first().to_numpy()
    ten = [
        tuple(np.where(np.isin(range(10), chosen), "treatment", "control").tolist())
        for chosen in combinations(range(10), 5)
    ]
    allowed = (*ten[::5], tuple(first.tolist()))
    found = adjusted(family(), frame, drawn(frame, clusters=clusters, allowed=allowed))
    assert f"all {len(allowed)} ways" in " ".join(found[0]["warnings"])


def test_a_family_whose_draw_cannot_be_made_again_is_not_adjusted() -> None:
    frame = vectors.clusters()
    found = adjusted(family(), frame, drawn(frame, cannot_redraw="minimisation"))
    assert all(row["p_value_adjusted"] is None for row in found)
    assert "p_value_adjusted is null: the registered draw, by minimisation" in " ".join(found[0]["warnings"])


def test_six_clusters_with_mirror_images_can_never_reach_the_level() -> None:
    frame = vectors.clusters()
    six = frame[frame["cluster"].isin([0, 3, 4, 1, 2, 5])]
    found = adjusted(family(), six, None)
    assert all(row["p_value_adjusted"] is None for row in found)
    assert "no p value below 2/20 is possible" in " ".join(found[0]["warnings"])


def panel_plan(*estimators: str, **changes: Any) -> dict[str, Any]:
    columns = {"unit": "unit", "cluster": "cluster", "period": "period", "first_treated": "first"}
    estimates = [
        plans.estimate(name, id=f"H{place}", outcome=("y", "count")[place])
        for place, name in enumerate(estimators)
    ]
    return plans.plan(*estimates, columns=columns, multiplicity="westfall_young", arms=None) | changes


def test_changes_are_judged_by_flipped_clusters_common_to_all() -> None:
    """One estimate alone has the p value of its own wild cluster bootstrap: every pattern of twelve signs."""
    frame = vectors.panel()
    alone = panel_plan("twfe")
    alone["estimates"][0]["covariance"] = "wild_cluster_bootstrap"
    row = run(alone, frame).document()["estimates"][0]
    assert row["p_value_adjusted"] == pytest.approx(row["p_value"], abs=1e-12)
    two = run(panel_plan("twfe", "twfe"), frame).document()["estimates"]
    assert all(row["p_value_adjusted"] >= row["p_value"] for row in two)
    assert "all 4,096 draws of the wild cluster bootstrap (rademacher)" in " ".join(two[0]["warnings"])
    dates = frame[frame["first"].isin([0, 6])]
    both = run(panel_plan("two_by_two", "twfe"), dates).document()["estimates"]
    assert all(row["p_value_adjusted"] is not None for row in both), both[0]["warnings"]


@pytest.mark.slow
def test_the_family_wise_error_is_kept_and_more_is_found_than_by_holm() -> None:
    """300 trials of 30 units, five outcomes that move together, no effect: 5 % with a false alarm, but for chance."""
    rng = np.random.default_rng(9)
    alarms, found = 0, [0, 0]
    z = np.arange(30) % 2
    draws = np.array([rng.permutation(z) for _ in range(499)])
    for _ in range(300):
        y = rng.normal(size=(30, 5)) + 2 * rng.normal(size=(30, 1))

        def studentised(each: np.ndarray, y: np.ndarray = y) -> np.ndarray:
            means = [each @ y / 15, (1 - each) @ y / 15]
            squares = [each @ y**2 / 15 - means[0] ** 2, (1 - each) @ y**2 / 15 - means[1] ** 2]
            return np.abs(means[0] - means[1]) / np.sqrt((squares[0] + squares[1]) / 15)

        null = studentised(draws)
        observed = studentised(z[None])[0]
        alarms += min(westfall_young(observed, null)) <= 0.05
        shifted = studentised(z[None], y + 1.8 * z[:, None])[0]
        raw = ((null >= shifted).sum(axis=0) + 1) / 500
        found[0] += sum(p <= 0.05 for p in westfall_young(shifted, null))
        found[1] += sum(p <= 0.05 for p in adjust(raw.tolist(), "holm"))
    assert alarms / 300 < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
    assert found[0] > found[1]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"estimator": "poisson"}, "'poisson' cannot be drawn together with others"),
        (
            {"estimator": "two_by_two", "columns": {"period": "p", "first_treated": "f"}},
            "judged by different draws",
        ),
        ({"columns": {"cluster": None}}, "its columns are not those of 'H1'"),
        ({"columns": {"stratum": "s"}}, "use ancova, without covariates if there are none"),
        ({"columns": {"unit": None}}, "needs the column of the unit"),
    ],
)
def test_a_family_that_cannot_be_drawn_together_is_refused_before_any_number(
    second: dict[str, Any], words: str
) -> None:
    other = plans.estimate("difference_in_means", id="H2") | second
    plan = plans.plan(plans.estimate("difference_in_means"), other, multiplicity="westfall_young")
    with pytest.raises(BadPlan, match=words):
        parse(plan)
    parse({**plan, "estimates": [plan["estimates"][0], other | {"family": "two", "role": "harm"}]})


def test_too_few_clusters_say_why_there_is_no_adjusted_value() -> None:
    frame = vectors.clusters()
    few = frame[frame.cluster < 5]
    rows = run(family(columns={"unit": "unit", "arm": "arm"}), few).document()["estimates"]
    assert rows[0]["p_value_adjusted"] is not None
    plan = family()
    for one in plan["estimates"]:
        one["estimator"], one["covariance"] = "ancova", "HC2"
    rows = run(plan, few).document()["estimates"]
    assert rows[0]["status"] == "ok"
    assert rows[0]["p_value_adjusted"] is None
    assert "p_value_adjusted is null: 5 clusters are too few" in " ".join(rows[0]["warnings"])
