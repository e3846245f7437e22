"""Plans on panels for tests, run through the whole engine."""

import json
from typing import Any

import pandas as pd

from experiments import stats
from tests.reference import vectors

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


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "twfe": ("twfe", {"covariance": "CR2"}),
    "event_study": ("event_study", {"covariance": "CR1"}),
    "two_by_two": ("two_by_two", {}),
    "sun_abraham": ("sun_abraham", {}),
    "imputation": ("imputation", {}),
    "synthetic_control": ("synthetic_control", {}),
    "synthetic_did": ("synthetic_did", {"covariance": "jackknife"}),
    "roth_santanna": (
        "roth_santanna",
        {"covariance": "randomisation", "options": {"aggregation": "dynamic", "draws": 99}},
    ),
    "dynamic": (
        "callaway_santanna",
        {"options": {"aggregation": "dynamic", "control_group": "not_yet_treated"}, "covariates": ["x"]},
    ),
    "bootstrap": (
        "callaway_santanna",
        {"options": {"aggregation": "dynamic"}, "covariance": "multiplier_bootstrap"},
    ),
}


BLOCK = frozenset({"two_by_two", "synthetic_control", "synthetic_did"})


def frame_for(name: str) -> pd.DataFrame:
    frame = vectors.panel()
    return frame[frame["first"].isin([0, 6])] if name in BLOCK else frame


def document(frame: pd.DataFrame, name: str) -> bytes:
    """Return the bytes of the result, but for what was measured of the run itself."""
    estimator, changes = CASES[name]
    found = stats.run(plan(estimator, checks=("pre_trends",), **changes), frame).document()
    found["provenance"] |= {"started_at": "", "seconds": 0, "threads": 0}
    return json.dumps(found, sort_keys=True).encode()
