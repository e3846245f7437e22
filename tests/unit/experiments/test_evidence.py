"""What a rating is told of an analysis: whether it forgot that groups were drawn, whether the draw was concealed."""

from math import inf
from typing import Any

import pytest

from experiments.analysis.evidence import concealed, ignores_clusters, worst_balance
from experiments.models import Allocation
from experiments.protocol import Design
from experiments.stats import plan as plans
from tests.unit.experiments.protocol.documents import read


@pytest.mark.parametrize(
    ("estimator", "covariance", "ignores"),
    [
        ("ancova", "HC2", True),
        ("ancova", "CR2", False),
        ("cluster_means", "HC2", False),
        ("mixed", "classical", False),
        ("stepped_wedge", "classical", False),
    ],
)
def test_an_error_by_row_ignores_clusters_unless_the_model_has_them(
    estimator: str, covariance: str, ignores: bool
) -> None:
    plan = plans.parse(
        {
            "plan_version": 1,
            "columns": {"cluster": "station", "arm": "arm", "period": "month", "treatment": "on"},
            "arms": {"control": "control", "treatments": ["treatment"]},
            "seed": 1,
            "estimates": [{"id": "H1", "role": "primary", "outcome": "y", "estimator": "cluster_means"}],
        }
    )
    row = {"estimator": estimator, "covariance": covariance}
    assert ignores_clusters(Design.RCT_CLUSTER, row, plan) is ignores


@pytest.mark.parametrize(
    ("allocation", "level", "expected"),
    [
        (Allocation(commitment="c" * 64), "registry", True),
        (Allocation(seed_policy="public_beacon"), "registry", True),
        (Allocation(method="external"), "third_party", None),
        (Allocation(method="external"), "envelopes", None),
        (Allocation(method="external"), None, None),
        (Allocation(method="external"), "open", False),
        (None, "registry", None),
    ],
)
def test_a_list_drawn_elsewhere_is_not_known_to_be_concealed_unless_it_is_said_to_be_open(
    allocation: Allocation | None, level: str | None, expected: bool | None
) -> None:
    assert concealed(read(allocation__concealment_level=level), allocation) is expected


@pytest.mark.parametrize(
    ("differences", "worst"),
    [([0.1, -0.3], 0.3), ([0.1, None], inf), ([None], inf), ([], None)],
)
def test_a_covariate_that_is_constant_within_each_arm_is_the_worst_of_all(
    differences: list[float | None], worst: float | None
) -> None:
    rows: list[dict[str, Any]] = [{"covariate": "x", "standardised_difference": size} for size in differences]
    assert worst_balance({"balance": {"rows": rows}}) == worst
    assert worst_balance({}) is None
