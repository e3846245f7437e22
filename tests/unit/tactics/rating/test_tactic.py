"""Tactic ratings: the golden tests of the rules, each label, each strength rule."""

from dataclasses import replace
from datetime import date
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactics.rating import Label, Override, RatedTrial, RatingResult, RegistryCounts, rate
from tests.unit.tactics.rating.seven_trials import scared_straight

TODAY = date(2026, 11, 1)


def trial(study: str = "a", yi: float = -0.3, se: float = 0.05, **facts: object) -> RatedTrial:
    given = {
        "study": study, "metric": "log_rate_ratio", "yi": yi, "vi": se**2, "conf_low": yi - 1.96 * se,
        "conf_high": yi + 1.96 * se, "security": 4, "is_randomised": True, "forces": frozenset({study}),
        "evaluator": study, "completed_on": date(2026, 1, 1), "country": "England", "n_events": 1000, **facts,
    }  # fmt: skip
    return RatedTrial(**given)  # type: ignore[arg-type]


def rated(*trials: RatedTrial, **options: object) -> RatingResult:
    return rate(trials, today=TODAY, **options)  # type: ignore[arg-type]


def rules(result: RatingResult) -> list[str]:
    return [step.rule for step in result.trace]


def test_golden_v_seven_trials_are_potentially_harmful() -> None:
    result = rate(scared_straight(), today=TODAY)
    assert (result.label, result.crt_code, result.size_band) == (Label.HARMFUL, "-3", "harmful")
    assert result.raises_hold
    assert "Hartung–Knapp" in result.trace[0].text
    assert rules(result)[1] == "E1"


def test_golden_vi_no_effect_harm_not_excluded() -> None:
    result = rated(trial(yi=-0.02, se=0.04))
    assert result.label == Label.NO_EFFECT
    assert result.harm_not_excluded
    assert result.trace[-1].text == "No effect; harm not excluded"


def test_golden_vi_b_wide_interval_is_inconclusive() -> None:
    assert rated(trial(yi=-0.02, se=0.08)).label == Label.INCONCLUSIVE


def test_golden_vii_two_good_trials_in_two_forces() -> None:
    result = rated(trial("a"), trial("b", -0.25))
    assert (result.label, result.strength, result.crt_code) == (Label.EFFECTIVE, 4, "+3")


def test_golden_vii_b_one_force_is_promising() -> None:
    same = frozenset({"one"})
    result = rated(trial("a", forces=same), trial("b", -0.25, forces=same))
    assert (result.label, result.strength) == (Label.PROMISING, 3)


def test_one_good_trial_is_promising_at_strength_3() -> None:
    result = rated(trial())
    assert (result.label, result.strength, result.size_band) == (Label.PROMISING, 3, "moderate")
    assert result.trace[-1].text == "Promising; one study"


def test_secure_trial_with_harm_outweighs_a_pooled_null() -> None:
    harmful = trial("a", 0.2, 0.05, role="harm")
    assert rated(harmful, trial("b", -0.2, 0.05, security=3)).label == Label.HARMFUL
    assert rated(replace(harmful, role="secondary"), trial("b", -0.2, 0.05, security=3)).label == Label.MIXED


def test_good_and_bad_trials_are_mixed() -> None:
    result = rated(trial("a", -0.3), trial("b", 0.3))
    assert (result.label, result.crt_code) == (Label.MIXED, "0x")


@pytest.mark.parametrize(
    ("trials", "code"),
    [
        ([trial("a", -0.2, 0.05), trial("b", 0.1, 0.09), trial("c", 0.15, 0.1)], "+1"),
        ([trial("a", 0.2, 0.05), trial("b", -0.1, 0.09), trial("c", -0.15, 0.1)], "-1"),
        ([trial("a", -0.05, 0.1), trial("b", 0.04, 0.1)], "0"),
        ([trial("a", -0.4, 0.02), trial("b", 0.2, 0.09)], "+2"),
        ([trial("a", 0.4, 0.02), trial("b", -0.2, 0.09)], "-2"),
    ],
)
def test_direction_codes(trials: list[RatedTrial], code: str) -> None:
    assert rated(*trials).crt_code == code


