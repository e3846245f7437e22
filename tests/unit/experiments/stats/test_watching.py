"""Registered looks and confidence sequences in a plan: peers, invariances, refusals."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from experiments.stats import confidence_sequence, engine, group_sequential, stage_wise
from experiments.stats.diagnosis import Design, OutcomeShape, replicates
from experiments.stats.errors import BadPlan
from experiments.stats.looks import GROWING
from experiments.stats.plan import parse
from tests.unit.experiments.stats.test_sequential import between

THREE = [0.5, 0.75, 1.0]


def trial(n: int = 300, effect: float = 0.3, seed: int = 5, clusters: int | None = None) -> pd.DataFrame:
    """A trial of n units, or of n units in clusters."""
    rng = np.random.default_rng(seed)
    place = np.arange(n) % (clusters or n)
    arm = np.where(place % 2, "treatment", "control")
    shift = rng.normal(0, 0.3, clusters)[place] if clusters else 0.0
    y = rng.normal(size=n) + effect * (arm == "treatment") + shift
    return pd.DataFrame(
        {"unit": np.arange(n), "beat": place, "arm": arm, "y": y, "events": rng.poisson(3, n)}
    )


def plan(options: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plan of one estimate with these options; `changes` to the estimate, or to the plan where it has that key."""
    estimate = {
        "id": "H1",
        "role": "primary",
        "outcome": "y",
        "estimator": "difference_in_means",
        "covariance": "HC2",
        "options": options,
    }
    whole: dict[str, Any] = {
        "plan_version": 1,
        "columns": {"unit": "unit", "arm": "arm"},
        "arms": {"control": "control", "treatments": ["treatment"]},
        "multiplicity": "none",
        "alpha": 0.05,
    }
    for key, value in changes.items():
        (whole if key in whole else estimate)[key] = value
    return {**whole, "estimates": [estimate]}


def row(options: dict[str, Any], data: pd.DataFrame | None = None, **changes: Any) -> dict[str, Any]:
    """The row of the estimate."""
    found = engine.run(plan(options, **changes), trial() if data is None else data).document()
    made: dict[str, Any] = found["estimates"][0]
    return made


def problems(options: Any, **changes: Any) -> dict[str, str]:
    with pytest.raises(BadPlan) as refusal:
        engine.run(plan(options, **changes), trial())
    return {found.pointer: found.message for found in refusal.value.problems}


# Known values


def test_a_last_look_by_the_multivariate_normal() -> None:
    """A rate ratio is judged by the normal: p and interval solve the probabilities that scipy integrates."""
    changes = {"estimator": "poisson", "covariance": "HC1", "outcome": "events"}
    data = trial(seed=11)
    data["events"] += (data["arm"] == "treatment") & (data["unit"] % 5 == 0)
    plain, found = row({}, data, **changes), row({"looks": THREE, "spending": "pocock"}, data, **changes)
    z, error = plain["statistic"], plain["std_error"]
    # Pocock type, two-sided 0.05, by R rpact getDesignGroupSequential(typeOfDesign = "asP").
    c = group_sequential(THREE, spending="pocock").critical.tolist()

    def as_extreme(effect: float) -> float:
        drift = effect / error
        crossed = between([c[0]], [np.inf], THREE[:1], drift)
        crossed += between([-c[0], c[1]], [c[0], np.inf], THREE[:2], drift)
        return crossed + between([-c[0], -c[1], z], [c[0], c[1], np.inf], THREE, drift)

    assert found["df"] is None
    assert abs(z) > 1.5
    assert found["p_value"] == pytest.approx(2 * min(as_extreme(0.0), 1 - as_extreme(0.0)), abs=2e-6)
    for name, share in (("conf_low", 0.025), ("estimate", 0.5), ("conf_high", 0.975)):
        assert as_extreme(found[name]) == pytest.approx(share, abs=3e-6)
    assert found["pct_change"] == pytest.approx(100 * math.expm1(found["estimate"]))


def test_printed_boundaries_are_the_ones_that_are_said() -> None:
    """Five equal looks, two-sided 0.05: 2.0310 and 2.3859 in Reboussin, DeMets, Kim & Lan (2000)."""
    for spending, printed, name in (
        ("obrien_fleming", "±2.031", "O'Brien–Fleming spending"),
        ("pocock", "±2.386", "Pocock spending"),
    ):
        said = row({"looks": [0.2, 0.4, 0.6, 0.8, 1], "spending": spending})["warnings"]
        assert f"looks were registered at 0.2, 0.4, 0.6, 0.8 and 1 of the information ({name})" in said[0]
        assert f"at the last look the boundary is {printed}, and the fixed-sample z is " in said[1]


