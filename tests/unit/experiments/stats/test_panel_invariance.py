"""What must not change the answer does not: order, names, threads, hash seeds; what must, does by the right amount."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments import stats
from tests.conftest import ROOT
from tests.reference import vectors
from tests.unit.experiments.stats.panels import CASES, document, frame_for, made, plan, terms


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_rows_does_not_change_a_byte(name: str) -> None:
    frame = frame_for(name)
    first = document(frame, name)
    for seed in (1, 2):
        assert document(frame.sample(frac=1, random_state=seed), name) == first


@pytest.mark.parametrize("name", CASES)
def test_the_names_of_the_units_do_not_matter(name: str) -> None:
    estimator, changes = CASES[name]
    frame = frame_for(name)
    renamed = frame.assign(unit=[f"beat {(7 * unit) % 24:02}" for unit in frame["unit"]])
    one, other = made(frame, estimator, **changes), made(renamed, estimator, **changes)
    # Draws are dealt over the units in the order of their names.
    is_drawn = one["covariance"] == "randomisation"
    numbers = [key for key in ("estimate", "std_error", "p_value") if not is_drawn or key != "p_value"]
    for key in numbers:
        assert other[key] == (None if one[key] is None else pytest.approx(one[key], rel=1e-7))


# Two look at levels before adoption, or at their variance; the third has weights among its terms, which do not scale.
LEVELS = frozenset({"roth_santanna", "synthetic_control", "synthetic_did"})


@pytest.mark.parametrize("name", sorted(CASES.keys() - LEVELS))
def test_scale_and_shift_of_the_outcome(name: str) -> None:
    estimator, changes = CASES[name]
    frame = frame_for(name)
    one = made(frame, estimator, **changes)
    moved = frame.assign(y=10 * frame["y"] + 3 + frame["unit"] + 2 * frame["period"])
    other = made(moved, estimator, **changes)
    assert other["estimate"] == pytest.approx(10 * one["estimate"], rel=1e-8)
    assert other["std_error"] == pytest.approx(10 * one["std_error"], rel=1e-8)
    for term, (estimate, _) in terms(one).items():
        assert terms(other)[term][0] == pytest.approx(10 * estimate, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", ["twfe", "event_study", "dynamic"])
def test_calendar_years_are_as_good_as_counted_periods(name: str) -> None:
    estimator, changes = CASES[name]
    frame = frame_for(name)
    later = frame.assign(
        period=frame["period"] + 2010, first=frame["first"].where(frame["first"] == 0, frame["first"] + 2010)
    )
    one, other = made(frame, estimator, **changes), made(later, estimator, **changes)
    assert other["estimate"] == pytest.approx(one["estimate"], rel=1e-9)


def test_a_weight_of_two_is_two_units() -> None:
    frame = vectors.panel()
    frame["w"] = 1.0 + (frame["unit"] < 8)
    twins = pd.concat([frame, frame[frame["unit"] < 8].assign(unit=lambda rows: rows["unit"] + 100)])
    options = {"aggregation": "simple", "control_group": "never_treated"}
    weighted = made(frame, "callaway_santanna", options=options, columns={"weight": "w"})
    assert weighted["estimate"] == pytest.approx(
        made(twins, "callaway_santanna", options=options)["estimate"], rel=1e-10
    )


@pytest.mark.slow
def test_threads_and_hash_seeds_do_not_change_a_byte(tmp_path: Path) -> None:
    frame, found = tmp_path / "panel.csv", set()
    vectors.panel().to_csv(frame, index=False)
    program = (
        "import sys, pandas; sys.path.insert(0, '.');"
        "from tests.unit.experiments.stats.panels import BLOCK, CASES, document;"
        "data = pandas.read_csv(sys.argv[1]);"
        "sys.stdout.buffer.write(b'|'.join(document(data, name) for name in CASES if name not in BLOCK))"
    )
    for seed, threads in (("0", "1"), ("1", "2"), ("12345", "4")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        done = subprocess.run(
            [sys.executable, "-c", program, str(frame)], cwd=ROOT, env=environment, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("name", CASES)
def test_the_leads_of_every_estimate_can_be_tested_or_are_refused_in_words(name: str) -> None:
    estimator, changes = CASES[name]
    found = stats.run(plan(estimator, checks=("pre_trends",), **changes), frame_for(name)).document()
    check = found["checks"]["pre_trends"]
    if name.startswith("synthetic"):
        assert "made to agree before adoption" in check["explanation"]
    else:
        assert check["p_value"] is not None, check["explanation"]


def test_leads_of_a_rate_ratio() -> None:
    found = stats.run(
        plan("poisson_twfe", outcome="count", checks=("pre_trends",)), vectors.panel()
    ).document()
    assert found["checks"]["pre_trends"]["p_value"] is not None
