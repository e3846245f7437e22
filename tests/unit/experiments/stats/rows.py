"""Plans on rows that are not followed, and the public function on them, for tests."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.stats.estimators.callaway_santanna_rows import callaway_santanna_rows
from experiments.stats.staggered.effects import GroupTimeEffects
from tests.unit.experiments.stats import panels

NO_UNIT = {"unit": None}
KEEP = {"unbalanced": "keep"}
CS = "callaway_santanna"


def made(frame: pd.DataFrame, *, columns: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the row of an estimate from repeated cross-sections."""
    return panels.made(frame, CS, columns=NO_UNIT | (columns or {}), **changes)


def refused(frame: pd.DataFrame, *, columns: dict[str, Any] | None = None, **changes: Any) -> str:
    """Return why the estimate could not be made, having seen that it holds no number."""
    found = panels.row(frame, CS, columns=NO_UNIT | (columns or {}), **changes)
    assert found["status"] == "not_estimable", found["estimate"]
    assert [found[name] for name in ("estimate", "std_error", "p_value", "conf_low")] == [None] * 4
    assert not found["terms"]
    return str(found["reason"])


def effects(frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), **changes: Any) -> GroupTimeEffects:
    """Return what the public function makes of a frame."""
    return callaway_santanna_rows(
        frame["y"].to_numpy(dtype=float),
        np.where(frame["first"] == 0, np.inf, frame["first"]),
        frame["period"].to_numpy(dtype=float),
        covariates=frame[list(covariates)].to_numpy(dtype=float) if covariates else None,
        **changes,
    )