def test_without_looks_a_t_is_judged_as_ever() -> None:
    """By scipy's t: the p value and the interval of one look are those of t(df)."""
    found = stage_wise(group_sequential([1.0]), 2.1, 0.9, df=17.5)
    t = scipy_stats.t(17.5)
    assert found.p_value == pytest.approx(2 * t.sf(2.1 / 0.9), rel=1e-9)
    half = t.ppf(0.975) * 0.9
    assert (found.conf_low, found.estimate, found.conf_high) == pytest.approx((2.1 - half, 2.1, 2.1 + half))
    assert stage_wise(group_sequential([1.0]), 0.0, 0.9, df=17.5).p_value == pytest.approx(1.0)


def test_a_t_at_its_last_look_by_the_multivariate_normal() -> None:
    """The t is put on the normal's scale, with the effect taken off first."""
    found = row({"looks": [0.5, 1]}, trial(60))
    [usual] = found["terms"]
    t, (c, _) = scipy_stats.t(found["df"]), group_sequential([0.5, 1.0]).critical.tolist()

    def as_extreme(effect: float) -> float:
        centred = scipy_stats.norm.isf(t.sf((usual["estimate"] - effect) / found["std_error"]))
        drift = effect / found["std_error"]
        return between([c], [np.inf], [0.5], drift) + between(
            [-c, centred + drift], [c, np.inf], [0.5, 1.0], drift
        )

    for name, share in (("conf_low", 0.025), ("estimate", 0.5), ("conf_high", 0.975)):
        assert as_extreme(found[name]) == pytest.approx(share, abs=3e-6)


def test_what_is_always_valid_is_the_sequence_at_this_look() -> None:
    data = trial(240, clusters=120)
    plain, found = (
        row(options, data, covariance="CR2", columns={"unit": "unit", "arm": "arm", "cluster": "beat"})
        for options in ({}, {"always_valid": True, "planned": 200})
    )
    made = confidence_sequence(
        np.array([plain["estimate"]]), np.array([plain["std_error"]]), np.array([120]), planned=200
    )
    assert found["estimate"] == plain["estimate"]
    assert (found["conf_low"], found["conf_high"]) == (made.conf_low[0], made.conf_high[0])
    assert found["p_value"] == made.p_value[0]
    assert "(a confidence sequence, tuned to 200 units or clusters)" in found["warnings"][0]
    assert not any("approximate" in said for said in found["warnings"])


# What stands where


def test_the_fixed_sample_numbers_stay_beside() -> None:
    for options in ({"looks": THREE}, {"always_valid": True}):
        plain, found = row({}), row(options)
        [usual] = found["terms"]
        assert usual["term"] == "unadjusted"
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            assert usual[name] == plain[name]
        for name in ("std_error", "df", "statistic", "yi", "vi", "n_obs"):
            assert found[name] == plain[name]
        assert found["mde"] is None
        t = plain["statistic"]
        z = scipy_stats.norm.isf(scipy_stats.t.sf(t, plain["df"])) if "looks" in options else t
        assert f"the fixed-sample z is {z:.3f}" in " ".join(found["warnings"][:2])
        assert found["p_value"] > plain["p_value"]


def test_a_pooling_takes_the_estimate_that_goes_with_the_error() -> None:
    changes = {"estimator": "poisson", "covariance": "HC1", "outcome": "events"}
    plain, found = row({}, **changes), row({"looks": THREE}, **changes)
    assert (found["yi"], found["vi"]) == (plain["yi"], plain["vi"])


def test_a_trial_that_stopped_is_judged_at_the_look_where_it_did() -> None:
    data = trial(effect=0.45)
    plain, found = row({}, data), row({"looks": THREE, "stopped_at": 2}, data)
    made = stage_wise(group_sequential([0.5, 0.75]), plain["estimate"], plain["std_error"], df=found["df"])
    assert (found["p_value"], found["estimate"]) == (made.p_value, made.estimate)
    assert "at look 2, where the trial stopped, the boundary is ±2.359" in found["warnings"][1]
    assert found["warnings"][1].endswith("beyond it")
    inside = row({"looks": THREE, "stopped_at": 2}, trial(effect=0.0))
    assert "stopped at look 2 of 3 inside its boundary" in inside["warnings"][2]


def test_adjusted_p_values_are_made_of_these() -> None:
    whole = plan({"looks": THREE}, multiplicity="holm")
    other = {**whole["estimates"][0], "id": "H2", "outcome": "events", "role": "secondary", "options": {}}
    whole["estimates"].append(other)
    first, second = engine.run(whole, trial()).document()["estimates"]
    assert first["p_value"] == row({"looks": THREE})["p_value"]
    low, high = sorted((first["p_value"], second["p_value"]))
    adjusted = {first["p_value_adjusted"], second["p_value_adjusted"]}
    assert adjusted == {min(1.0, 2 * low), max(2 * low, high)}


