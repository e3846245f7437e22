"""What a page says of one estimate."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from experiments.views.results import Estimate

ROW = {
    "id": "H1",
    "status": "ok",
    "role": "primary",
    "scale": "difference",
    "estimator": "twfe",
    "n_units": 40,
}


def estimate(**row: Any) -> Estimate:
    return Estimate({**ROW, **row}, "Complaints", "Fewer complaints.", "−0.0058", "−0.0112 to −0.0004")


def rendered(*shown: Estimate) -> str:
    return render_to_string("analyses/_estimates.html", {"estimates": shown})


def test_the_p_value_beside_an_interval_is_the_one_that_agrees_with_it():
    page = rendered(estimate(p_value=0.0357, p_value_adjusted=0.0714))
    assert "0.036<br>" in page
    assert "0.071 adjusted" in page
    assert "allows for the other tests of the same family" in page


@pytest.mark.parametrize("adjusted", [None, 0.0357], ids=["not adjusted", "alone in its family"])
def test_an_adjustment_that_changes_nothing_is_not_shown(adjusted):
    page = rendered(estimate(p_value=0.0357, p_value_adjusted=adjusted))
    assert "0.036" in page
    assert "adjusted" not in page


def test_the_note_on_adjusted_p_values_stands_once():
    page = rendered(*(estimate(id=f"H{i}", p_value=0.01, p_value_adjusted=0.02) for i in (1, 2)))
    assert page.count("allows for the other tests") == 1
