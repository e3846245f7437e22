"""Over many simulated panels: a band that covers all effects at once, drifts that are found, bias of two-way estimates.

Every seed is fixed. A bound is four Monte-Carlo standard errors around what is claimed, so that a sound estimator
passes for nearly every seed and an error in a standard error of a tenth fails.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.stats import callaway_santanna, pre_trends
from experiments.stats.bands import gaussian_critical_value
from experiments.stats.simulate import staggered_panel
from tests.unit.experiments.stats.panels import made

pytestmark = pytest.mark.slow

REPLICATES = 300


def within(share: float, claimed: float, count: int) -> bool:
    """Return whether a share is what was claimed, but for chance."""
    return abs(share - claimed) < 4 * math.sqrt(claimed * (1 - claimed) / count)


@pytest.fixture(scope="module")
def dynamic() -> dict[str, np.ndarray]:
    """Return estimate, error and simultaneous critical value of effects 0 to 3, over panels of 200 units."""
    estimates, errors, critical = [], [], []
    for seed in range(REPLICATES):
        frame = staggered_panel(200, 10, n_cohorts=3, never_share=0.4, effect=0.5, growth=0.1, seed=seed)
        outcome = frame["y"].to_numpy().reshape(200, 10)
        found = callaway_santanna(
            outcome,
            np.where(frame["first_treated"] == 0, np.inf, frame["first_treated"]).reshape(200, 10)[:, 0],
            np.arange(1.0, 11.0),
            aggregation="dynamic",
        )
        chosen = [found.keys.index(float(e)) for e in range(4)]
        covariance = found.covariance[np.ix_(chosen, chosen)]
        estimates.append(found.estimates[chosen])
        errors.append(np.sqrt(np.diag(covariance)))
        critical.append(
            gaussian_critical_value(covariance, alpha=0.05, seed=seed, estimate_id="H1", draws=999)
        )
    return {"estimate": np.array(estimates), "error": np.array(errors), "critical": np.array(critical)}


TRUE = 0.5 * (1 + 0.1 * np.arange(4))


def test_pointwise_intervals_cover_each_and_the_band_covers_all(dynamic: dict[str, np.ndarray]) -> None:
    distance = np.abs(dynamic["estimate"] - TRUE) / dynamic["error"]
    each, together = (distance < 1.96).mean(), (distance < 1.96).all(axis=1).mean()
    band = (distance < dynamic["critical"][:, None]).all(axis=1).mean()
    assert within(each, 0.95, REPLICATES)
    assert within(band, 0.95, REPLICATES)
    assert together < band - 0.02, "intervals one by one would have done"


def test_the_drift_that_pre_trends_say_they_would_find_is_found() -> None:
    rng = np.random.default_rng(5)
    covariance, drift = 0.04 * (0.6 * np.eye(4) + 0.4), np.array([-5.0, -4.0, -3.0, -2.0])
    root = np.linalg.cholesky(covariance)
    for power, name in ((0.5, "detectable_50"), (0.8, "detectable_80")):
        slope = getattr(pre_trends(np.zeros(4), covariance, drift), name)
        found = [
            pre_trends(slope * drift + root @ rng.normal(size=4), covariance, drift).p_value < 0.05
            for _ in range(600)
        ]
        assert within(float(np.mean(found)), power, 600)


def test_heterogeneous_effects_bias_two_way_and_not_callaway_santanna() -> None:
    """Why staggered roll-outs are not read from one two-way coefficient."""
    two_way, staggered = [], []
    for seed in range(60):
        frame = growing(seed)
        two_way.append(made(frame, "twfe", covariance="CR1")["estimate"])
        options: dict[str, Any] = {"control_group": "never_treated", "aggregation": "simple"}
        staggered.append(made(frame, "callaway_santanna", options=options)["estimate"] - truth(frame))
    assert abs(np.mean(staggered)) < 4 * np.std(staggered) / math.sqrt(60)
    assert np.mean(two_way) < 0.8 * np.mean([truth(growing(seed)) for seed in range(5)])


def growing(seed: int) -> pd.DataFrame:
    """Return a panel whose effects double within five periods, most units treated in the end."""
    frame = staggered_panel(120, 12, n_cohorts=3, never_share=0.1, effect=0.5, growth=0.5, seed=seed)
    return frame.rename(columns={"first_treated": "first"})


def truth(frame: pd.DataFrame) -> float:
    """Return the mean true effect over treated rows."""
    treated = frame[(frame["first"] > 0) & (frame["period"] >= frame["first"])]
    return float((0.5 * (1 + 0.5 * (treated["period"] - treated["first"]))).mean())