def test_a_diagnosis_takes_an_estimate_with_looks_as_looked_at_once() -> None:
    """Its simulated trials never stop before the end."""
    design = Design({"y": OutcomeShape("continuous", 0.0, 1.0, 0.9)}, n_units=100)
    found = [
        replicates(parse(plan(options)), design, seed=1, numbers=range(2), factors=(0.0, 1.0))
        for options in ({}, {"looks": THREE})
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("options", [{"looks": THREE}, {"always_valid": True}])
@pytest.mark.parametrize("estimator", sorted(GROWING))
def test_every_estimator_that_grows_takes_looks(estimator: str, options: dict[str, Any]) -> None:
    data = trial(300, clusters=60).assign(won=lambda rows: (rows["y"] > 0).astype(int))
    outcome = {"logistic": "won", "poisson": "events", "negative_binomial": "events"}.get(estimator, "y")
    columns = {"unit": "unit", "arm": "arm", "cluster": "beat"}
    changes = {"estimator": estimator, "outcome": outcome, "covariance": None, "columns": columns}
    if estimator == "lin":
        changes["covariates"] = ["unit"]
    plain, found = row({}, data, **changes), row(options, data, **changes)
    assert found["terms"][0]["conf_low"] == plain["conf_low"]
    assert found["p_value"] >= plain["p_value"]


# Invariance


@pytest.mark.parametrize("options", [{"looks": THREE}, {"always_valid": True}])
def test_order_and_scale_of_the_rows_do_not_matter(options: dict[str, Any]) -> None:
    data = trial()
    found, mixed = row(options, data), row(options, data.sample(frac=1, random_state=3))
    assert mixed == found
    scaled = row(options, data.assign(y=100 * data["y"] + 7))
    for name in ("estimate", "conf_low", "conf_high", "std_error"):
        assert scaled[name] == pytest.approx(100 * found[name], rel=1e-6)
    assert scaled["p_value"] == pytest.approx(found["p_value"], rel=1e-6)


@pytest.mark.parametrize("options", [{"looks": THREE}, {"always_valid": True}])
def test_less_of_an_outcome_is_more_of_its_opposite(options: dict[str, Any]) -> None:
    data = trial()
    more = row(options, data, alternative="greater")
    less = row(options, data.assign(y=-data["y"]), alternative="less")
    assert less["p_value"] == pytest.approx(more["p_value"], rel=1e-9)
    assert less["estimate"] == pytest.approx(-more["estimate"])
    low, high = more["conf_low"], more["conf_high"]
    assert less["conf_high"] == pytest.approx(-low)
    assert less["conf_low"] == (None if high is None else pytest.approx(-high))
    said = " ".join(less["warnings"])
    assert "the boundary is −1.72" in said if "looks" in options else high is None
    assert "the fixed-sample z is −2." in said


# Refusals


@pytest.mark.parametrize(
    ("options", "key", "words"),
    [
        ({"looks": [0.5, 0.4, 1]}, "looks", "must rise, above 0 and up to 1"),
        ({"looks": [0.5, 1.5]}, "looks", "must rise, above 0 and up to 1"),
        ({"looks": [0.5, 0.501, 1]}, "looks", "closer than 0.005"),
        ({"looks": [0.5, 0.9]}, "looks", "then the end itself, which is 1"),
        ({"looks": [1]}, "looks", "name each look before the end"),
        ({"looks": [place / 30 for place in range(1, 31)]}, "looks", "at most 20 looks"),
        ({"looks": []}, "looks", "must be a list of numbers"),
        ({"looks": "0.5"}, "looks", "must be a list of numbers"),
        ({"looks": [True, 1]}, "looks", "must be a list of numbers"),
        ({"looks": [0.5, 10**400]}, "looks", "must be a list of numbers"),
        ({"looks": THREE, "spending": "haybittle"}, "spending", "one of: obrien_fleming, pocock"),
        ({"looks": THREE, "stopped_at": 4}, "stopped_at", "must be one of the 3 looks"),
        ({"looks": THREE, "stopped_at": 0}, "stopped_at", "whole number from 1"),
        ({"looks": THREE, "always_valid": True}, "always_valid", "choose between 'looks' and 'always_valid'"),
        ({"looks": THREE, "planned": 100}, "planned", "'planned' goes with 'always_valid'"),
        ({"spending": "pocock"}, "spending", "'spending' goes with 'looks'"),
        ({"stopped_at": 1}, "stopped_at", "'stopped_at' goes with 'looks'"),
        ({"always_valid": False, "planned": 100}, "planned", "'planned' goes with 'always_valid'"),
        ({"always_valid": "yes"}, "always_valid", "must be true or false"),
        ({"always_valid": True, "planned": 1}, "planned", "whole number from 2"),
    ],
)
def test_options_that_contradict_are_refused_at_their_place(
    options: dict[str, Any], key: str, words: str
) -> None:
    assert words in problems(options)[f"/estimates/0/options/{key}"]


@pytest.mark.parametrize("options", [{"looks": THREE}, {"always_valid": True}])
@pytest.mark.parametrize("covariance", ["randomisation", "wild_cluster_bootstrap"])
def test_draws_know_of_no_other_look(options: dict[str, Any], covariance: str) -> None:
    [[key, said]] = problems(options, covariance=covariance).items()
    assert key == f"/estimates/0/options/{next(iter(options))}"
    assert f"does not hold with '{covariance}', whose draws know of no other look; use CR2" in said


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        ("iv", "watch the effect of being assigned"),
        ("twfe", "follows the same units through time"),
        ("event_study", "follows the same units through time"),
        ("stepped_wedge", "follows the same units through time"),
        ("roth_santanna", "follows the same units through time"),
    ],
)
def test_estimators_whose_units_do_not_arrive_are_refused(estimator: str, words: str) -> None:
    for options in ({"looks": THREE}, {"always_valid": True}):
        found = problems(options, estimator=estimator, covariance=None)
        assert words in found[f"/estimates/0/options/{next(iter(options))}"]
        assert not any("unknown key" in said or "takes no options" in said for said in found.values())


