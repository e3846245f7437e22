"""Plans for tests: one estimate on the columns of the small vectors, with whatever the test changes."""

from typing import Any

COLUMNS = {"unit": "unit", "cluster": "cluster", "arm": "arm"}
ARMS = {"control": "control", "treatments": ["treatment"]}


def estimate(estimator: str, **changes: Any) -> dict[str, Any]:
    """One estimate of a plan."""
    return {"id": "H1", "role": "primary", "outcome": "y", "estimator": estimator} | changes


def plan(*estimates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A whole plan on vector B."""
    whole = {"plan_version": 1, "columns": COLUMNS, "arms": ARMS, "seed": 7, "estimates": list(estimates)}
    return whole | changes
