"""Places that were drawn day by day, by the draw of the registry itself, for tests."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments import randomise, stats
from experiments.randomise import Arm, Crossover, Scheme, Unit
from experiments.stats.draws import standard_normals, stream
from experiments.stats.registered import DayRules, DrawnDays, Registered

FIRST_DAY = dt.date(2026, 3, 2)
COLUMNS = {"unit": "spot", "period": "day", "arm": "arm"}
ARMS = {"control": "C", "treatments": ["T"]}
HALF = Scheme("crossover", (Arm("C"), Arm("T")), crossover=Crossover(28, 4, 2))
# 7 of 21 places a day on average: one day in three.
THIRD = Scheme("crossover", (Arm("C", 2), Arm("T", 1)), crossover=Crossover(30, 6, 4, 1, "C"))


def drawn(places: int, scheme: Scheme = HALF, seed: str = "s") -> Mapping[str, tuple[str, ...]]:
    """Return the arms of each place, day after day."""
    units = [Unit(f"P{number:03d}") for number in range(places)]
    return randomise.draw(units, scheme, seed).periods


def frame(arms: Mapping[str, tuple[str, ...]], *, effect: float = 1.0, carry: float = 0.0) -> pd.DataFrame:
    """Return places with levels, days with a week's rhythm, and an effect, part of which lasts into the next day."""
    z = np.array([[arm == "T" for arm in days] for days in arms.values()], dtype=float)
    bits = stream(1, "crossover", "test")
    y = standard_normals(bits, (len(z), 1)) + 0.5 * np.cos(2 * np.pi * np.arange(z.shape[1]) / 7)
    y = y + effect * z + standard_normals(bits, z.shape)
    y[:, 1:] += carry * z[:, :-1]
    return pd.DataFrame(
        {
            "spot": np.repeat(list(arms), z.shape[1]),
            "day": np.tile(dates(z.shape[1]), len(z)),
            "arm": [arm for days in arms.values() for arm in days],
            "x": np.sin(1.0 + np.arange(z.size)),
            "y": y.ravel(),
        }
    )


def dates(count: int) -> list[str]:
    return [(FIRST_DAY + dt.timedelta(days=number)).isoformat() for number in range(count)]


def registered(arms: Mapping[str, tuple[str, ...]], scheme: Scheme = HALF) -> Registered:
    """Return what the registry tells the engine of such a draw."""
    rules = scheme.crossover
    assert rules is not None
    days = DayRules(rules.block_days, rules.max_run, rules.washout_days, rules.comparator)
    return Registered(
        shares={arm.label: float(arm.ratio) for arm in scheme.arms},
        cannot_redraw="draw of places and days",
        days=DrawnDays(days, tuple(dates(rules.n_days)), dict(arms)),
    )


def plan(
    *, columns: dict[str, Any] | None = None, checks: tuple[str, ...] = (), **changes: Any
) -> dict[str, Any]:
    one = {"id": "H1", "role": "primary", "outcome": "y", "estimator": "crossover"} | changes
    return {
        "plan_version": 1,
        "columns": COLUMNS | (columns or {}),
        "arms": ARMS,
        "seed": 7,
        "estimates": [one],
        "checks": list(checks),
    }


def row(data: pd.DataFrame, known: Registered | None = None, **changes: Any) -> dict[str, Any]:
    """Return the estimate's row of the result document."""
    found: dict[str, Any] = stats.run(plan(**changes), data, registered=known).document()["estimates"][0]
    return found


def made(data: pd.DataFrame, known: Registered | None = None, **changes: Any) -> dict[str, Any]:
    """Return the row of an estimate that could be made."""
    found = row(data, known, **changes)
    assert found["status"] == "ok", found["reason"]
    return found


def terms(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {term["term"]: term for term in found["terms"]}