def test_common_draws_are_refused_but_for_what_is_never_adjusted() -> None:
    found = problems({"looks": THREE}, multiplicity="westfall_young")
    assert "draws one look at the end anew" in found["/estimates/0/estimator"]
    watched = row({"always_valid": True}, role="guardrail", multiplicity="westfall_young")
    assert watched["status"] == "ok"
    assert watched["p_value_adjusted"] is None


@pytest.mark.parametrize(
    ("options", "n", "clusters", "covariance", "words"),
    [
        (
            {"looks": THREE},
            14,
            None,
            "HC2",
            "HC2 has 10.2 degrees of freedom, and looks before the end need 15",
        ),
        (
            {"always_valid": True},
            28,
            None,
            "HC2",
            "28 units (or clusters, where those were assigned) are too few",
        ),
        ({"looks": THREE}, 80, 8, "CR2", "degrees of freedom, and looks before the end need 15"),
        ({"looks": THREE}, 60, 10, None, "'randomisation' judges this estimate by a test of its own"),
    ],
)
def test_too_few_are_refused_in_words(
    options: dict[str, Any], n: int, clusters: int | None, covariance: str | None, words: str
) -> None:
    columns = {"unit": "unit", "arm": "arm", "cluster": "beat" if clusters else None}
    found = row(options, trial(n, clusters=clusters), covariance=covariance, columns=columns)
    assert found["status"] == "not_estimable"
    assert words in found["reason"]


def test_few_units_make_a_sequence_approximate() -> None:
    said = row({"always_valid": True}, trial(60))["warnings"]
    assert "as many as are here, because the plan names no other number" in said[0]
    assert "approximate" in said[1]
    assert "60 units or clusters are fewer than 100" in said[1]


# Results that a trial with these looks does not come to


def test_the_share_that_stayed_inside_by_the_multivariate_normal() -> None:
    """Given the end, the earlier looks are a Brownian bridge: its covariance by scipy."""
    design, z = group_sequential(THREE), 2.6
    c, times = design.critical[:2], np.array(THREE[:2])
    bridge = np.minimum.outer(times, times) - np.outer(times, times)
    limits = c * np.sqrt(times)
    expected = scipy_stats.multivariate_normal.cdf(
        limits, times * z, bridge, lower_limit=-limits, abseps=1e-10, releps=1e-10
    )
    assert stage_wise(design, z, 1.0).stayed_inside == pytest.approx(float(expected), rel=1e-6)
    assert stage_wise(design, 0.0, 1.0).stayed_inside == pytest.approx(1.0, abs=1e-3)
    assert stage_wise(group_sequential([0.5]), 9.0, 1.0).stayed_inside == 1.0


def test_an_end_that_no_such_trial_comes_to_is_refused_or_warned_of() -> None:
    """A z of 8 after two looks that found nothing: the looks were not made."""
    found = row({"looks": THREE}, trial(effect=0.9))
    assert found["status"] == "not_estimable"
    assert "fewer than 1 in 10,000 would have stayed inside" in found["reason"]
    assert row({"looks": THREE, "stopped_at": 1}, trial(effect=0.9))["status"] == "ok"
    rare = row({"looks": THREE}, trial(effect=0.45))
    assert "would have stayed inside the boundaries of the earlier looks" in " ".join(rare["warnings"])
