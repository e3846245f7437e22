"""Invariants that need no oracle."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactics.synthesis import METHODS, Effect, NotEstimable, Options, Pooled, pool, summarise

effects = st.lists(
    st.tuples(st.floats(-2, 2).map(lambda x: round(x, 4)), st.floats(0.001, 0.5).map(lambda x: round(x, 4))),
    min_size=3,
    max_size=12,
)
methods = st.sampled_from(METHODS)


def fitted(pairs: list[tuple[float, float]], method: str) -> Pooled | None:
    try:
        return pool([y for y, _ in pairs], [v for _, v in pairs], options=Options(method=method))  # type: ignore[arg-type]
    except NotEstimable:
        return None


@settings(deadline=None, max_examples=60)
@given(effects, methods, st.randoms(use_true_random=False))
def test_order_of_studies_does_not_matter(
    pairs: list[tuple[float, float]], method: str, shuffle: object
) -> None:
    other = list(pairs)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    first, second = fitted(pairs, method), fitted(other, method)
    if first is None or second is None:
        return
    assert first.pooled.estimate == pytest.approx(second.pooled.estimate, abs=1e-7)
    assert first.tau2 == pytest.approx(second.tau2, abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(effects, methods, st.sampled_from([0.01, 3.0, 1000.0]))
def test_unit_of_measurement_scales_everything(
    pairs: list[tuple[float, float]], method: str, b: float
) -> None:
    first, second = fitted(pairs, method), fitted([(y * b, v * b * b) for y, v in pairs], method)
    if first is None or second is None:
        return
    assert second.pooled.estimate == pytest.approx(first.pooled.estimate * b, rel=1e-6, abs=1e-9 * b)
    assert second.pooled.std_error == pytest.approx(first.pooled.std_error * b, rel=1e-6)
    assert second.tau2 == pytest.approx(first.tau2 * b * b, rel=1e-6, abs=1e-9 * b * b)


@settings(deadline=None, max_examples=60)
@given(effects, methods)
def test_turning_the_sign_turns_the_interval(pairs: list[tuple[float, float]], method: str) -> None:
    first, second = fitted(pairs, method), fitted([(-y, v) for y, v in pairs], method)
    if first is None or second is None:
        return
    assert second.pooled.conf_low == pytest.approx(-first.pooled.conf_high, abs=1e-9)
    assert second.tau2 == pytest.approx(first.tau2, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(effects)
def test_estimate_lies_between_the_studies(pairs: list[tuple[float, float]]) -> None:
    fit = fitted(pairs, "REML")
    if fit is not None:
        ys = [y for y, _ in pairs]
        assert min(ys) - 1e-9 <= fit.pooled.estimate <= max(ys) + 1e-9
        assert fit.tau2_conf_low <= fit.tau2_conf_high
        assert 0 <= fit.i2 <= 100
        assert sum(fit.weights) == pytest.approx(1)


def test_summary_follows_the_number_of_trials() -> None:
    trials = [
        Effect(str(i), y, v, y - 1, y + 1)
        for i, (y, v) in enumerate([(-0.3, 0.02), (0.05, 0.03), (-0.1, 0.01)])
    ]
    one, two, three = (summarise(trials[:n]) for n in (1, 2, 3))
    assert (one.estimate, one.conf_low, one.conf_high) == (-0.3, -1.3, 0.7)
    assert two.i2 is None
    assert "two trials" in two.method
    assert three.i2 is not None
    assert three.prediction_df == 1
    assert one.reasons["prediction"] == "needs 3 or more trials; there is 1"


def test_summary_without_spread_says_why_nothing_is_pooled() -> None:
    same = [Effect(str(i), -0.1, 0.02, -0.3, 0.1) for i in range(3)]
    summary = summarise(same)
    assert summary.estimate is None
    assert "all effects are equal" in summary.reasons["estimate"]
