"""Triple difference: written-out contrasts, clusters, refusals."""

from typing import Any

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats as peers

from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, row

PANEL = vectors.panel()
BLOCK = PANEL[PANEL["first"].isin([0, 6])].assign(hit=lambda rows: (rows["unit"] // 4) % 2)
HIT = {"options": {"affected": "hit"}}


def changes(frame: pd.DataFrame) -> pd.DataFrame:
    after = frame["period"] >= 6
    change = frame[after].groupby("unit")["y"].mean() - frame[~after].groupby("unit")["y"].mean()
    known = frame.groupby("unit")[["hit", "first"]].first()
    return known.assign(change=change, z=(known["first"] > 0).astype(int))


def test_it_is_the_interaction_and_the_difference_of_two_differences() -> None:
    """statsmodels, HC2."""
    found = made(BLOCK, "triple_difference", **HIT)
    fit = smf.ols("change ~ z * hit", changes(BLOCK)).fit(cov_type="HC2", use_t=True)
    assert found["estimate"] == pytest.approx(fit.params["z:hit"], rel=1e-10)
    assert found["std_error"] == pytest.approx(fit.bse["z:hit"], rel=1e-10)
    assert found["p_value"] == pytest.approx(fit.pvalues["z:hit"], rel=1e-8)
    parts = [made(BLOCK[BLOCK["hit"] == side], "two_by_two")["estimate"] for side in (1, 0)]
    assert found["estimate"] == pytest.approx(parts[0] - parts[1], rel=1e-10)


def test_clusters_with_both_groups_are_compared_by_their_gaps() -> None:
    """scipy, Welch's test on one number for each cluster."""
    frame = PANEL[PANEL["first"].isin([0, 6])]
    twins = pd.concat(
        [frame.assign(hit=0, id=frame["unit"]), frame.assign(hit=1, id=frame["unit"] + 100, y=-frame["y"])]
    )
    found = made(twins, "triple_difference", columns={"unit": "id", "cluster": "unit"}, **HIT)
    table = changes(frame.assign(hit=1))
    peer = peers.ttest_ind(
        -2 * table["change"][table["z"] == 1], -2 * table["change"][table["z"] == 0], equal_var=False
    )
    assert found["p_value"] == pytest.approx(peer.pvalue, rel=1e-9)
    assert found["n_clusters"] == 12
    # Unaffected rows of a treated place may say that they were never treated: the place is what counts.
    bare = twins.assign(first=twins["first"].where(twins["hit"] == 1, 0))
    again = made(bare, "triple_difference", columns={"unit": "id", "cluster": "unit"}, **HIT)
    assert again["estimate"] == found["estimate"]


def test_clusters_with_one_group_each_use_cr2() -> None:
    found = made(BLOCK.assign(c=BLOCK["unit"]), "triple_difference", covariance="CR2", **HIT)
    plain = made(BLOCK, "triple_difference", **HIT)
    # CR2 of clusters of one row is HC2.
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (plain["estimate"], plain["std_error"]), rel=1e-10
    )


def test_order_scale_and_what_both_groups_share() -> None:
    one = made(BLOCK, "triple_difference", **HIT)
    moved = BLOCK.assign(y=4 - 2 * BLOCK["y"] + BLOCK["unit"] + BLOCK["treated"]).sample(
        frac=1, random_state=1
    )
    other = made(moved, "triple_difference", **HIT)
    assert other["estimate"] == pytest.approx(-2 * one["estimate"], rel=1e-9)
    assert other["std_error"] == pytest.approx(2 * one["std_error"], rel=1e-9)


@pytest.mark.parametrize(
    ("frame", "more", "words"),
    [
        (BLOCK, {"options": {}}, "needs 'options.affected'"),
        (PANEL.assign(hit=PANEL["unit"] % 2), HIT, "different dates"),
        (BLOCK.assign(hit=1), HIT, "no unaffected unit is in a treated place"),
        (BLOCK.assign(hit=BLOCK["period"] % 2), HIT, "same in all rows of a unit"),
        (BLOCK.query("unit != 0 or period < 6"), HIT, "only before or only after"),
        (BLOCK[BLOCK["first"] == 0], HIT, "no unit is treated"),
        (BLOCK.assign(y=1.0), HIT, "same in every row"),
    ],
)
def test_what_it_refuses(frame: pd.DataFrame, more: dict[str, Any], words: str) -> None:
    found = row(frame, "triple_difference", **more)
    assert found["status"] == "not_estimable"
    assert words in found["reason"], found["reason"]
