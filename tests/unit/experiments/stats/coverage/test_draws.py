"""Size and coverage of what is judged by draws, placebos or joint tests.

A test of size 5 % may reject 3.5 to 6.5 % of true hypotheses. Each replicate costs hundreds of draws, so some have
fewer replicates; their bounds are then four Monte-Carlo standard errors.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from experiments.stats import event_study, pre_trends, resampling, synthetic_control, synthetic_did
from experiments.stats.regression.randomisation import randomisation_test
from experiments.stats.regression.two_way_draws import permute_paths, two_way_moments
from experiments.stats.regression.wild import dense_moments, wild_cluster_bootstrap
from experiments.stats.results import Resampled
from tests.unit.experiments.stats.coverage.measure import (
    COUNT,
    Found,
    Measured,
    autoregressive,
    chances,
    keeps_its_size,
    long_codes,
    measured,
    normals,
    only_p,
    sound,
)

pytestmark = pytest.mark.slow

DRAWS = 199
EXACT_DRAWS = (
    59  # a test that is exact has its level with any draws of which (draws + 1) times the level is whole
)
FEWER = 1_000  # replicates of what costs hundreds of draws each


@pytest.fixture(autouse=True)
def no_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "invert", only_p)


def p_values(test: Callable[[int], Resampled]) -> np.ndarray:
    found = [test(r).p_value for r in range(FEWER)]
    assert None not in found
    return np.array(found, dtype=float)


@cache
def forces(n_treated: int) -> tuple[np.ndarray, np.ndarray]:
    """Return changes of 43 forces of unequal spread (R, 43), and which were treated at random."""
    y = normals("forces", FEWER, 43) * np.exp(0.5 * normals("force spread", FEWER, 43))
    order = np.argsort(np.argsort(chances("force order", FEWER, 43), axis=1), axis=1)
    return y, (order < n_treated).astype(float)


@cache
def redrawn(n_treated: int) -> np.ndarray:
    y, z = forces(n_treated)
    return p_values(lambda r: randomisation_test(y[r], z[r], draws=DRAWS, seed=r).resampled)


def test_randomisation_keeps_its_size() -> None:
    keeps_its_size(redrawn(5))


def test_one_treated_force_is_rejected_as_often_as_its_ranks_allow() -> None:
    """Of 43 ranks two are at most 5 %."""
    true = 2 / 43
    assert abs(float(np.mean(redrawn(1) <= 0.05)) - true) < 4 * math.sqrt(true * (1 - true) / FEWER)


@cache
def wild(n_treated: int) -> np.ndarray:
    y, z = forces(n_treated)
    groups = np.arange(43)

    def test(r: int) -> Resampled:
        moments = dense_moments(z[r][:, None], y[r], groups)
        return wild_cluster_bootstrap(moments, 1, reps=DRAWS, seed=r).resampled

    return p_values(test)


def test_the_wild_bootstrap_keeps_its_size() -> None:
    keeps_its_size(wild(10))


@cache
def two_way_panels() -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes (R, 18, 5), and treatment from the third or fourth period, or never, dealt out at random."""
    outcome = autoregressive(normals("two way", FEWER, 18, 5))
    first = np.array([2, 3, 9])[np.argsort(chances("two way order", FEWER, 18), axis=1) % 3]
    return outcome, (np.arange(5) >= first[:, :, None]).astype(float)


@cache
def wild_two_way() -> np.ndarray:
    outcome, status = two_way_panels()
    unit, period = long_codes(18, 5)

    def test(r: int) -> Resampled:
        columns = status[r].reshape(-1, 1)
        moments = two_way_moments(outcome[r].ravel(), columns, unit=unit, period=period, cluster=unit)
        return wild_cluster_bootstrap(moments, 0, reps=DRAWS, seed=r).resampled

    return p_values(test)


def test_the_wild_bootstrap_of_a_two_way_model_keeps_its_size() -> None:
    keeps_its_size(wild_two_way())


