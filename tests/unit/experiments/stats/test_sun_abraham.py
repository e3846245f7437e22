"""Sun and Abraham's event study: R's numbers, the regression that it is, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, row, terms

PANEL = vectors.panel()


def test_vector_a() -> None:
    """R fixest sunab, pyfixest and diff-diff."""
    found = made(PANEL, "sun_abraham")
    assert (found["estimate"], found["std_error"]) == pytest.approx((-0.1263333333, 0.2651956540), abs=6e-11)
    assert terms(found)["event_time=0"] == pytest.approx((-0.1300000000, 0.2530524158), abs=6e-11)
    assert terms(found)["event_time=2"] == pytest.approx((0.0241666667, 0.3880062548), abs=6e-11)
    assert terms(found)["event_time=-1"] == (0.0, None)


def by_regression(frame: pd.DataFrame, clusters: str = "unit") -> dict[int, tuple[float, float]]:
    """Return the means by event time from least squares on every dummy, clustered without a factor."""
    since = (frame["period"] - frame["first"]).where(frame["first"] > 0)
    cells = sorted({(g, int(e)) for g, e in zip(frame["first"], since, strict=True) if g > 0 and e != -1})
    design = pd.DataFrame(
        {f"{g}:{e}": ((frame["first"] == g) & (since == e)).astype(float) for g, e in cells}
    )
    design = pd.concat(
        [
            design,
            pd.get_dummies(frame["unit"], prefix="u", dtype=float),
            pd.get_dummies(frame["period"], prefix="t", drop_first=True, dtype=float),
        ],
        axis=1,
    )
    groups = {"groups": frame[clusters], "use_correction": False}
    fit = sm.OLS(frame["y"], design).fit(cov_type="cluster", cov_kwds=groups)
    sizes = frame.groupby("first")["unit"].nunique()
    found = {}
    for e in sorted({e for _, e in cells}):
        weights = np.zeros(design.shape[1])
        for place, (g, time) in enumerate(cells):
            weights[place] = sizes[g] if time == e else 0
        weights /= weights.sum()
        found[e] = float(weights @ fit.params), float(np.sqrt(weights @ fit.cov_params() @ weights))
    return found


@pytest.mark.parametrize("gap", [False, True], ids=["balanced", "with gaps"])
@pytest.mark.parametrize("cluster", ["unit", "cluster"])
def test_it_is_the_regression_on_every_cohort_and_event_time(gap: bool, cluster: str) -> None:
    frame = PANEL.drop(index=[5, 77, 130]).reset_index(drop=True) if gap else PANEL
    expected = by_regression(frame, cluster)
    columns = {} if cluster == "unit" else {"cluster": cluster}
    found = terms(made(frame, "sun_abraham", covariance="CR0", columns=columns))
    for e, values in expected.items():
        assert found[f"event_time={e}"] == pytest.approx(values, rel=1e-8)


def test_without_never_treated_the_last_cohort_stands_in() -> None:
    frame = PANEL[PANEL["first"] > 0]
    found = made(frame, "sun_abraham", covariance="CR0")
    earlier = frame[frame["period"] < 7].assign(first=lambda rows: rows["first"].replace(7, 0))
    expected = made(earlier, "sun_abraham", covariance="CR0")
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (expected["estimate"], expected["std_error"]), rel=1e-12
    )
    assert any("serves as a comparison only" in warning for warning in found["warnings"])


def test_its_effects_are_those_of_callaway_and_sant_anna_from_a_universal_base() -> None:
    options = {"control_group": "never_treated", "base_period": "universal", "aggregation": "dynamic"}
    other = terms(made(PANEL, "callaway_santanna", options=options))
    for name, (estimate, error) in terms(made(PANEL, "sun_abraham")).items():
        if error is not None:
            assert estimate == pytest.approx(other[name][0], rel=1e-10)


def test_weights_of_two_are_units_twice() -> None:
    frame = PANEL.assign(w=1.0 + (PANEL["unit"] < 8))
    twins = pd.concat([frame, frame[frame["unit"] < 8].assign(unit=lambda rows: rows["unit"] + 100)])
    weighted = made(frame, "sun_abraham", columns={"weight": "w"})
    assert weighted["estimate"] == pytest.approx(made(twins, "sun_abraham")["estimate"], rel=1e-10)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (PANEL[PANEL["first"] == 6], "nobody to compare with"),
        (PANEL[PANEL["first"] == 0], "no unit is treated"),
        (PANEL[PANEL["period"].isin([1, 2, 4, 6, 7, 8])], "not evenly spaced"),
        (PANEL.assign(y=1.0), "the outcome is the same in every row"),
    ],
    ids=["one date", "nobody treated", "periods with holes", "flat"],
)
def test_what_it_refuses(frame: pd.DataFrame, words: str) -> None:
    found = row(frame, "sun_abraham")
    assert found["status"] == "not_estimable"
    assert words in found["reason"]
    assert found["estimate"] is found["p_value"] is None
