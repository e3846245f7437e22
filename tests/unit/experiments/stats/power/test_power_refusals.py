"""What is refused, all at once and in words; and what no size and no effect can solve."""

from typing import Any

import pytest

from experiments.stats.errors import BadPlan
from experiments.stats.power.answer import answer
from experiments.stats.power.design import NEUTRAL, parse
from tests.unit.experiments.stats.power.designs import KNOWN, answered, known


def refused(document: Any) -> dict[str, str]:
    with pytest.raises(BadPlan) as caught:
        answer(document)
    return {problem.pointer: problem.message for problem in caught.value.problems}


def test_every_problem_is_told_at_once() -> None:
    found = refused(
        {"design": "cluster", "efect": 1, "effect": 0, "icc": 1.2, "power": 0.8, "sd": "1", "periods": 4}
    )
    assert set(found) == {"", "/efect", "/effect", "/icc", "/sd", "/periods"}
    assert found["/efect"].startswith("unknown key 'efect'; known: design, effect, sd, alpha, power")
    assert found["/effect"] == "'effect' must be a number other than 0: no trial finds an effect of nothing"
    assert found["/icc"] == "'icc' must be a number from 0 to below 1"
    assert found["/periods"].startswith("the design 'cluster' takes no 'periods'; it takes: effect, sd")
    assert found[""].startswith(
        "leave exactly one of 'power', the size ('clusters_per_arm' or 'cluster_size')"
    )


@pytest.mark.parametrize("name", KNOWN)
def test_nothing_left_open_and_too_much_left_open(name: str) -> None:
    assert refused(known(name, power=0.8))[""].endswith("null here: none")
    assert "null here: 'power'" in refused(known(name, effect=None))[""]


@pytest.mark.parametrize("name", KNOWN)
def test_the_whole_object_of_the_contract_is_taken(name: str) -> None:
    """Keys of other designs may stand there with what leaving them out means."""
    whole = {**NEUTRAL, **known(name)}
    assert parse(whole) == parse(known(name))


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"alpha": 0}, "/alpha", "above 0 and below 1"),
        ({"alpha": True}, "/alpha", "above 0 and below 1"),
        ({"power": 0.04, "clusters_per_arm": None}, "/power", "'power' must be above 'alpha'"),
        ({"power": 1, "clusters_per_arm": None}, "/power", "above alpha and below 1"),
        ({"icc": None}, "/icc", "'icc' is missing; this design needs a number from 0 to below 1"),
        ({"icc": -0.1}, "/icc", "from 0 to below 1"),
        ({"cluster_size": 0.5}, "/cluster_size", "at least 1"),
        ({"clusters_per_arm": 1}, "/clusters_per_arm", "each arm needs at least 2 clusters"),
        ({"clusters_per_arm": 3, "ratio": 0.5}, "/clusters_per_arm", "each arm needs at least 2 clusters"),
        ({"ratio": 0}, "/ratio", "from 0.01 to 100"),
        ({"r2": 1}, "/r2", "from 0 to below 1"),
        ({"simulate": 2.5}, "/simulate", "a whole number from 0 to 20000"),
        ({"sd": float("nan")}, "/sd", "a number above 0"),
    ],
)
def test_clusters(changes: dict[str, Any], pointer: str, words: str) -> None:
    assert words in refused(known("cluster", **changes))[pointer]


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ([], "", "must be an object"),
        ({"design": "factorial"}, "/design", "must be one of: individual, cluster"),
        (known("two_proportions", baseline_rate=1.5), "/baseline_rate", "is a proportion here"),
        (known("two_proportions", effect=-0.4), "/effect", "together must be a proportion, from 0 to 1"),
        (known("poisson_cluster", effect=80), "/effect", "is the log of a rate ratio, from -10 to 10"),
        (known("stepped_wedge", steps=None), "/steps", "how many groups of clusters start"),
        (known("stepped_wedge", periods=5), "/periods", "5 steps, one a period, need 6 periods"),
        (known("stepped_wedge", autocorrelation=0.5), "/autocorrelation", "must not be below 'cac'"),
        (known("did", autocorrelation=None), "/autocorrelation", "'autocorrelation' is missing"),
        (known("did", autocorrelation=1), "/autocorrelation", "must be below 1"),
        (known("did", periods=1), "/periods", "a whole number from 2 to 1000"),
    ],
)
def test_other_designs(document: Any, pointer: str, words: str) -> None:
    assert words in refused(document)[pointer]


def test_clusters_too_few_for_any_size() -> None:
    made = answered("cluster", effect=0.1, icc=0.2, power=0.8, clusters_per_arm=6)
    assert not made.is_solved
    assert made.reason == (
        "no size reaches a power of 0.8, however large each cluster is: the smallest effect that so many clusters of "
        "any size find is 0.803; more clusters are needed, or clusters that are more alike"
    )
    found = made.document()
    assert (found["status"], found["cluster_size"], found["rounded_up"]) == ("not_estimable", None, None)


def test_a_fall_that_is_more_than_there_is() -> None:
    made = answered("two_proportions", power=0.8, n_per_arm=100, baseline_rate=0.02)
    assert made.reason is not None
    assert made.reason.startswith(
        "not even a fall to nothing would be found with power 0.8; the smallest rise"
    )


def test_what_to_know_before_believing_it() -> None:
    few = answered("cluster", power=0.8, clusters_per_arm=2, cluster_size=200, icc=0.02).warnings
    assert few[0].startswith("4 clusters are few: the test leans on the normal shape")
    adjusted = answered(
        "cluster", effect=0.3, clusters_per_arm=10, cluster_size=20, icc=0.05, r2=0.5
    ).warnings
    assert adjusted == ("estimating the adjustment on 20 clusters costs power: expect about 0.79",)
    least = answered("individual", power=0.8, effect=50)
    assert least.warnings == ("this is the smallest that can be analysed, and it has the power already",)
    fall = answered("two_proportions", power=0.8, n_per_arm=400, baseline_rate=0.2)
    assert fall.design.effect is not None
    assert fall.design.effect < 0
    assert fall.document()["effect_rise"] == fall.rise
    both = [
        answered("two_proportions", effect=found, n_per_arm=400, baseline_rate=0.2).document()["power"]
        for found in (fall.design.effect, fall.rise)
    ]
    assert both == pytest.approx([0.8, 0.8])


def test_what_cannot_be_simulated_is_said() -> None:
    large = answered("individual", effect=0.001, power=0.8, simulate=10)
    assert large.simulated is None
    assert large.warnings[0].startswith("not simulated: one trial of this design has 3")
    steady = answered(**known("poisson_cluster", dispersion=0.5, simulate=10))
    assert steady.warnings == (
        "not simulated: counts that vary less than Poisson counts cannot be simulated",
    )
