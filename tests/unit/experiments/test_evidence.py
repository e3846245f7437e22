"""What a rating is told of an analysis: whether it forgot that groups were drawn."""

import pytest

from experiments.analysis.evidence import ignores_clusters
from experiments.protocol import Design
from experiments.stats import plan as plans


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
