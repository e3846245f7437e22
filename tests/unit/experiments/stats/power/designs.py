"""Designs for the tests of power, with what they leave open."""

from typing import Any

from experiments.stats.power.answer import Answer, answer
from experiments.stats.power.design import Design, parse
from experiments.stats.power.solving import solve

# One of each design, everything known but the power.
KNOWN: dict[str, dict[str, Any]] = {
    "individual": {"effect": 0.4, "n_per_arm": 80, "r2": 0.2},
    "cluster": {"effect": 0.3, "clusters_per_arm": 15, "cluster_size": 25, "icc": 0.05},
    "matched_pair": {"effect": 0.3, "clusters_per_arm": 12, "cluster_size": 25, "icc": 0.05, "r2": 0.3},
    "stepped_wedge": {
        "effect": 0.2,
        "clusters_per_arm": 3,
        "cluster_size": 20,
        "icc": 0.05,
        "steps": 5,
        "cac": 0.8,
    },
    "crossover": {"effect": 0.15, "clusters_per_arm": 14, "ratio": 0.5, "periods": 60, "icc": 0.2},
    "did": {"effect": 0.4, "n_per_arm": 40, "periods": 12, "autocorrelation": 0.4},
    "poisson_cluster": {
        "effect": -0.3,
        "clusters_per_arm": 60,
        "cluster_size": 12,
        "icc": 0.087,
        "baseline_rate": 0.42,
        "dispersion": 1.26,
    },
    "two_proportions": {"effect": -0.1, "n_per_arm": 150, "baseline_rate": 0.3},
}


def known(name: str, **changes: Any) -> dict[str, Any]:
    """One of the known designs, changed."""
    return {"design": name, **KNOWN[name], **changes}


def solved(design: str, **keys: Any) -> Design:
    """The design with its open number filled in."""
    return solve(parse({"design": design, **keys}))


def answered(design: str, **keys: Any) -> Answer:
    """The whole answer to a design."""
    return answer({"design": design, **keys})
