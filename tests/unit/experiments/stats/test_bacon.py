"""The decomposition of a two-way coefficient: known values, the identity that it is, invariances and refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import stats
from experiments.stats import bacon
from experiments.stats.errors import NotEstimable
from tests.reference import vectors
from tests.unit.experiments.stats.panels import made, plan

PERIODS = np.arange(1.0, 9.0)


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    first = frame.groupby("unit")["first"].first().to_numpy(dtype=float)
    return frame["y"].to_numpy().reshape(len(first), -1), np.where(first == 0, np.inf, first)


def by_kind(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return weight and mean estimate by type."""
    found, sums = bacon(*arrays(frame), PERIODS), {}
    for part, estimate in zip(found.parts, found.estimates, strict=True):
        weight, total = sums.get(part.kind, (0.0, 0.0))
        sums[part.kind] = (weight + part.weight, total + part.weight * estimate)
    return {kind: (weight, total / weight) for kind, (weight, total) in sums.items()}


def test_vector_a() -> None:
    """R bacondecomp and diff-diff."""
    expected = {
        "treated_v_never": (0.5526315789, 0.3190476190),
        "earlier_v_later": (0.2631578947, 0.2201666667),
        "later_v_earlier": (0.1842105263, 0.3959523809),
    }
    found = by_kind(vectors.panel())
    assert found.keys() == expected.keys()
    for kind, values in expected.items():
        assert found[kind] == pytest.approx(values, abs=6e-11)


@given(
    st.lists(st.sampled_from([np.inf, 2.0, 3.0, 5.0, 8.0]), min_size=4, max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_the_parts_add_up_to_the_two_way_coefficient(first: list[float], seed: int) -> None:
    dates = np.array([np.inf, 4.0, *first])
    outcome = np.random.default_rng(seed).normal(size=(len(dates), 8))
    found = bacon(outcome, dates, PERIODS)
    status = (dates[:, None] <= PERIODS).astype(float)
    apart = status - status.mean(axis=1, keepdims=True) - status.mean(axis=0) + status.mean()
    assert sum(part.weight for part in found.parts) == pytest.approx(1, abs=1e-12)
    assert found.estimate == pytest.approx((apart * outcome).sum() / (apart**2).sum(), rel=1e-9, abs=1e-12)


def test_invariances() -> None:
    outcome, first = arrays(vectors.panel())
    found, order = bacon(outcome, first, PERIODS), np.random.default_rng(1).permutation(24)
    moved = 3 * outcome[order] + np.arange(24)[:, None] + PERIODS**2
    other = bacon(moved, first[order], PERIODS)
    assert other.estimates == pytest.approx(3 * found.estimates, rel=1e-9)
    assert [part.weight for part in other.parts] == pytest.approx(
        [part.weight for part in found.parts], rel=1e-12
    )


@pytest.mark.slow
def test_growing_effects_pull_the_forbidden_comparisons_down() -> None:
    """Effects of t − g: a later adopter looks worse beside an earlier one whose effect still grows."""
    rng, estimates = np.random.default_rng(4), []
    first = np.repeat([np.inf, 3.0, 6.0], 20)
    effect = np.where(
        first[:, None] <= PERIODS, PERIODS - np.where(np.isfinite(first), first, 0)[:, None] + 1, 0.0
    )
    for _ in range(200):
        found = bacon(effect + rng.normal(size=effect.shape), first, PERIODS)
        kinds = [part.kind for part in found.parts]
        estimates.append(
            [found.estimates[kinds.index(kind)] for kind in ("earlier_v_later", "later_v_earlier")]
        )
    earlier, later = np.array(estimates).T
    # By hand: the mean of 1 to 3 over periods 3 to 5; and that of 1 to 3 less the growth of 3 that the others have.
    for values, truth in ((earlier, 2.0), (later, -1.0)):
        assert abs(values.mean() - truth) < 4 * values.std(ddof=1) / np.sqrt(200)


def test_the_check_says_on_whom_the_estimate_rests() -> None:
    frame = vectors.panel()
    document = stats.run(plan("twfe", covariance="CR1", checks=("bacon",)), frame).document()
    found = document["checks"]["bacon"]
    assert found["verdict"] == "red"
    assert found["statistic"] == pytest.approx(0.1842105263, abs=6e-11)
    assert "18 % of the weight compares later with earlier adopters" in found["explanation"]
    weighted = sum(row["weight"] * row["estimate"] for row in found["rows"])
    assert weighted == pytest.approx(made(frame, "twfe", covariance="CR1")["estimate"], rel=1e-10)
    assert {row["control"] for row in found["rows"]} == {"never", "4", "6", "7"}


@pytest.mark.parametrize(
    ("frame", "changes", "words"),
    [
        (vectors.panel().drop(index=5), {}, "a panel without gaps"),
        (
            vectors.panel().assign(c=lambda rows: rows["x"] * rows["period"]),
            {"covariates": ["c"]},
            "without weights",
        ),
        (vectors.panel().assign(w=1.0), {"columns": {"weight": "w"}}, "without weights"),
    ],
)
def test_what_cannot_be_taken_apart_says_why(frame: pd.DataFrame, changes: dict, words: str) -> None:  # type: ignore[type-arg]
    document = stats.run(plan("twfe", covariance="CR1", checks=("bacon",), **changes), frame).document()
    assert document["checks"]["bacon"]["verdict"] == "not_estimable"
    assert words in document["checks"]["bacon"]["explanation"]


def test_nobody_treated_is_refused() -> None:
    with pytest.raises(NotEstimable, match="no comparison to take apart"):
        bacon(np.ones((4, 8)), np.full(4, np.inf), PERIODS)
