"""Run: python -m tests.bench.again [shuffled] — makes each estimate by each covariance, and prints every document.

One process makes them once; whether another makes the same is for who calls.
"""

import json
import sys
from typing import Any

import pandas as pd

from experiments import stats
from experiments.stats.errors import BadPlan
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.simulate import staggered_panel
from tests.reference import vectors
from tests.unit.experiments.stats import crossovers

TRIAL = {"unit": "unit", "cluster": "cluster", "arm": "arm"}
PANEL = {"unit": "unit", "period": "period", "first_treated": "first"}
OUTCOMES = {"logistic": "yes", "poisson": "count", "negative_binomial": "count", "poisson_twfe": "count"}
BLOCKS = ("two_by_two", "synthetic_control", "synthetic_did", "triple_difference")


def trial() -> pd.DataFrame:
    """Return a trial of 20 clusters: that of the reference twice, once with other values."""
    one = vectors.clusters()
    other = one.assign(cluster=one["cluster"] + 10, unit="b" + one["unit"], y=one["y"].iloc[::-1].to_numpy())
    both = pd.concat([one, other], ignore_index=True)
    return both.assign(
        received=both["z"] * (both.index % 4 > 0),
        yes=(both["y"] > both["y"].median()).astype(float),
        count=(4 * (both["y"] + 2)).astype(int),
    )


def panel(estimator: str) -> pd.DataFrame:
    """Return 60 units by 24 periods, with one start where the estimator knows only one."""
    made = staggered_panel(60, 24, n_cohorts=2, never_share=0.4, seed=5).rename(
        columns={"first_treated": "first"}
    )
    made["count"] = (10 + 3 * (made["y"] - made["y"].min())).astype(int)
    made["hit"] = (made["unit"] % 3 == 0).astype(int)
    starts = sorted(made["first"].unique())
    return made[made["first"].isin(starts[:2])] if estimator in BLOCKS else made


def data_for(estimator: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return rows, and what a plan says of them."""
    if estimator == "crossover":
        frame = crossovers.frame(crossovers.drawn(21))
        return frame, {"columns": crossovers.COLUMNS, "arms": crossovers.ARMS}
    if ESTIMATOR_RULES[estimator].panel or estimator == "stepped_wedge":
        return panel(estimator), {"columns": PANEL}
    columns = {**TRIAL, **({"received": "received"} if estimator == "iv" else {})}
    return trial(), {"columns": columns, "arms": {"control": "control", "treatments": ["treatment"]}}


def documents(*, is_shuffled: bool) -> dict[str, Any]:
    """Return what the engine makes of each estimator and covariance that can be had here; else why not."""
    found: dict[str, Any] = {}
    for estimator, rule in ESTIMATOR_RULES.items():
        frame, said = data_for(estimator)
        frame = frame.sample(frac=1, random_state=3).reset_index(drop=True) if is_shuffled else frame
        for covariance in rule.covariances:
            options: dict[str, Any] = {name: 499 for name in ("draws", "reps") if name in rule.options}
            if "draws" in options and covariance != "multiplier_bootstrap":
                options.pop("reps", None)
            if "affected" in rule.options:
                options["affected"] = "hit"
            if estimator == "crossover":
                options |= {"block_days": 4, "max_run": 2}
            one = {
                "id": "H1",
                "role": "primary",
                "outcome": OUTCOMES.get(estimator, "y"),
                "estimator": estimator,
                "covariance": covariance,
                "options": options,
            }
            plan = {"plan_version": 1, "seed": 7, "estimates": [one], "checks": [], **said}
            try:
                document = stats.run(plan, frame).document()
            except BadPlan as refusal:
                found[f"{estimator}, {covariance}"] = str(refusal)
                continue
            found[f"{estimator}, {covariance}"] = document["estimates"][0]
    return found


if __name__ == "__main__":
    json.dump(documents(is_shuffled="shuffled" in sys.argv[1:]), sys.stdout)
