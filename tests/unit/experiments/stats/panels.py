"""Plans on panels for tests, run through the whole engine."""

from typing import Any

import pandas as pd

from experiments import stats

COLUMNS = {"unit": "unit", "period": "period", "first_treated": "first"}


def plan(
    estimator: str, *, columns: dict[str, Any] | None = None, checks: tuple[str, ...] = (), **changes: Any
) -> dict[str, Any]:
    """Return a plan of one estimate."""
    one = {"id": "H1", "role": "primary", "outcome": "y", "estimand": "ATT", "estimator": estimator} | changes
    return {
        "plan_version": 1,
        "columns": COLUMNS | (columns or {}),
        "seed": 7,
        "estimates": [one],
        "checks": list(checks),
    }


def row(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    """Return the estimate's row of the result document."""
    found: dict[str, Any] = stats.run(plan(estimator, **changes), frame).document()["estimates"][0]
    return found


def made(frame: pd.DataFrame, estimator: str, **changes: Any) -> dict[str, Any]:
    """Return the row of an estimate that could be made."""
    found = row(frame, estimator, **changes)
    assert found["status"] == "ok", found["reason"]
    return found


def terms(found: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return estimate and standard error of each term."""
    return {term["term"]: (term["estimate"], term["std_error"]) for term in found["terms"]}
