"""Odds ratios from counts: the golden test's printed digits, statsmodels as the peer, invariance, refusals."""

from math import exp, log

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from tactics.synthesis import BadEffects, Counts, NotEstimable, log_odds_ratios, mantel_haenszel
from tests.unit.tactics.rating.seven_trials import COUNTS

SEVEN = [Counts(*row) for row in COUNTS.values()]


def peer(counts: list[Counts]) -> StratifiedTable:
    return StratifiedTable([np.array([one.cells[:2], one.cells[2:]], dtype=float) for one in counts])


def test_seven_trials_to_the_printed_digits() -> None:
    fit = mantel_haenszel(SEVEN)
    assert [round(exp(value), 4) for value in (fit.estimate, fit.conf_low, fit.conf_high)] == [
        1.6821, 1.1983, 2.3614,
    ]  # fmt: skip
    assert fit.q == pytest.approx(8.4780, abs=5e-5)
    assert sum(fit.weights) == pytest.approx(1)


def test_each_trial_has_the_printed_log_odds_ratio() -> None:
    yi, vi = log_odds_ratios(SEVEN)
    assert [round(y, 4) for y in yi] == [1.6963, 0.4140, 0.7381, 1.3218, 0.0834, 0.3896, 0.0526]
    assert [round(v**0.5, 4) for v in vi] == [0.6099, 0.4661, 0.4537, 0.6212, 0.4566, 0.4866, 0.3445]


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_statsmodels(seed: int) -> None:
    draw = np.random.default_rng(seed)
    counts = [
        Counts(int(draw.binomial(n, 0.2)), int(n), int(draw.binomial(m, 0.3)), int(m))
        for n, m in draw.integers(8, 60, size=(6, 2))
    ]
    fit, theirs = mantel_haenszel(counts), peer(counts)
    assert fit.estimate == pytest.approx(log(theirs.oddsratio_pooled), rel=1e-10)
    assert fit.std_error == pytest.approx(theirs.logodds_pooled_se, rel=1e-10)


def test_order_does_not_matter_and_swapping_the_arms_turns_the_sign() -> None:
    fit = mantel_haenszel(SEVEN)
    assert mantel_haenszel(SEVEN[::-1]).estimate == pytest.approx(fit.estimate, rel=1e-13)
    swapped = [Counts(one.control_events, one.control, one.treated_events, one.treated) for one in SEVEN]
    turned = mantel_haenszel(swapped)
    assert turned.estimate == pytest.approx(-fit.estimate, rel=1e-12)
    assert turned.std_error == pytest.approx(fit.std_error, rel=1e-12)


def test_a_study_without_events_has_no_say() -> None:
    with_silent = [*SEVEN, Counts(0, 50, 0, 40)]
    assert mantel_haenszel(with_silent).estimate == pytest.approx(mantel_haenszel(SEVEN).estimate)
    assert mantel_haenszel(with_silent).q is None


def test_interval_covers_a_common_odds_ratio() -> None:
    """Sparse tables, where each study alone says nothing: 95% of intervals hold the truth, within Monte Carlo error."""
    draw, truth, covered, rounds = np.random.default_rng(20261127), log(0.6), 0, 2000
    base = np.linspace(0.05, 0.3, 12)
    treated = base * exp(truth) / (1 - base + base * exp(truth))
    events = draw.binomial(40, np.stack([treated, base]), size=(rounds, 2, 12))
    for first, second in events:
        fit = mantel_haenszel([Counts(int(a), 40, int(c), 40) for a, c in zip(first, second, strict=True)])
        covered += fit.conf_low <= truth <= fit.conf_high
    assert covered / rounds == pytest.approx(0.95, abs=3 * (0.95 * 0.05 / rounds) ** 0.5)


def test_refusals_say_why() -> None:
    with pytest.raises(BadEffects, match="Study 2 has an empty cell"):
        log_odds_ratios([Counts(1, 5, 2, 5), Counts(0, 5, 2, 5)])
    with pytest.raises(NotEstimable, match="no event in any study"):
        mantel_haenszel([Counts(0, 5, 2, 5), Counts(0, 9, 1, 9)])
    with pytest.raises(NotEstimable, match="no studies"):
        mantel_haenszel([])
    for wrong in ((3, 2, 0, 1), (-1, 2, 0, 1), (0, 0, 0, 1)):
        with pytest.raises(BadEffects, match="Each arm needs"):
            Counts(*wrong)
