"""What must not change an answer from rows that are not followed does not; what must, does by the right amount."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import stats
from tests.reference import vectors
from tests.unit.experiments.stats import panels, rows

CASES: dict[str, dict[str, Any]] = {
    "means": {"options": {"aggregation": "dynamic"}},
    "clustered": {"options": {"aggregation": "dynamic"}, "columns": {"cluster": "cluster"}},
    "adjusted": {"options": {"aggregation": "group"}, "covariates": ["x"], "columns": {"weight": "w"}},
    "bootstrap": {"options": {"aggregation": "dynamic", "reps": 99}, "covariance": "multiplier_bootstrap"},
    "followed": {"options": {"aggregation": "calendar", **rows.KEEP}, "columns": {"unit": "unit"}},
    "followed, adjusted": {
        "options": {"aggregation": "none", "estimation": "ipw", **rows.KEEP},
        "covariates": ["x"],
        "columns": {"unit": "unit"},
    },
}


def changed(name: str) -> dict[str, Any]:
    return CASES[name] | {"columns": rows.NO_UNIT | CASES[name].get("columns", {})}


def document(frame: pd.DataFrame, name: str) -> bytes:
    """Return the bytes of the result, but for what was measured of the run itself."""
    checks = ("pre_trends", "placebo") if name == "means" else ("pre_trends",)
    found = stats.run(panels.plan(rows.CS, checks=checks, **changed(name)), frame).document()
    found["provenance"] |= {"started_at": "", "seconds": 0, "threads": 0}
    assert found["estimates"][0]["status"] == "ok", found["estimates"][0]["reason"]
    return json.dumps(found, sort_keys=True).encode()


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_rows_does_not_change_a_byte(name: str) -> None:
    frame = vectors.rows()
    first = document(frame, name)
    assert document(frame.sample(frac=1, random_state=1), name) == first


def test_the_order_of_rows_that_are_alike_but_for_one_column_does_not_change_a_byte() -> None:
    frame = vectors.rows().assign(y=lambda table: table["y"].round(0))
    first = document(frame, "adjusted")
    for seed in (2, 3):
        assert document(frame.sample(frac=1, random_state=seed), "adjusted") == first


@pytest.mark.parametrize("name", ["clustered", "followed", "followed, adjusted"])
def test_the_names_of_units_and_clusters_do_not_matter(name: str) -> None:
    frame = vectors.rows()
    renamed = frame.assign(
        unit=[f"beat {(7 * unit) % 60:02}" for unit in frame["unit"]],
        cluster=[f"force {(5 * cluster) % 12}" for cluster in frame["cluster"]],
    )
    one, other = (panels.made(each, rows.CS, **changed(name)) for each in (frame, renamed))
    for key in ("estimate", "std_error", "p_value"):
        assert other[key] == pytest.approx(one[key], rel=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_scale_and_shift_of_the_outcome(name: str) -> None:
    """A level, and one for each period, are common to all; a scale is the answer's own."""
    frame = vectors.rows()
    one = panels.made(frame, rows.CS, **changed(name))
    moved = frame.assign(y=10 * frame["y"] + 30_000 + 2 * frame["period"] ** 2)
    other = panels.made(moved, rows.CS, **changed(name))
    for key in ("estimate", "std_error"):
        assert other[key] == pytest.approx(10 * one[key], rel=1e-8)
    for term, (estimate, error) in panels.terms(one).items():
        assert panels.terms(other)[term] == pytest.approx((10 * estimate, 10 * error), rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("estimation", ["reg", "ipw", "dr"])
def test_a_weight_of_two_is_two_rows(covariates: tuple[str, ...], estimation: Any) -> None:
    frame = vectors.rows()
    weight = 1.0 + (frame["unit"] % 2)
    twice = pd.concat([frame, frame[frame["unit"] % 2 == 1]])
    for aggregation in ("group", "dynamic"):
        how: dict[str, Any] = {"covariates": covariates, "estimation": estimation, "aggregation": aggregation}
        weighted = rows.effects(frame, weight=weight.to_numpy(), **how)
        assert weighted.estimates == pytest.approx(rows.effects(twice, **how).estimates, rel=1e-9)
        assert weighted.overall == pytest.approx(rows.effects(twice, **how).overall, rel=1e-9)


def test_the_scale_of_weights_does_not_matter() -> None:
    frame = vectors.rows()
    one, other = (
        rows.effects(
            frame,
            unit=frame["unit"].to_numpy(),
            weight=scale * frame["w"].to_numpy(),
            covariates=("x",),
            aggregation="group",
        )
        for scale in (1.0, 1e6)
    )
    assert other.std_error == pytest.approx(one.std_error, rel=1e-10)


def test_every_row_twice_in_its_cluster_leaves_estimate_and_error() -> None:
    frame = vectors.rows()
    cluster = frame["cluster"].to_numpy()
    one = rows.effects(frame, cluster=cluster, covariates=("x",))
    other = rows.effects(pd.concat([frame, frame]), cluster=np.tile(cluster, 2), covariates=("x",))
    assert (other.overall, other.std_error) == pytest.approx((one.overall, one.std_error), rel=1e-10)


def test_the_errors_of_rows_in_clusters_of_their_own_are_those_without_clusters() -> None:
    """Two ways of adding up: by cohorts and periods, and by clusters."""
    frame = vectors.rows()
    how: dict[str, Any] = {"aggregation": "dynamic", "weight": frame["w"].to_numpy()}
    moments = rows.effects(frame, **how)
    sums = rows.effects(frame, keep_scores=True, **how)
    assert sums.scores is not None
    assert sums.scores.shape == (len(frame), len(sums.keys) + 1)
    assert moments.covariance == pytest.approx(sums.covariance, rel=1e-11, abs=1e-15)


def test_a_covariate_that_explains_nothing_at_all_leaves_the_means() -> None:
    """The same covariate in every group and period: adjusted and plain engines agree."""
    frame = pd.concat([vectors.rows().assign(x=value) for value in (-1.0, 1.0)])
    plain = rows.effects(frame, aggregation="dynamic")
    for estimation in ("reg", "ipw", "dr"):
        adjusted = rows.effects(frame, aggregation="dynamic", covariates=("x",), estimation=estimation)
        assert adjusted.estimates == pytest.approx(plain.estimates, abs=1e-11)
        assert adjusted.std_errors == pytest.approx(plain.std_errors, rel=1e-9)


def test_calendar_years_are_as_good_as_counted_periods() -> None:
    frame = vectors.rows()
    later = frame.assign(
        period=frame["period"] + 2010, first=frame["first"].where(frame["first"] == 0, frame["first"] + 2010)
    )
    one, other = rows.made(frame, covariates=["x"]), rows.made(later, covariates=["x"])
    assert other["estimate"] == pytest.approx(one["estimate"], rel=1e-10)
