"""Group–time effects from repeated cross-sections and from units with gaps: numbers that other programs share.

``tests/reference/rows_csdid.csv`` holds what csdid 0.4.3 makes of vector R with analytic errors. Cell by cell, others
make the same of it (within 2e-11, errors by row or unit): moderndid 0.2.0 all estimates but those of periods of
anticipation, and all errors but those of ``dr``; diff-diff 3.13.0, on unweighted cross-sections, all estimates, and
all errors but those of ``reg``. Where two disagree on an error, the derivative of the effect by the weight of each row
decides; it is tested last.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.stats.estimators.callaway_santanna import callaway_santanna
from experiments.stats.staggered.doubly_robust_rows import two_period_effect_of_rows
from tests.conftest import ROOT
from tests.reference import vectors
from tests.unit.experiments.stats import panels, rows

TABLE = pd.read_csv(ROOT / "tests/reference/rows_csdid.csv", keep_default_na=False)
CASES = ["sampling", "control_group", "estimation", "weighted", "clustered", "anticipation"]


def asked(case: tuple[Any, ...], aggregation: str) -> dict[str, Any]:
    """Return the changes to a plan that ask for one row of the table."""
    sampling, control_group, estimation, weighted, clustered, anticipation = case
    return {
        "columns": ({} if sampling == "unbalanced" else rows.NO_UNIT)
        | ({"weight": "w"} if weighted else {})
        | ({"cluster": "cluster"} if clustered else {}),
        "covariates": ["x"] if estimation else [],
        "options": {
            "control_group": control_group,
            "estimation": estimation or "dr",
            "anticipation": int(anticipation),
            "aggregation": aggregation,
            "unbalanced": "keep",
        },
    }


def test_the_vector_is_the_one_that_was_given_to_the_others() -> None:
    frame = vectors.rows()
    assert (len(frame), frame["unit"].nunique()) == (378, 60)
    assert frame["y"].sum() == pytest.approx(804.1533333333)


@pytest.mark.parametrize(
    ("case", "expected"),
    [pytest.param(case, part, id=" ".join(map(str, case))) for case, part in TABLE.groupby(CASES)],
)
def test_all_aggregations_are_those_of_csdid(case: tuple[Any, ...], expected: pd.DataFrame) -> None:
    frame = vectors.rows()
    for known in expected.itertuples():
        found = panels.made(frame, rows.CS, **asked(case, known.aggregation))
        numbers = (found["estimate"], found["std_error"])
        assert numbers == pytest.approx((known.estimate, known.std_error), abs=1e-11)


def test_the_counts_are_of_rows_or_of_units() -> None:
    frame = vectors.rows()
    crossed = rows.made(frame, columns={"cluster": "cluster"})
    assert [crossed[name] for name in ("n_obs", "n_units", "n_clusters", "n_treated")] == [378, 378, 12, 284]
    followed = panels.made(frame, rows.CS, options=rows.KEEP)
    assert [followed[name] for name in ("n_obs", "n_units", "n_clusters", "n_treated")] == [378, 60, 60, 45]


@pytest.mark.parametrize("aggregation", ["none", "dynamic", "group", "calendar"])
def test_the_rows_of_a_whole_panel_with_units_are_the_panel(aggregation: str) -> None:
    """Influence values summed within units undo that rows were not matched."""
    frame = vectors.panel()
    options = {"control_group": "not_yet_treated", "aggregation": aggregation}
    expected = callaway_santanna(
        frame["y"].to_numpy().reshape(24, 8),
        np.where(frame["first"] == 0, np.inf, frame["first"]).reshape(24, 8)[:, 0],
        np.arange(1.0, 9.0),
        **options,
    )
    found = rows.effects(frame, unit=frame["unit"].to_numpy(), **options)
    assert found.keys == expected.keys
    assert found.estimates == pytest.approx(expected.estimates, abs=1e-13)
    assert found.covariance == pytest.approx(expected.covariance, abs=1e-14)
    assert (found.overall, found.std_error) == pytest.approx((expected.overall, expected.std_error))


def test_rows_of_a_whole_panel_without_units_have_its_estimates_and_other_errors() -> None:
    frame = vectors.panel()
    panel, crossed = panels.made(frame, rows.CS), rows.made(frame)
    assert crossed["estimate"] == pytest.approx(panel["estimate"], rel=1e-12)
    assert crossed["std_error"] > 1.2 * panel["std_error"]


def test_units_that_are_seen_once_are_rows() -> None:
    frame = vectors.rows()
    once = frame.assign(unit=np.arange(len(frame)))
    for covariates in ([], ["x"]):
        followed = panels.made(once, rows.CS, options=rows.KEEP, covariates=covariates)
        crossed = rows.made(frame, covariates=covariates)
        for name in ("estimate", "std_error", "n_units"):
            assert followed[name] == pytest.approx(crossed[name], rel=1e-12)


def test_one_cell_by_hand() -> None:
    """Four means, and the sum of their squared errors."""
    frame = vectors.rows()
    means, errors = [], []
    for first, period in ((6, 6), (6, 5), (0, 6), (0, 5)):
        y = frame[(frame["first"] == first) & (frame["period"] == period)]["y"]
        means.append(y.mean())
        errors.append(y.var(ddof=0) / len(y))
    terms = panels.terms(rows.made(frame, options={"aggregation": "none"}))
    expected = means[0] - means[1] - means[2] + means[3]
    assert terms["g=6,t=6"] == pytest.approx((expected, np.sqrt(sum(errors))), rel=1e-12)


@pytest.mark.parametrize("estimation", ["reg", "ipw", "dr"])
def test_influence_values_are_the_derivative_by_the_weight_of_a_row(estimation: Any) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(160, 2))
    treated, post = x[:, 0] + rng.logistic(size=160) > 0.3, rng.random(160) < 0.45
    weight = rng.uniform(0.5, 2, 160)
    y = x @ [1, 2] + treated + post * (0.5 + 0.3 * x[:, 0]) + 0.7 * treated * post + rng.normal(size=160)
    design = np.column_stack([np.ones(160), x])

    def effect(weights: np.ndarray) -> float:
        return float(
            two_period_effect_of_rows(y, treated, post, design, weights, estimation=estimation).effect[0]
        )

    found = two_period_effect_of_rows(y, treated, post, design, weight, estimation=estimation)
    assert found.influence.mean() == pytest.approx(0, abs=1e-10)
    for i in range(0, 160, 5):
        step = np.where(np.arange(160) == i, 1e-4, 0.0)
        slope = (effect(weight * (1 + step)) - effect(weight * (1 - step))) / 2e-4
        assert found.influence[i, 0] == pytest.approx(160 * slope, abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("by_unit", [False, True])
@pytest.mark.parametrize("aggregation", ["simple", "dynamic", "group", "calendar"])
def test_errors_are_the_derivative_of_the_whole_by_the_weight_of_a_unit(
    aggregation: str, by_unit: bool
) -> None:
    """With estimated shares, weights and gaps: the sum of squares over units, or over rows."""
    frame = vectors.rows()
    ids = frame["unit"].to_numpy() if by_unit else np.arange(len(frame))
    weight = frame["w"].to_numpy()

    def overall(weights: np.ndarray) -> float:
        unit = ids if by_unit else None
        found = rows.effects(
            frame, unit=unit, weight=weights, aggregation=aggregation, control_group="not_yet_treated"
        )
        return found.overall

    total = 0.0
    for one in np.unique(ids):
        step = np.where(ids == one, 1e-4, 0.0)
        total += ((overall(weight * (1 + step)) - overall(weight * (1 - step))) / 2e-4) ** 2
    found = rows.effects(
        frame,
        unit=ids if by_unit else None,
        weight=weight,
        aggregation=aggregation,
        control_group="not_yet_treated",
    )
    assert found.std_error == pytest.approx(np.sqrt(total), rel=1e-7)
