"""The formulae against simulation with the engine's own estimators: power, size and coverage within Monte Carlo error.

Designs are chosen where the formula is that of the analysis; what makes the two differ is in docs/statistics/power.md.
Seeds are fixed; a bound is three and a half Monte Carlo standard errors.
"""

import math
from typing import Any

import pytest

from experiments.stats.power.answer import answer
from tests.unit.experiments.stats.power.designs import known

pytestmark = pytest.mark.slow

REPLICATES = 1000
CASES: dict[str, dict[str, Any]] = {
    "individual": {"r2": 0},
    "individual, adjusted": {"r2": 0.5, "effect": 0.3},
    "cluster": {},
    "cluster, few": {"clusters_per_arm": 4, "effect": 0.6},
    "cluster, unequal arms": {"ratio": 2},
    "cluster, unequal sizes": {"clusters_per_arm": 40, "cluster_size_cv": 0.4, "effect": 0.2},
    "cluster, adjusted": {"clusters_per_arm": 40, "r2": 0.5, "effect": 0.14},
    "matched_pair": {},
    "crossover": {},
    "crossover, days alike": {"autocorrelation": 0.6},
    "did": {},
    "poisson_cluster": {},
    "poisson_cluster, adjusted": {"r2": 0.4},
    "poisson_cluster, no spread of rates": {"icc": 0, "dispersion": 1, "clusters_per_arm": 25},
    "two_proportions": {},
}


@pytest.mark.parametrize("case", CASES)
def test_formula_and_simulation_agree(case: str) -> None:
    asked = known(case.split(",")[0], **CASES[case], simulate=REPLICATES)
    found = answer(asked).document()
    assert found["warnings"] == []
    for name, expected in (
        ("simulated_power", found["power"]),
        ("simulated_size", 0.05),
        ("coverage", 0.95),
    ):
        error = math.sqrt(expected * (1 - expected) / REPLICATES)
        assert abs(found[name] - expected) < 3.5 * error, (name, found[name], expected)
        assert found[f"{name}_std_error"] == pytest.approx(
            math.sqrt(found[name] * (1 - found[name]) / REPLICATES)
        )


@pytest.mark.parametrize(("cac", "icc"), [(1.0, 0.2), (0.8, 0.05)])
def test_a_stepped_wedge_with_fixed_effects_has_a_little_less(cac: float, icc: float) -> None:
    """The formula knows the variances; the analysis takes each cluster's level out, and finds less, never more."""
    found = answer(known("stepped_wedge", cac=cac, icc=icc, simulate=600)).document()
    error = math.sqrt(0.25 / 600)
    assert found["power"] - 0.08 - 3 * error < found["simulated_power"] < found["power"] + 3 * error
    assert abs(found["simulated_size"] - 0.05) < 0.03
    assert abs(found["coverage"] - 0.95) < 0.03
