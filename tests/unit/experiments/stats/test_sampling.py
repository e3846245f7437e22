"""From the data to the sample: what is read, what is dropped and counted, what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from experiments.stats import plan
from experiments.stats.errors import BadData, NotEstimable
from experiments.stats.frame import Frame
from experiments.stats.sample import Sample
from experiments.stats.sampling import build
from tests.reference import vectors
from tests.unit.experiments.stats import plans

PANEL_COLUMNS = {"unit": "unit", "period": "period", "first_treated": "first"}


def sample(data: pd.DataFrame | pa.Table, *, whole: dict[str, Any] | None = None, **changes: Any) -> Sample:
    parsed = plan.parse(plans.plan(plans.estimate(**({"estimator": "ancova"} | changes)), **(whole or {})))
    return build(Frame(data, first_line=2), parsed.estimates[0], parsed)


def panel(data: pd.DataFrame | pa.Table) -> Sample:
    return sample(data, estimator="callaway_santanna", whole={"columns": PANEL_COLUMNS, "arms": None})


def same(one: Sample, other: Sample) -> bool:
    names = [name for name in Sample.__dataclass_fields__ if name not in ("dropped", "n_rows")]
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_the_order_of_rows_cannot_matter() -> None:
    data = vectors.clusters()
    assert same(sample(data, covariates=["x"]), sample(data.sample(frac=1, random_state=1), covariates=["x"]))


def test_the_order_of_rows_cannot_matter_when_rows_tie_or_have_no_unit() -> None:
    data = vectors.clusters()
    shuffled = data.sample(frac=1, random_state=2)
    for columns in ({"unit": "cluster", "arm": "arm"}, {"arm": "arm", "cluster": "cluster"}):
        whole = {"columns": columns}
        assert same(
            sample(data, whole=whole, covariates=["x"]), sample(shuffled, whole=whole, covariates=["x"])
        )


def test_text_numbers_and_arrow_give_the_same_sample() -> None:
    data = vectors.clusters()
    typed = sample(data, covariates=["x"])
    as_text = data.astype({"x": str, "y": str, "cluster": str})
    assert same(typed, sample(as_text, covariates=["x"]))
    assert same(typed, sample(pa.Table.from_pandas(as_text), covariates=["x"]))


def test_columns_the_plan_does_not_use_are_not_read() -> None:
    data = vectors.clusters().assign(junk=[object() for _ in range(43)])
    assert sample(data).n_obs == 43


def test_missing_outcomes_and_covariates_are_dropped_and_counted() -> None:
    data = vectors.clusters()
    data.loc[[0, 1], "y"] = np.nan
    data.loc[[1, 2], "x"] = np.nan
    data.loc[3, "arm"] = None
    found = sample(data, covariates=["x"])
    assert [(row.reason, row.count) for row in found.dropped] == [
        ("missing outcome", 2),
        ("missing arm", 1),
        ("missing covariate 'x'", 1),
    ]
    assert (found.n_obs, found.n_rows) == (39, 43)


def test_text_covariates_become_one_column_for_each_level_but_the_first() -> None:
    data = vectors.clusters().assign(region=["north", "east", "south"] * 14 + ["east"])
    found = sample(data, covariates=["region", "x"])
    assert found.covariate_names == ("region=north", "region=south", "x")
    assert set(np.unique(found.covariates[:, 0])) == {0.0, 1.0}


@pytest.mark.parametrize("never", [None, "never", "inf", "Inf", 0, 9, 99, ""])
def test_never_treated_is_one_state_however_it_is_coded(never: object) -> None:
    data = vectors.panel()
    coded = data.assign(first=[never if value == 0 else value for value in data["first"]])
    found = panel(coded)
    assert same(found, panel(data))
    assert np.isinf(found.unit_first_treated).sum() == 6


def test_zero_is_a_period_where_the_data_have_it() -> None:
    data = vectors.panel()
    moved = data.assign(period=data.period - 4, first=np.where(data["first"] == 0, 99, data["first"] - 4))
    assert sorted(set(panel(moved).unit_first_treated)) == [0.0, 2.0, 3.0, np.inf]


def test_dates_are_a_time_line_that_counts_periods() -> None:
    data = vectors.panel()
    months = [f"2025-{number:02d}" for number in range(1, 13)]
    dated = data.assign(
        period=[months[period - 1] for period in data.period],
        first=[months[first - 1] if first else "never" for first in data["first"]],
    )
    found = panel(dated)
    assert found.period_names == tuple(months[:8])
    assert sorted(set(found.unit_first_treated)) == [3.0, 5.0, 6.0, np.inf]
    assert found.status.sum() == 60


def test_units_are_in_code_point_order_and_periods_in_natural_order() -> None:
    found = panel(vectors.panel())
    assert found.unit_names[:3] == ("0", "1", "10")
    assert list(found.period_values) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.drop(columns="y"), "Column 'y' is missing; found unit, cluster, arm"),
        (
            lambda data: data.assign(y=data.y.astype(str).mask(data.index == 3, "NA")),
            "line 5, column 'y': Not a",
        ),
        (lambda data: data.assign(y=data.y.astype(str).mask(data.index == 3, "1,5")), "Not a number"),
        (
            lambda data: data.assign(y=data.y.mask(data.index == 4, np.inf)),
            "line 6, column 'y': Not a finite",
        ),
        (lambda data: data.assign(unit=data.unit.mask(data.index == 2, None)), "line 4, column 'unit'"),
        (lambda data: data.assign(arm="control"), "No row has the arm 'treatment'; arms found: control"),
        (lambda data: data.iloc[:0], "No data rows"),
    ],
)
def test_data_that_cannot_be_meant_are_refused_at_their_place(change: Any, words: str) -> None:
    with pytest.raises(BadData, match=words):
        sample(change(vectors.clusters()))


def test_weights_are_above_zero_and_the_line_is_named() -> None:
    data = vectors.clusters().assign(w=[1.0] * 7 + [0.0] + [1.0] * 35)
    with pytest.raises(BadData, match="line 9, column 'w': The weight must be above 0"):
        sample(data, columns={"weight": "w"})


def test_a_panel_has_one_row_for_each_unit_and_period() -> None:
    data = vectors.panel()
    with pytest.raises(BadData, match="Unit '0' appears twice in period '1'"):
        panel(pd.concat([data, data.iloc[:1]]))


def test_rows_without_a_unit_are_units_of_their_own_in_the_order_of_periods() -> None:
    data = vectors.panel()
    whole = {"columns": PANEL_COLUMNS | {"unit": None}, "arms": None}
    doubled = pd.concat([data, data.iloc[:1]])
    found = sample(doubled, estimator="callaway_santanna", whole=whole)
    assert found.n_units == found.n_obs == len(data) + 1
    assert (np.diff(found.period) >= 0).all()
    assert same(
        found, sample(doubled.sample(frac=1, random_state=4), estimator="callaway_santanna", whole=whole)
    )


def test_the_period_of_first_treatment_is_fixed_within_a_unit() -> None:
    data = vectors.panel()
    data.loc[0, "first"] = 5
    with pytest.raises(BadData, match="changes within the unit '0'"):
        panel(data)


def test_no_row_left_is_not_estimable() -> None:
    with pytest.raises(NotEstimable, match=r"no row is left .43 rows: missing outcome"):
        sample(vectors.clusters().assign(y=np.nan))


def test_an_arm_is_found_however_its_number_is_written() -> None:
    data = vectors.clusters()
    whole = {"arms": {"control": 0, "treatments": [1]}}
    columns = {"arm": "z"}
    typed = sample(data, whole=whole, columns=columns)
    assert same(typed, sample(data.assign(z=data.z.astype(str)), whole=whole, columns=columns))
    assert same(typed, sample(data.assign(z=data.z > 0), whole=whole, columns=columns))


@pytest.mark.parametrize(
    "numbers",
    [
        [9, 10, 11] * 4,
        [9, 10, 11] * 3 + [9, 11, 10],
        [9, 10, 11] * 3 + [9],
        [7] * 5,
        [7, 7, 8, 8, 8, 10, 10, 10, 10],
        [10, 9, 11],
    ],
    ids=["rounds", "rounds but the last", "cut rounds", "one value", "runs", "once"],
)
def test_whole_numbers_are_coded_as_their_texts_are_however_they_lie(numbers: list[int]) -> None:
    typed = Frame(pd.DataFrame({"a": numbers})).coded("a")
    texts = Frame(pd.DataFrame({"a": [str(number) for number in numbers]})).coded("a")
    assert typed.names == texts.names
    assert typed.codes.tolist() == texts.codes.tolist()
