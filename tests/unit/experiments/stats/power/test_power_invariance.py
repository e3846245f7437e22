"""What must not change an answer, and what must come back when it is asked the other way round."""

import math
from itertools import pairwise

import pytest

from experiments.stats.power.design import DESIGNS
from tests.unit.experiments.stats.power.designs import KNOWN, answered, known, solved

RATIOS = {"two_proportions", "poisson_cluster"}


@pytest.mark.parametrize("name", KNOWN)
def test_each_question_gives_back_the_others(name: str) -> None:
    """The power of a design, then the size with that power, then the effect with it: where it began."""
    start = known(name)
    power = solved(**start).power
    for key in (*DESIGNS[name].sizes, "effect"):
        again = solved(**start | {"power": power, key: None})
        assert getattr(again, key) == pytest.approx(start[key], rel=1e-7)


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in RATIOS])
def test_the_unit_of_the_outcome_does_not_matter(name: str) -> None:
    start = known(name)
    rescaled = start | {"effect": 40 * start["effect"], "sd": 40}
    assert solved(**rescaled).power == pytest.approx(solved(**start).power, rel=1e-12)


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in RATIOS])
def test_which_arm_is_called_treated_does_not_matter(name: str) -> None:
    start = known(name)
    power = solved(**start).power
    assert solved(**start | {"effect": -start["effect"]}).power == pytest.approx(power, rel=1e-12)
    if "ratio" in DESIGNS[name].defaults:
        size = DESIGNS[name].sizes[0]
        other = {size: start[size] * start.get("ratio", 1), "ratio": 1 / start.get("ratio", 1)}
        assert solved(**start | other).power == pytest.approx(power, rel=1e-9)


def test_the_other_side_of_a_proportion_is_the_same_question() -> None:
    found = solved("two_proportions", effect=-0.1, n_per_arm=150, baseline_rate=0.3).power
    assert solved("two_proportions", effect=0.1, n_per_arm=150, baseline_rate=0.7).power == pytest.approx(
        found
    )


def test_the_unit_of_exposure_does_not_matter() -> None:
    """Months or years: the rate times twelve, the exposure over twelve, and the same counts and spread of rates."""
    spread, dispersion = 0.5, 1.0
    found = []
    for unit in (1, 12):
        rate = 0.42 * unit
        share = spread**2 * rate / (dispersion + spread**2 * rate)
        keys = {"baseline_rate": rate, "cluster_size": 24 / unit, "icc": share, "dispersion": dispersion}
        found.append(solved("poisson_cluster", effect=-0.3, clusters_per_arm=40, **keys).power)
    assert found[0] == pytest.approx(found[1], rel=1e-10)


@pytest.mark.parametrize("name", KNOWN)
def test_more_units_never_lose_power(name: str) -> None:
    size = DESIGNS[name].sizes[0]
    powers = [solved(**known(name, **{size: many})).power for many in range(4, 200, 7)]
    assert all(before < after or after > 1 - 1e-9 for before, after in pairwise(powers))
    assert all(0 < power <= 1 for power in powers)


@pytest.mark.parametrize("name", ["cluster", "matched_pair", "poisson_cluster"])
def test_clusters_that_are_more_alike_need_more_of_them(name: str) -> None:
    needed = [
        solved(**known(name, icc=icc, power=0.8, clusters_per_arm=None)).clusters_per_arm
        for icc in (0.0, 0.05, 0.2, 0.6)
    ]
    assert needed == sorted(needed)


def test_special_cases_agree() -> None:
    """Clusters of one are individuals; independent periods of one unit are one long measurement."""
    alone = solved("individual", effect=0.4, n_per_arm=50).power
    assert solved("cluster", effect=0.4, clusters_per_arm=50, cluster_size=1, icc=0.3).power == pytest.approx(
        alone
    )
    # Two periods that are wholly unrelated: the change has twice the variance of one measurement.
    changed = solved("did", effect=0.4, n_per_arm=50, periods=2, autocorrelation=0, sd=1).power
    assert changed == pytest.approx(solved("individual", effect=0.4, n_per_arm=50, sd=math.sqrt(2)).power)


def test_the_same_design_gives_the_same_bytes() -> None:
    asked = known("cluster", simulate=40)
    shuffled = dict(reversed(asked.items()))
    assert answered(**asked).to_json() == answered(**shuffled).to_json()