@pytest.mark.parametrize(
    ("percent", "band"),
    [(30, "high"), (29.99, "moderate"), (10, "moderate"), (9.99, "low"), (2, "low"), (1.99, "negligible"),
     (-1.99, "negligible"), (-2, "")],
)  # fmt: skip
def test_size_bands_are_half_open(percent: float, band: str) -> None:
    assert rated(trial(yi=log(1 - percent / 100), se=0.5)).size_band == band


def test_no_trial_at_all() -> None:
    assert rated().label == Label.UNTESTED
    assert rated(registry=RegistryCounts(registered=1, awaited=1)).label == Label.BEING_TESTED
    weak = rated(trial(security=1), registry=RegistryCounts(registered=1, awaited=1))
    assert (weak.label, weak.trace[-1].text) == (Label.INCONCLUSIVE, "No study of sufficient security")


def test_integrity_floor_and_unrated_trials_have_no_vote() -> None:
    result = rated(trial("a", below_integrity_floor=True), trial("b", security=None), trial("c", -0.01, 0.04))
    assert result.k == 1
    assert {one.trial.study for one in result.listed} == {"a", "b"}
    assert result.label == Label.NO_EFFECT


def test_only_one_metric_is_pooled() -> None:
    result = rated(trial("a"), trial("b", -0.25), trial("c", metric="smd"))
    assert (result.k, result.metric) == (2, "log_rate_ratio")
    assert "another scale" in result.listed[0].reason


@pytest.mark.parametrize(
    ("change", "rule", "effect"),
    [
        ({"security": 2}, "SB", -2),
        ({"security": 3}, "SB", -1),
        ({"country": "United States"}, "SD", -1),
        ({"is_proxy": True}, "SD", -1),
        ({"n_events": 100}, "SP", -1),
        ({"completed_on": date(2021, 10, 31)}, "SA", 0),
        ({"completed_on": date(2016, 10, 31)}, "SA", -1),
        ({"dose_response": True}, "SU", 1),
        ({"yi": -0.8, "conf_low": -0.9, "conf_high": -0.7, "is_randomised": False}, "SU", 1),
        ({"yi": -1.7, "conf_low": -1.8, "conf_high": -1.6, "is_randomised": False}, "SU", 2),
        ({"conf_high": 0.02}, "SP", -1),
    ],
)
def test_strength_rules(change: dict[str, object], rule: str, effect: int) -> None:
    steps = {step.rule: step.effect for step in rated(trial(**change)).trace if step.kind == "change"}
    assert steps == {rule: effect}


def test_age_counts_from_the_day_after_the_anniversary() -> None:
    assert "SA" not in rules(rated(trial(completed_on=date(2021, 11, 1))))
    assert rated(trial(completed_on=date(2021, 10, 31))).review_due


@pytest.mark.parametrize(
    ("trials", "start"),
    [
        ([trial("a"), trial("b", security=3)], 5),
        ([trial("a", security=3), trial("b", security=3)], 4),
        ([trial(is_randomised=False, is_difference_or_rdd=True)], 3),
        ([trial(is_randomised=False, security=3)], 2),
    ],
)
def test_strength_starts_from_the_best_design(trials: list[RatedTrial], start: int) -> None:
    assert next(step.effect for step in rated(*trials).trace if step.rule == "ST") == start


def test_overdue_results_cost_strength() -> None:
    result = rated(trial(), registry=RegistryCounts(registered=5, awaited=1, overdue=1))
    assert "SR" in rules(result)
    assert "SR" not in rules(rated(trial(), registry=RegistryCounts(registered=6, overdue=1)))


