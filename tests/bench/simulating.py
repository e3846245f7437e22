"""One worker of a design diagnosis: `python -m tests.bench.simulating` says when it is ready, and is sent its parts."""

import json
import sys
from typing import Any

from experiments.stats.diagnosis import Design, OutcomeShape, replicates
from experiments.stats.plan import Plan, parse

SEED = 20_261_127
ARMS = {"control": "control", "treatments": ["treatment"]}
TRIAL = {"unit": "unit", "cluster": "beat", "arm": "arm"}
PANEL = {"unit": "unit", "period": "month", "first_treated": "start"}


def _plan(estimator: str, columns: dict[str, str], **more: Any) -> Plan:
    estimate = {"id": "H1", "role": "primary", "outcome": "y", "estimator": estimator, **more}
    arms = ARMS if "arm" in columns else None
    return parse({"plan_version": 1, "columns": columns, "arms": arms, "seed": SEED, "estimates": [estimate]})


COUNT = {"y": OutcomeShape("count", 10.0, 2.0, -0.15)}
DESIGNS: dict[str, tuple[Plan, Design]] = {
    "cluster trial, Poisson with CR2": (
        _plan("poisson", TRIAL, covariance="CR2"),
        Design(COUNT, n_units=360, n_clusters=60, icc=0.02),
    ),
    "staggered panel, Callaway–Sant'Anna": (
        _plan("callaway_santanna", PANEL, options={"control_group": "not_yet_treated"}),
        Design(COUNT, n_units=430, n_periods=24, starts=(9, 13, 17), never_share=0.4, autocorrelation=0.5),
    ),
}


def main() -> None:
    """Answer each line, a name and its replicates, with what came out."""
    for name in DESIGNS:  # what is loaded or compiled at the first run comes before the clock
        plan, design = DESIGNS[name]
        replicates(plan, design, seed=SEED, numbers=[0], factors=(1.0,))
    print("ready", flush=True)
    for line in sys.stdin:
        name, numbers = json.loads(line)
        plan, design = DESIGNS[name]
        print(json.dumps(replicates(plan, design, seed=SEED, numbers=numbers)), flush=True)


if __name__ == "__main__":
    main()
