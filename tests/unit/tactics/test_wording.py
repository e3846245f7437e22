"""Plain words by rule: honest for every label, and on the outcome's own direction."""

from typing import Any

import pytest

from tactics.rating import Label
from tactics.wording import (
    LABEL_MEANINGS,
    TAG_COLOURS,
    Outcome,
    caution,
    change,
    effect,
    frequencies,
    headline,
    interval,
    prediction,
)

BURGLARY = Outcome("Burglary of homes", "burglaries", "lower")
SOLVED = Outcome("Crimes solved", "solved crimes", "higher")
ASB = Outcome("ASB incidents", "incidents", "lower")


def document(label: str, estimate: float | None = -0.25, k: int = 1, **changes: Any) -> dict[str, Any]:
    summary = None
    if estimate is not None:
        summary = {
            "estimate": estimate,
            "conf_low": estimate - 0.1,
            "conf_high": estimate + 0.1,
            "prediction_low": None if k < 3 else estimate - 0.3,
            "prediction_high": None if k < 3 else estimate + 0.3,
        }
    return {
        "label": label,
        "k": k,
        "strength": 4,
        "metric": "log_rate_ratio",
        "crt_code": "+3",
        "harm_not_excluded": False,
        "listed": [],
        "registry": {"registered": 2, "awaited": 2, "overdue": 0},
        "summary": summary,
        **changes,
    }


@pytest.mark.parametrize(
    ("value", "metric", "outcome", "words"),
    [
        (-0.25, "log_rate_ratio", BURGLARY, "22% lower"),
        (0.25, "log_rate_ratio", BURGLARY, "28% higher"),
        (-0.25, "log_rate_ratio", SOLVED, "28% higher"),
        (0.0, "log_rate_ratio", BURGLARY, "no change"),
        (-0.004, "log_rate_ratio", BURGLARY, "0.4% lower"),
        (-0.0001, "log_rate_ratio", BURGLARY, "no change"),
        (-0.21, "smd", BURGLARY, "0.21 standard deviations lower"),
        (-0.21, "smd", SOLVED, "0.21 standard deviations higher"),
        (0.001, "smd", BURGLARY, "no change"),
        (-12.3456, "difference", BURGLARY, "12.3 lower"),
        (0.0000123456, "difference", BURGLARY, "0.0000123 higher"),
        (-4321.0, "difference", BURGLARY, "4320 lower"),
    ],
)
def test_change_in_words(value: float, metric: str, outcome: Outcome, words: str) -> None:
    assert change(value, metric, outcome) == words


def test_interval_in_words() -> None:
    assert interval(-0.35, -0.15, "log_rate_ratio", BURGLARY) == "between 14% and 30% lower"
    assert interval(-0.2, 0.1, "log_rate_ratio", BURGLARY) == "anywhere from 18% lower to 11% higher"
    assert interval(0.15, 0.35, "log_rate_ratio", BURGLARY) == "between 16% and 42% higher"
    assert interval(-0.35, -0.15, "log_rate_ratio", SOLVED) == "between 16% and 42% higher"


def test_frequencies_only_for_counts() -> None:
    words = frequencies(document("promising"), BURGLARY)
    assert words == (
        "Where 100 burglaries would be expected without it, about 78 happened with it; "
        "the true figure is likely to lie between 70 and 86."
    )
    assert frequencies(document("promising", metric="smd"), BURGLARY) == ""
    assert frequencies(document("promising", None), BURGLARY) == ""
    assert frequencies(document("promising"), Outcome("Crime harm", "", "lower")) == ""


def test_odds_are_called_odds() -> None:
    words = effect(document("promising", metric="log_odds_ratio"), BURGLARY)
    assert words == "22% lower odds (between 14% and 30% lower)"


@pytest.mark.parametrize(
    ("label", "changes", "words"),
    [
        (
            "effective",
            {"k": 3},
            "Strong evidence from three trials that it reduces burglary of homes: 22% lower",
        ),
        ("promising", {"k": 1}, "It has not been repeated, so your result may differ"),
        ("promising", {"k": 2}, "Two trials suggest that it reduces burglary of homes"),
        ("mixed", {"k": 2}, "We cannot say what yours would see"),
        ("no_effect", {"estimate": -0.02}, "A reduction of 10% or more can be ruled out."),
        ("no_effect", {"harm_not_excluded": True}, "A harm of 5% or more cannot."),
        ("inconclusive", {"k": 1}, "This is not the same as “no effect”"),
        (
            "inconclusive",
            {"k": 0, "estimate": None, "listed": [1, 2]},
            "Looked at in 2 studies, but not securely",
        ),
        ("being_tested", {"k": 0, "estimate": None}, "Two trials are registered, and no result"),
        ("untested", {"k": 0, "estimate": None}, "it means that we do not know"),
        (
            "potentially_harmful",
            {"k": 2, "crt_code": "-3", "estimate": 0.3},
            "Two trials suggest that it raises",
        ),
        (
            "potentially_harmful",
            {"k": 2, "crt_code": "0"},
            "A secure trial found that it raises burglary of homes",
        ),
    ],
)
def test_headline_is_honest_for_each_label(label: str, changes: dict[str, Any], words: str) -> None:
    assert words in headline(document(label, **changes), BURGLARY)


def test_direction_follows_the_outcome() -> None:
    assert "raises crimes solved: 28% higher" in headline(document("promising"), SOLVED)
    assert "lowers crimes solved" in headline(document("potentially_harmful", 0.3, crt_code="-3"), SOLVED)
    assert "reduces ASB incidents" in headline(document("promising"), ASB)


def test_caution_and_prediction_follow_the_number_of_trials() -> None:
    assert "single trial" in caution(document("promising", k=1))
    assert "two trials" in caution(document("promising", k=2))
    assert caution(document("promising", k=3)) == ""
    assert prediction(document("promising", k=2), BURGLARY) == ""
    expected = "In a new place, expect anywhere from 42% lower to 5% higher burglary of homes."
    assert prediction(document("promising", k=3), BURGLARY) == expected


def test_every_label_has_its_words() -> None:
    assert set(LABEL_MEANINGS) == set(TAG_COLOURS) == set(Label)
