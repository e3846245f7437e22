"""Stepped wedge with random cluster effects: statsmodels, matrices written out, invariance, and what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import linalg

from experiments.stats import stepped_wedge_random
from experiments.stats.errors import BadPlan
from tests.unit.experiments.stats.test_stepped_wedge import made, row, wedge

RANDOM: dict[str, Any] = {"options": {"cluster_effects": "random"}}


def periods_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with something of its own in each period of a cluster."""
    own = np.sin(7.0 * pd.factorize(frame["cluster"])[0] + 3.0 * frame["month"] ** 2)
    return frame.assign(y=frame["y"] + own)


def terms(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {term["term"]: term for term in found["terms"]}


def peer(frame: pd.DataFrame, effects: str, *, by_period: bool = True) -> Any:
    model = sm.MixedLM.from_formula(
        f"y ~ {effects} + C(month)",
        groups="cluster",
        re_formula="1",
        vc_formula={"cell": "0 + C(month)"} if by_period else None,
        data=frame,
    )
    return model.fit(reml=True, method="lbfgs")


def test_the_numbers_of_statsmodels() -> None:
    frame = periods_apart(wedge(clusters=9))
    frame = frame.assign(on=(frame["month"] >= frame["start"]).astype(float))
    found, other = made(frame, **RANDOM), peer(frame, "on")
    assert found["estimate"] == pytest.approx(other.params["on"], rel=1e-4)
    variances = {name: term["estimate"] for name, term in terms(found).items() if name.startswith("variance")}
    peers = [float(other.cov_re.iloc[0, 0]), float(other.vcomp[0]), float(other.scale)]
    assert list(variances.values()) == pytest.approx(peers, rel=2e-3)
    assert found["icc"] == pytest.approx(1 - variances["variance_within"] / sum(variances.values()))
    times = {f"on{k}": (frame["month"] - frame["start"] == k).astype(float) for k in range(3)}
    dated = peer(frame.assign(**times), "on0 + on1 + on2")
    for k in range(3):
        assert terms(found)[f"event_time={k}"]["estimate"] == pytest.approx(dated.params[f"on{k}"], abs=1e-4)
    mean = dated.params[["on0", "on1", "on2"]].mean()
    assert terms(found)["event_time average"]["estimate"] == pytest.approx(mean, abs=1e-4)


def test_one_row_in_each_period_is_hussey_and_hughes_s_model() -> None:
    frame = wedge(clusters=9, rows=1)
    frame = frame.assign(on=(frame["month"] >= frame["start"]).astype(float))
    found, other = made(frame, **RANDOM), peer(frame, "on", by_period=False)
    assert found["estimate"] == pytest.approx(other.params["on"], rel=1e-4)
    variances = [term["estimate"] for name, term in terms(found).items() if name.startswith("variance")]
    assert variances == pytest.approx([float(other.cov_re.iloc[0, 0]), other.scale], rel=2e-3)


def test_a_transition_leaves_its_rows_out() -> None:
    frame = periods_apart(wedge(clusters=9, periods=5))
    left = frame[frame["month"] != frame["start"]]
    found = made(frame, options={"cluster_effects": "random", "transition": 1})
    other = peer(left.assign(on=(left["month"] >= left["start"]).astype(float)), "on")
    assert found["estimate"] == pytest.approx(other.params["on"], rel=1e-4)
    assert found["n_obs"] == len(left)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_error_is_kenward_and_roger_s_with_matrices_written_out(rows: int, spread: float) -> None:
    """n × n matrices, derivatives by finite differences: ``Φ − Σ W_ij ∂²Φ/∂σ_i∂σ_j``, W from ½ tr(PV_iPV_j)."""
    frame = wedge(clusters=8, rows=rows)
    if spread:
        frame = periods_apart(frame)
    codes, month = pd.factorize(frame["cluster"], sort=True)[0], frame["month"].to_numpy() - 1
    status = (frame["month"] >= frame["start"]).to_numpy(dtype=float)
    x = frame[["x"]].to_numpy()
    found = stepped_wedge_random(frame["y"].to_numpy(), status, codes, month, covariates=x)
    design = np.column_stack([np.ones(len(frame)), status, month[:, None] == np.arange(1, 4), x])
    same = (codes[:, None] == codes).astype(float)
    parts = [same, same * (month[:, None] == month), np.eye(len(frame))]
    values = [found.fit.between, found.fit.by_period, found.fit.within]
    if rows == 1:
        parts, values = [parts[0], parts[2]], [values[0], values[2]]
    at = np.array(values, dtype=float)

    def bread(point: np.ndarray) -> np.ndarray:
        whole = sum(value * part for value, part in zip(point, parts, strict=True))
        return linalg.inv(design.T @ linalg.solve(whole, design, assume_a="pos"))

    inverse = linalg.inv(sum(value * part for value, part in zip(at, parts, strict=True)))
    kept = inverse - inverse @ design @ bread(at) @ design.T @ inverse
    y = frame["y"].to_numpy()
    # At the top of the restricted likelihood, or on its edge at 0.
    for value, part in zip(at, parts, strict=True):
        slope = np.trace(kept @ part) - y @ kept @ part @ kept @ y
        assert slope > 0 if value == 0 else slope == pytest.approx(0, abs=1e-6 * np.trace(kept @ part))
    spreads = linalg.inv([[np.trace(kept @ one @ kept @ other) / 2 for other in parts] for one in parts])
    step = 1e-3 * np.diag(np.maximum(at, at[-1] / 5))
    size = range(len(at))
    adjusted = bread(at)
    for i in size:
        for j in size:
            corners = [(a, b, bread(at + a * step[i] + b * step[j])) for a in (-1, 1) for b in (-1, 1)]
            second = sum(a * b * one for a, b, one in corners) / (4 * step[i, i] * step[j, j])
            adjusted = adjusted - spreads[i, j] * second
    slopes = np.array([(bread(at + s) - bread(at - s))[1, 1] for s in step]) / (2 * np.diag(step))
    contrast = found.contrast
    assert found.fit.std_error(contrast) == pytest.approx(np.sqrt(adjusted[1, 1]), rel=1e-4)
    df = 2 * bread(at)[1, 1] ** 2 / (slopes @ spreads @ slopes)
    assert found.fit.df(contrast) == pytest.approx(df, rel=1e-4)


def test_order_names_shift_and_scale() -> None:
    frame = periods_apart(wedge(clusters=9))
    one = made(frame, **RANDOM)
    moved = frame.assign(y=4 - 2 * frame["y"] + 0.5 * frame["month"], cluster="Z" + frame["cluster"])
    other = made(moved.sample(frac=1, random_state=1), **RANDOM)
    assert other["estimate"] == pytest.approx(-2 * one["estimate"], rel=1e-7)
    assert other["std_error"] == pytest.approx(2 * one["std_error"], rel=1e-7)
    assert other["df"] == pytest.approx(one["df"], rel=1e-6)
    assert made(frame.iloc[::-1], **RANDOM) == one


def test_clusters_far_apart_are_as_good_as_fixed() -> None:
    frame = wedge(clusters=9, rows=1)
    apart = frame.assign(y=frame["y"] + 30 * pd.factorize(frame["cluster"])[0] ** 2)
    fixed = made(apart, covariance="CR2")
    assert made(apart, **RANDOM)["estimate"] == pytest.approx(fixed["estimate"], rel=1e-3)


def test_few_clusters_are_not_judged_by_draws_in_its_place() -> None:
    found = made(wedge(), **RANDOM)
    assert (found["covariance"], found["n_clusters"]) == ("classical", 6)
    assert any("the error leans on the model" in text for text in found["warnings"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({**RANDOM, "covariance": "CR2"}, "random 'cluster_effects' go with 'classical'"),
        ({"covariance": "classical"}, "'classical' goes with random 'cluster_effects'"),
    ],
)
def test_errors_that_do_not_belong_are_refused_with_the_plan(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        row(wedge(), **changes)


def test_what_it_refuses() -> None:
    frame, single = wedge(), wedge(rows=1)
    level = pd.Series(pd.factorize(frame["cluster"])[0], index=frame.index)
    cells = frame.groupby(["cluster", "month"])["y"].transform("mean")
    for changed, words in (
        (frame[frame["cluster"] < "C05"], "5 clusters are too few for a stepped wedge"),
        (
            single.assign(y=pd.factorize(single["cluster"])[0] ** 2.0),
            "nearly all variance is between clusters; use fixed",
        ),
        (frame.assign(y=frame["y"] + 1e5 * level**2), "nearly all variance is between clusters; use fixed"),
        (frame.assign(y=cells), "rows of a cluster are alike in each period"),
        (frame[frame["month"] >= frame["start"].max()], "all treated or all untreated"),
    ):
        assert words in row(changed, **RANDOM)["reason"]
    weighted = row(frame.assign(w=1.0), columns={"weight": "w"}, **RANDOM)
    assert "takes no weights here" in weighted["reason"]
