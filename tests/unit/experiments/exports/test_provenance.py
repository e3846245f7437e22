"""The four typed trials: each value is published or invented and never both, and what is published is in the list."""

import csv

import pytest

from tests import shared_data
from tests.unit.experiments.exports.provenance import PUBLISHED, ROWS, is_invented, stated
from tests.unit.experiments.exports.real_trials import REAL

each_trial = pytest.mark.parametrize("trial", REAL)


@pytest.fixture(scope="module")
def listed() -> dict[str, dict[str, str]]:
    """The rows of the list of published UK trials, by their keys."""
    path = shared_data.find("uk_trials.csv")
    if path is None:
        pytest.skip("the list of published UK trials (uk_trials.csv) is not beside the checkout")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


@each_trial
def test_each_value_is_published_or_invented_and_never_both(trial: str) -> None:
    values = dict(stated(REAL[trial]))
    assert set(PUBLISHED[trial]) <= set(values)
    in_both = [one for one in PUBLISHED[trial] if is_invented(trial, one)]
    in_none = [one for one in values if one not in PUBLISHED[trial] and not is_invented(trial, one)]
    assert (in_both, in_none) == ([], [])


@each_trial
def test_what_is_published_stands_in_the_protocol(trial: str) -> None:
    values = dict(stated(REAL[trial]))
    for pointer, fact in PUBLISHED[trial].items():
        assert fact.typed in str(values[pointer]), pointer


@each_trial
def test_what_is_published_is_what_the_list_says(trial: str, listed: dict[str, dict[str, str]]) -> None:
    row = listed[ROWS[trial]]
    for pointer, fact in PUBLISHED[trial].items():
        assert fact.said in row[fact.column], (pointer, row[fact.column])


@pytest.mark.parametrize("trial", ["southend", "rowan"])
def test_shares_and_sizes_are_those_of_the_list(trial: str, listed: dict[str, dict[str, str]]) -> None:
    """The shares of the draw and the units that were assigned, worked out from the published counts."""
    row, document = listed[ROWS[trial]], REAL[trial]
    total, treated, control = (int(row[name]) for name in ("n_total", "n_treated", "n_control"))
    shares = {one["arm"]: one["share"] for one in document["allocation"]["ratio"]}
    assert treated * shares["C"] == control * shares["T"]
    size, days = document["sample_size"], document["allocation"]["crossover"]["days"]
    assert size["planned_observations"] == size["planned_units"] * days == total == treated + control


def test_no_result_of_the_list_is_in_a_protocol(listed: dict[str, dict[str, str]]) -> None:
    for trial, key in ROWS.items():
        effect = listed[key]["effect_value"].lstrip("-")
        text = [str(value) for pointer, value in stated(REAL[trial]) if pointer != "/analysis_plan"]
        assert not effect or not [one for one in text if f"{effect} %" in one or f"{effect}%" in one]