def test_inconsistency_is_taken_once_at_its_worse_level() -> None:
    result = rated(trial("a", -0.9), trial("b", 0.3), trial("c", -0.1))
    assert [step.effect for step in result.trace if step.rule == "SI" and step.kind == "change"] == [-2]
    spread = rated(
        trial("a", -0.32), trial("b", -0.21), trial("c", -0.43), trial("d", -0.26), trial("e", -0.4)
    )
    found = [step.effect for step in spread.trace if step.rule == "SI"]
    assert found == [-1]
    explained = rated(*spread.eligible, heterogeneity_explained=True)
    assert "SI" not in rules(explained)


def test_evaluator_team_and_force_caps() -> None:
    team = rated(*(trial(name, -0.3 - i / 100, evaluator="one") for i, name in enumerate("abc")))
    assert any(step.rule == "SK" and step.effect == 4 for step in team.trace)


def test_independence_needs_another_force_and_another_team_or_year() -> None:
    a = trial("a")
    assert a.is_independent_of(trial("b"))
    assert not a.is_independent_of(trial("b", forces=frozenset({"a", "b"})))
    assert not a.is_independent_of(trial("b", evaluator="a"))
    assert a.is_independent_of(trial("b", evaluator="a", completed_on=date(2024, 1, 1)))
    assert not a.is_independent_of(trial("b", forces=frozenset()))


@pytest.mark.parametrize(
    ("country", "inside"),
    [
        ("England", True),
        ("england and wales", True),
        ("Scotland, Wales", True),
        ("Scotland", False),
        ("New England", False),
        ("", False),
    ],
)
def test_england_or_wales(country: str, inside: bool) -> None:
    assert trial(country=country).in_england_or_wales is inside


def test_override_moves_strength_one_level_and_the_label_follows() -> None:
    pair = (trial("a"), trial("b", -0.25))
    result = rate(pair, today=TODAY, override=Override(-1, "Delivery differed between the forces"))
    assert (result.strength, result.label) == (3, Label.PROMISING)
    assert "OVERRIDE" in rules(result)


def test_smd_has_no_null_and_effective_needs_a_beneficial_prediction() -> None:
    null = rated(trial(metric="smd", yi=-0.01, se=0.02))
    assert (null.label, null.size_band) == (Label.INCONCLUSIVE, "")
    good = [trial(name, -0.3 - i / 50, metric="smd") for i, name in enumerate("abc")]
    assert rated(*good).label == Label.EFFECTIVE
    wide = rated(
        trial("a", -0.20, metric="smd"), trial("b", -0.45, metric="smd"), trial("c", -0.35, metric="smd")
    )
    assert wide.summary is not None
    assert wide.summary.prediction_high is not None
    assert wide.summary.prediction_high > 0
    assert wide.label == Label.PROMISING


def test_prediction_interval_past_a_harm_is_not_effective() -> None:
    result = rated(trial("a", -0.1), trial("b", -0.5), trial("c", -0.35), trial("d", -0.3))
    assert result.crt_code == "+3"
    assert result.label == Label.PROMISING


def test_same_result_whatever_the_order() -> None:
    trials = [trial("a", -0.2), trial("b", -0.1), trial("c", 0.02), trial("d", security=1)]
    assert rated(*trials).as_json() == rated(*reversed(trials)).as_json()


numbers = st.floats(-1.5, 1.5).map(lambda value: round(value, 3))


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(numbers, st.floats(0.01, 0.6), st.sampled_from([None, 0, 1, 2, 3, 4, 5]), st.booleans()),
        max_size=6,
    ),
    st.sampled_from(["log_rate_ratio", "log_odds_ratio", "smd", "difference"]),
)
def test_every_set_of_trials_has_exactly_one_label(
    rows: list[tuple[float, float, int | None, bool]], metric: str
) -> None:
    trials = [
        trial(str(i), yi, se, security=security, is_randomised=drawn, metric=metric)
        for i, (yi, se, security, drawn) in enumerate(rows)
    ]
    result = rated(*trials)
    assert result.trace[-1].kind == "label"
    assert 0 <= result.strength <= 5
    assert result.k + len(result.listed) == len(trials)
    if result.k == 0:
        assert result.label in (Label.INCONCLUSIVE, Label.UNTESTED)
    if result.label == Label.EFFECTIVE:
        assert result.strength >= 4
