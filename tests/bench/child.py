"""One package in one process: `python -m tests.bench.child QUESTION PACKAGE UNITS REPEATS` prints its figures as JSON.

UNITS is the number of generated units, or 0 for the published panel. Reading and importing come before the clock.
"""

import contextlib
import io
import json
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd

from experiments.management.walking.measuring import forget_peak, peak_mb
from experiments.stats.simulate import rollout_panel, staggered_panel
from tests import shared_data
from tests.bench.packages import ASKED, FIRST, OUTCOME, PERIOD, UNIT

COLUMNS = [UNIT, PERIOD, FIRST, OUTCOME]


def panel(units: int) -> pd.DataFrame:
    """Return the published panel (0), or a generated one of its shape with so many units."""
    path = shared_data.training_panel()
    if units or path is None:
        found = rollout_panel(units or 7_785)[COLUMNS]
    else:
        found = pd.read_csv(path, usecols=COLUMNS)[COLUMNS]
    return found.astype({UNIT: int, PERIOD: int, FIRST: int, OUTCOME: float})


def national(units: int, periods: int, effect: float) -> pd.DataFrame:
    """Return a generated panel of neighbourhoods or forces by months, five starts, with a second regressor."""
    frame = staggered_panel(units, periods, n_cohorts=5, effect=effect, growth=0.0)
    treated = (frame["first_treated"] > 0) & (frame["period"] >= frame["first_treated"])
    return frame.assign(treated=treated.astype(float), w=np.sin(0.7 * np.arange(len(frame))))


def trial(units: int) -> pd.DataFrame:
    """Return a trial of so many people, half of them treated, with a covariate."""
    random = np.random.default_rng(20261127)
    x = random.normal(size=units)
    treated = random.permutation(np.arange(units) % 2)
    y = 0.5 * x + 0.02 * treated + random.normal(size=units)
    return pd.DataFrame({"unit": np.arange(units), "arm": treated, "x": x, "y": y})


# Periods and effect: the test of the forces is of a small one, so that its p value says something.
NATIONAL = {"national_two_way": (120, 0.5), "national_dynamic": (60, 0.5), "wild": (120, 0.05)}


TRIALS = ("redraw", "redraw_adjusted")


def data_of(question: str, units: int) -> pd.DataFrame:
    """Return the data of a question."""
    if question in TRIALS:
        return trial(units)
    return national(units, *NATIONAL[question]) if question in NATIONAL else panel(units)


def measure(question: str, package: str, units: int, repeats: int) -> dict[str, object]:
    """Ask so many times. What a package compiles or loads at its first answer is in the first time."""
    data = data_of(question, units)
    ask = ASKED[question][package](data)
    forget_peak(os.getpid())
    loaded = peak_mb(os.getpid()) or 0.0
    seconds = []
    answer = {}
    for _ in range(repeats):
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):  # some print a table
            answer = ask()
        seconds.append(time.perf_counter() - started)
    peak = peak_mb(os.getpid()) or 0.0
    return {
        "rows": len(data),
        "units": int(data["unit" if "unit" in data else UNIT].nunique()),
        "seconds": seconds,
        "beyond_mb": peak - loaded,
        "answer": answer,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asked, name, size, times = sys.argv[1:]
    print(json.dumps(measure(asked, name, int(size), int(times))))
