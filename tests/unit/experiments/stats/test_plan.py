"""The strict parser: every problem at its JSON pointer, nothing guessed."""

from typing import Any

import pytest

from experiments.stats import engine, options, plan, strict_json
from experiments.stats.errors import BadPlan
from tests.unit.experiments.stats import plans


def refusal(value: Any) -> dict[str, str]:
    with pytest.raises(BadPlan) as caught:
        plan.parse(value)
    return {problem.pointer: problem.message for problem in caught.value.problems}


def one(**changes: Any) -> dict[str, Any]:
    return plans.plan(plans.estimate(**({"estimator": "ancova"} | changes)))


def test_the_contract_s_plan_is_taken() -> None:
    parsed = plan.parse(
        plans.plan(
            plans.estimate(
                "callaway_santanna",
                estimand="ATT",
                family="crime",
                covariance="analytic",
                options={
                    "control_group": "not_yet_treated",
                    "aggregation": "dynamic",
                    "base_period": "varying",
                },
            ),
            columns={"unit": "officer", "cluster": None, "period": "month", "first_treated": "first_trained"},
            alpha=0.05,
            multiplicity="holm",
            checks=["balance", "pre_trends"],
        )
    )
    spec = parsed.estimates[0]
    assert spec.options["aggregation"] == "dynamic"
    assert spec.options["estimation"] == "dr"
    assert spec.used_columns() == ("officer", "month", "first_trained", "y")


def test_unknown_keys_are_refused_by_name_wherever_they_are() -> None:
    value = one(weighting="none", options={"repeats": 9}, columns={"units": "u"}) | {"notes": "x"}
    found = refusal(value)
    assert "unknown key 'notes'" in found["/notes"]
    assert "unknown key 'weighting'" in found["/estimates/0/weighting"]
    assert "unknown key 'repeats'" in found["/estimates/0/options/repeats"]
    assert "unknown key 'units'" in found["/estimates/0/columns/units"]


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"plan_version": 2}, "/plan_version", "must be 1"),
        ({"plan_version": True}, "/plan_version", "must be 1"),
        ({"alpha": 0}, "/alpha", "above 0 and at most 0.5"),
        ({"alpha": True}, "/alpha", "above 0"),
        ({"seed": -1}, "/seed", "from 0 to 18446744073709551615"),
        ({"seed": 2**64}, "/seed", "from 0 to 18446744073709551615"),
        ({"seed": "1"}, "/seed", "whole number"),
        ({"multiplicity": "sidak"}, "/multiplicity", "must be one of"),
        ({"estimates": []}, "/estimates", "at least one"),
        ({"checks": ["vibes"]}, "/checks/0", "is not a check"),
        ({"checks": ["balance", "balance"]}, "/checks", "appears twice"),
        ({"arms": None}, "/arms", "compares arms"),
        ({"arms": {"control": "a", "treatments": []}}, "/arms/treatments", "at least one arm"),
        ({"arms": {"control": "a", "treatments": ["a"]}}, "/arms/treatments", "named twice"),
        ({"columns": []}, "/columns", "must be an object"),
        ({"columns": {"unit": 3}}, "/columns/unit", "text"),
    ],
)
def test_a_plan_is_refused_at_the_place_that_is_wrong(
    changes: dict[str, Any], pointer: str, words: str
) -> None:
    assert words in refusal(one() | changes)[pointer]


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"id": " "}, "/estimates/0/id", "not empty"),
        ({"role": "main"}, "/estimates/0/role", "primary"),
        ({"estimator": "magic"}, "/estimates/0/estimator", "is not an estimator"),
        ({"estimand": "CACE"}, "/estimates/0/estimand", "cannot estimate the CACE"),
        (
            {"estimator": "iv", "estimand": "ITT"},
            "/estimates/0/estimand",
            "estimates the CACE, the effect on those",
        ),
        ({"covariance": "driscoll_kraay"}, "/estimates/0/covariance", "not available for 'ancova'"),
        ({"covariance": "HC9"}, "/estimates/0/covariance", "is not a covariance"),
        ({"alternative": "bigger"}, "/estimates/0/alternative", "two_sided"),
        ({"covariates": "x"}, "/estimates/0/covariates", "list of texts"),
        ({"covariates": ["x", "x"]}, "/estimates/0/covariates", "twice"),
        ({"covariates": ["y"]}, "/estimates/0/covariates", "its own covariate"),
        ({"columns": {"arm": None}}, "/estimates/0", "needs a column for 'arm'"),
        ({"options": {"arm": "other"}}, "/estimates/0/options/arm", "not one of the treatment arms"),
    ],
)
def test_an_estimate_is_refused_at_the_place_that_is_wrong(
    changes: dict[str, Any], pointer: str, words: str
) -> None:
    assert words in refusal(one(**changes))[pointer]


def test_ids_are_unique() -> None:
    value = plans.plan(plans.estimate("ancova"), plans.estimate("ancova"))
    assert refusal(value) == {"/estimates/1/id": "the id 'H1' is used twice"}


def test_pointers_escape_what_json_pointers_escape() -> None:
    assert "/a~1b~0c" in refusal(one() | {"a/b~c": 1})


def test_an_estimate_overrides_columns_for_itself() -> None:
    spec = plan.parse(one(columns={"weight": "pop", "cluster": None})).estimates[0]
    assert (spec.columns.weight, spec.columns.cluster, spec.columns.unit) == ("pop", None, "unit")


def test_numbers_name_arms_too() -> None:
    parsed = plan.parse(one() | {"arms": {"control": 0, "treatments": [1.0]}})
    assert parsed.arms is not None
    assert (parsed.arms.control, parsed.arms.treatments) == ("0", ("1",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"seed": 1, "seed": 2}', "'seed' appears twice"),
        ('{"alpha": NaN}', "NaN is not JSON"),
        ("[" * 50_000, "nested too deeply"),
        ("{", "line 1"),
        (b'{"a": "\xff"}', "UTF-8"),
    ],
)
def test_json_that_would_lose_something_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        strict_json.loads(text)


@pytest.mark.parametrize("value", [None, [], "plan", 3])
def test_a_plan_is_an_object(value: Any) -> None:
    assert refusal(value) == {"": "must be an object"}


def test_the_digest_does_not_depend_on_the_order_of_keys_or_on_5_against_5_0() -> None:
    first = plan.parse(one() | {"alpha": 0.5, "seed": 5})
    value = one() | {"seed": 5, "alpha": 0.50}
    again = plan.parse(dict(reversed(value.items())))
    assert first.sha256 == again.sha256
    assert first.sha256 != plan.parse(one() | {"alpha": 0.5, "seed": 6}).sha256


def test_the_tables_of_options_and_the_engine_name_the_same_things() -> None:
    assert set(options.ESTIMATOR_RULES) == set(engine.ESTIMATORS)
    assert set(options.CHECK_NAMES) == set(engine.CHECKS)
    for rule in options.ESTIMATOR_RULES.values():
        assert set(rule.covariances) <= {*options.CONTRACT_COVARIANCES, *options.SYNTHETIC_COVARIANCES}