@cache
def dealt_out() -> np.ndarray:
    outcome, status = two_way_panels()

    def p_value(r: int) -> float:
        found = permute_paths(
            outcome[r], status[r], np.arange(18), draws=EXACT_DRAWS, alpha=0.05, seed=r, estimate_id="H1"
        )
        return found.p_at(0.0)

    return np.array([p_value(r) for r in range(FEWER)])


def test_starting_dates_dealt_out_anew_keep_their_size() -> None:
    keeps_its_size(dealt_out())


@cache
def leads() -> np.ndarray:
    """Return p values of three leads of an event study of 40 units, by Hotelling."""
    first, periods = np.where(np.arange(40) % 2 == 0, 4.0, np.inf), np.arange(6.0)
    outcome = autoregressive(normals("leads", COUNT, 40, 6))
    unit, period = long_codes(40, 6)

    def p_value(r: int) -> float:
        study = event_study(outcome[r].ravel(), unit, period, first, periods, covariance="CR1")
        early = study.event_times < 0
        values, covariance = study.estimates[early], study.covariance[np.ix_(early, early)]
        return pre_trends(values, covariance, study.event_times[early] + 1, n_clusters=40).p_value

    return np.array([p_value(r) for r in range(COUNT)])


def test_pre_trends_of_an_event_study_keep_their_size() -> None:
    keeps_its_size(leads())


def test_pre_trends_of_normal_leads_keep_their_size() -> None:
    root = np.tril(normals("root", 3, 3)) + 2 * np.eye(3)
    values = normals("normal leads", COUNT, 3) @ root.T
    drift = np.array([-4.0, -3.0, -2.0])
    keeps_its_size(np.array([pre_trends(v, root @ root.T, drift).p_value for v in values]))


@cache
def placebo_ranks(count: int = 300) -> np.ndarray:
    """Return p values of a synthetic control among 19 others of the same kind, in a model with two factors."""
    period = np.arange(12)
    loadings = 1 + 0.5 * normals("loadings", count, 20, 2)
    y = loadings @ np.stack([np.sin(period / 2), period / 6]) + 0.5 * normals("ranks", count, 20, 12)
    found = [synthetic_control(one, np.arange(20) == 0, period >= 8).p_value for one in y]
    return np.array(found, dtype=float)


def test_the_placebo_rank_of_a_synthetic_control_keeps_its_size() -> None:
    """Every one of 20 ranks is as likely, so a level of 5 % can be kept exactly."""
    found = placebo_ranks()
    for level in (0.05, 0.10):
        room = 4 * math.sqrt(level * (1 - level) / len(found))
        assert abs(float(np.mean(found <= level + 1e-9)) - level) < room


SYNTHETIC_COUNT = 200  # a replicate costs up to 49 pairs of quadratic programmes


@cache
def synthetic(inference: str, n_treated: int, n_controls: int, count: int = SYNTHETIC_COUNT) -> Measured:
    """No factors, 6 periods before and 3 after."""
    treated, post = np.arange(n_treated + n_controls) < n_treated, np.arange(9) >= 6
    y = normals(f"synthetic {inference}", count, len(treated), 9) + 0.5 * np.outer(treated, post)

    def fit(r: int) -> dict[str, Found]:
        found = synthetic_did(y[r], treated, post, inference=inference, reps=49, seed=r)  # type: ignore[arg-type]
        return {"effect": (found.estimate, found.std_error, None)}

    return measured(fit, {"effect": 0.5}, count)["effect"]


@pytest.mark.parametrize(
    ("inference", "n_treated", "n_controls"),
    [("jackknife", 20, 80), ("placebo", 6, 24), ("bootstrap", 15, 30)],
)
def test_synthetic_did(inference: str, n_treated: int, n_controls: int) -> None:
    """The jackknife keeps the weights, so it needs more controls than periods: 92 % with 40 controls and 12 periods."""
    room = 4 * math.sqrt(0.95 * 0.05 / SYNTHETIC_COUNT)
    sound(synthetic(inference, n_treated, n_controls), 0.95 - room, 0.95 + room)
