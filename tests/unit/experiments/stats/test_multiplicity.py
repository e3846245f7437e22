"""Adjusted p values: the numbers of statsmodels and of a printed example, and the family that they are adjusted in."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from experiments.stats import run
from experiments.stats.multiplicity import adjust
from tests.reference import vectors
from tests.unit.experiments.stats import plans

P = [0.01, 0.04, 0.03, 0.005, 0.2, 0.03]
NAMES = {"bonferroni": "bonferroni", "holm": "holm", "hochberg": "simes-hochberg", "bh": "fdr_bh"}


@pytest.mark.parametrize("method", NAMES)
def test_numbers_of_statsmodels(method: str) -> None:
    assert adjust(P, method) == pytest.approx(multipletests(P, method=NAMES[method])[1], rel=1e-12)


def test_a_printed_example() -> None:
    """Benjamini and Hochberg (1995), table 1: the fifteen p values, four of which are found at 0.05."""
    printed = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    printed += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(p <= 0.05 for p in adjust(printed, "bh")) == 4
    assert sum(p <= 0.05 for p in adjust(printed, "bonferroni")) == 3


@pytest.mark.parametrize("method", [*NAMES, "none"])
def test_invariances(method: str) -> None:
    found = adjust(P, method)
    assert adjust(P[::-1], method) == pytest.approx(found[::-1])
    assert all(adjusted >= raw for adjusted, raw in zip(found, P, strict=True))
    assert max(found) <= 1
    assert adjust([0.03], method) == [0.03]
    assert adjust([], method) == []


def test_family_wise_error_is_kept_and_power_goes_up_from_bonferroni_to_hochberg() -> None:
    """A thousand families of five true nulls: at most 5 % with a false alarm, but for chance."""
    rng = np.random.default_rng(2)
    nulls = rng.uniform(size=(1_000, 5))
    alarms = {method: np.mean([min(adjust(row, method)) < 0.05 for row in nulls]) for method in NAMES}
    assert all(share < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 1_000) for share in alarms.values())
    real = nulls.copy()
    real[:, :3] = rng.uniform(0, 0.03, size=(1_000, 3))
    found = {m: np.mean([(np.array(adjust(row, m))[:3] < 0.05).mean() for row in real]) for m in NAMES}
    assert found["bonferroni"] < found["holm"] <= found["hochberg"] <= found["bh"]


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown multiplicity method 'sidak'"):
        adjust(P, "sidak")


def test_families_are_adjusted_apart_and_harms_not_at_all() -> None:
    estimates = [
        plans.estimate("difference_in_means", id=name, role=role, family=family, outcome=outcome)
        for name, role, family, outcome in (
            ("H1", "primary", "one", "y"),
            ("H2", "secondary", "one", "x"),
            ("H3", "secondary", "two", "count"),
            ("H4", "harm", "one", "exposure"),
        )
    ]
    rows = run(plans.plan(*estimates, multiplicity="holm"), vectors.clusters()).document()["estimates"]
    raw = {row["id"]: row["p_value"] for row in rows}
    adjusted = {row["id"]: row["p_value_adjusted"] for row in rows}
    assert [adjusted["H1"], adjusted["H2"]] == pytest.approx(adjust([raw["H1"], raw["H2"]], "holm"))
    assert adjusted["H3"] == raw["H3"]
    assert adjusted["H4"] is None
