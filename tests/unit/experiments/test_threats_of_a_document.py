"""The facts behind threats, read from a document as the engine writes it."""

import numpy as np
import pandas as pd

from experiments import stats
from experiments.analysis import threats
from experiments.stats import plan as plans
from tactics.rating import CURRENT, Direction, Level, Threat
from tests.unit.experiments.protocol.documents import read
from tests.unit.experiments.test_threats import PLACES, measured


def test_what_the_engine_writes_is_what_is_read() -> None:
    """Calls fell by 4 inside and rose by 3 around; an arm lost 6 of 40; areas differ between the arms."""
    n = np.arange(80)
    arm = np.where(n % 2 == 0, "a", "control")
    treated = arm == "a"
    calls = 10.0 - 4 * treated + n // 2 % 5
    frame = pd.DataFrame(
        {
            "unit": n.astype(str),
            "arm": arm,
            "calls": np.where(n < 12, np.where(treated, np.nan, calls), calls),
            "calls_buffer": 20.0 + 3 * treated + n // 2 % 5,
            "size": 1.0 * treated + n // 2 % 2,
        }
    )
    plan = plans.parse(
        {
            "plan_version": 1,
            "columns": {"unit": "unit", "arm": "arm"},
            "arms": {"control": "control", "treatments": ["a"]},
            "seed": 1,
            "estimates": [
                {"id": "H1", "role": "primary", "outcome": "calls", "estimator": "difference_in_means"},
                {"id": "D1", "role": "harm", "outcome": "calls_buffer", "estimator": "difference_in_means"},
                {
                    "id": "S1",
                    "role": "exploratory",
                    "outcome": "calls",
                    "estimator": "ancova",
                    "covariates": ["size"],
                },
            ],
            "checks": ["balance", "attrition", "displacement"],
        }
    )
    document = stats.run(plan, frame).document()
    estimates = {one["id"]: one for one in document["estimates"]}
    made = {spec.id: spec for spec in plan.estimates}
    primary = estimates["H1"]
    found = measured(
        spec=made["H1"],
        specs=made,
        estimates=estimates,
        checks=document["checks"],
        numbers=(primary["estimate"], primary["conf_low"], primary["conf_high"]),
        missing_share=float(frame["calls"].isna().mean()),
    )
    hot_spots = read(**PLACES, design__buffer_metres=150.0)
    judged = [
        threats._confounding(hot_spots, found, CURRENT),
        threats._spillover(hot_spots, hot_spots.outcomes[0], found, CURRENT),
        threats._missing(found, CURRENT),
    ]
    assert judged == [
        Threat("T1", Level.HIGH, reason="largest baseline difference 1.97 SD, not adjusted"),
        Threat("T3", Level.HIGH, Direction.FAVOURS, "catchment increase cancels 76% of the effect"),
        Threat("T5", Level.MODERATE, reason="8% missing, with bounds or a sensitivity analysis"),
    ]
