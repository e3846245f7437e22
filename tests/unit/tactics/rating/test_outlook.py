"""One more trial: the arithmetic by hand, the same answer for the same question, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from tactics.rating import CURRENT, Label, RatedTrial
from tactics.rating.outlook import DRAWS, STUDY, Assumed, Outlook, expected, outlook, spread_of
from tactics.synthesis import NotEstimable
from tests.unit.tactics.rating.test_tactic import TODAY, rated, trial

USUAL = Assumed("log_rate_ratio", effect=-0.25, spread=0.3)


def run(*trials: RatedTrial, clusters: int = 160, assumed: Assumed = USUAL, **options: Any) -> Outlook:
    return outlook(trials, clusters=clusters, assumed=assumed, today=TODAY, **options)


def test_error_of_two_arms_by_hand() -> None:
    """A spread of 0.3 in 80 places an arm: 0.3 x sqrt(2 / 80)."""
    assert USUAL.std_error(160) == pytest.approx(0.3 * (2 / 80) ** 0.5)
    assert USUAL.std_error(5) == pytest.approx(0.3 * (1 / 2 + 1 / 3) ** 0.5)


def test_spread_is_read_back_from_the_trials_so_far() -> None:
    """The inverse of the error: a trial of 160 places with that variance had that spread."""
    variances = [(USUAL.std_error(160) ** 2, 160), (0.04, 100), (0.5, None)]
    assert spread_of(variances[:1]) == pytest.approx(0.3)
    assert spread_of(variances) == pytest.approx((0.3 + 1.0) / 2)
    with pytest.raises(NotEstimable, match="enter the spread"):
        spread_of([(0.5, None), (0.5, 0)])


def test_a_second_good_trial_elsewhere_would_make_it_effective() -> None:
    found = run(trial("a"))
    assert (found.now.label, found.result.label) == (Label.PROMISING, Label.EFFECTIVE)
    assert (found.now.strength, found.result.strength) == (3, 4)
    assert found.security == 4  # 2.8 x 0.0474 is a change of 12.4%
    assert found.result.k == 2
    assert found.chance(Label.EFFECTIVE) == 1
    assert found.moves == 1


def test_a_small_trial_is_too_weak_to_count() -> None:
    found = run(trial("a"), clusters=8)
    assert found.security is not None
    assert found.security < 2
    assert [one.trial.study for one in found.result.listed] == [STUDY]
    assert found.moves == 0


def test_the_first_trial_of_an_untested_tactic() -> None:
    found = run(clusters=320)
    assert (found.now.label, found.result.label) == (Label.UNTESTED, Label.PROMISING)


def test_chances_are_shares_of_equally_likely_results() -> None:
    found = run(trial("a"), assumed=replace(USUAL, effect=-0.1, uncertainty=0.02))
    assert sum(share for _, share in found.chances) == pytest.approx(1)
    assert all(share * DRAWS == pytest.approx(round(share * DRAWS)) for _, share in found.chances)
    assert found.moves == pytest.approx(1 - found.chance(Label.PROMISING))


def test_an_expected_harm_raises_the_hold() -> None:
    found = run(trial("a", -0.02, 0.04), assumed=replace(USUAL, effect=0.4))
    assert found.result.label == Label.HARMFUL
    assert found.chance(Label.HARMFUL) > 0.9


def test_more_uncertainty_spreads_the_labels_and_never_the_expected_one() -> None:
    sure, unsure = run(trial("a")), run(trial("a"), assumed=replace(USUAL, uncertainty=0.2))
    assert sure.result.label == unsure.result.label
    assert len(unsure.chances) > len(sure.chances)


def test_the_same_question_has_the_same_answer_whatever_the_order() -> None:
    several = (trial("a", -0.3), trial("b", -0.1, 0.08), trial("c", 0.05, 0.06))
    one, other = run(*several), run(*reversed(several))
    assert one.chances == other.chances
    assert one.result.as_json() == other.result.as_json()


def test_what_to_expect_comes_from_the_trials_so_far() -> None:
    now = rated(trial("a", -0.3), trial("b", -0.1, 0.08), trial("c", 0.05, 0.06))
    assert now.summary is not None
    effect, uncertainty = expected(now)
    assert effect == now.summary.estimate
    assert uncertainty == pytest.approx((now.summary.std_error or 0) ** 2 + (now.summary.tau2 or 0))
    assert expected(rated()) == (CURRENT.margin_benefit, 0.0)
    same = rated(*(trial(name, -0.3, metric="smd") for name in "abc"))
    with pytest.raises(NotEstimable, match="enter the benefit"):
        expected(same)
