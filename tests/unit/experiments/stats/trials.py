"""Plans of trials for tests, run through the whole engine."""

from typing import Any

import pandas as pd

from experiments import stats
from tests.unit.experiments.stats import plans


def document(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    """Return the result document of a plan of one estimate."""
    columns = plans.COLUMNS | changes.pop("columns", {})
    whole = {
        name: changes.pop(name) for name in ("alpha", "checks", "multiplicity", "arms") if name in changes
    }
    found: dict[str, Any] = stats.run(
        plans.plan(plans.estimate(estimator, **changes), columns=columns, **whole), frame
    ).document()
    return found


def row(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    """Return the estimate's row."""
    found: dict[str, Any] = document(frame, estimator, **changes)["estimates"][0]
    return found


def made(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    """Return the row of an estimate that could be made."""
    found = row(frame, estimator, **changes)
    assert found["status"] == "ok", found["reason"]
    return found
