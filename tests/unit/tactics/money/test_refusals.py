"""What no sum of money is made of."""

from dataclasses import replace
from typing import Any

import pytest

from tactics.money import Amount, Deflator, Place, appraise, band, band_words, forecast, year_of
from tactics.synthesis import NotEstimable
from tests.unit.tactics.money.examples import PATROL, ROBBERY, fixed, inputs, rate_ratio, summary


@pytest.mark.parametrize(
    ("found", "metric", "strength", "place", "words"),
    [
        (summary(), "smd", 3, "average", "standard deviations"),
        (summary(), "difference", 3, "average", "own units"),
        (summary(), "", 3, "average", "no effect"),
        (None, "log_rate_ratio", 3, "average", "no estimate"),
        (summary(estimate=None), "log_rate_ratio", 3, "average", "no estimate"),
        (summary(std_error=0.0), "log_rate_ratio", 3, "average", "no usable standard error"),
        (summary(std_error=float("nan")), "log_rate_ratio", 3, "average", "no usable standard error"),
        (summary(), "log_rate_ratio", 0, "average", "0 of 5"),
        (summary(), "log_rate_ratio", 3, "new", "3 or more trials; there is 1"),
        (summary(k=2), "log_rate_ratio", 3, "new", "there are 2"),
    ],
)
def test_no_forecast(found: Any, metric: str, strength: int, place: Place, words: str) -> None:
    with pytest.raises(NotEstimable) as refusal:
        forecast(found, metric, strength, place)
    assert words in refusal.value.message


ODDS = replace(rate_ratio(), metric="log_odds_ratio")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit_cost": replace(ROBBERY, basis="verify")}, "has not been confirmed"),
        ({"costs": ()}, "Nobody has said what the tactic costs"),
        ({"costs": (replace(PATROL, per_year=Amount(3, 2, 1)),)}, "in that order"),
        ({"costs": (fixed(-1.0),)}, "0 or more"),
        ({"costs": (fixed(float("nan")),)}, "0 or more"),
        ({"costs": (replace(PATROL, incidents=0.0),)}, "for how many incidents"),
        ({"incidents": 0.0}, "above 0"),
        ({"incidents": float("inf")}, "above 0"),
        ({"years": 0}, "from 1 to 30"),
        ({"effect_years": 31}, "from 1 to 30"),
        ({"discount_rate": 1.0}, "discount rate"),
        ({"multiplier": 2.0}, "where the number of crimes"),
        ({"multiplier": 0.5, "multiplier_source": "A survey"}, "from 1 to 1,000"),
        ({"futures": 10}, "number of futures"),
        ({"forecast": ODDS}, "odds ratio"),
        ({"forecast": ODDS, "baseline_risk": 1.0}, "between 0 and 1"),
        ({"baseline_risk": 0.2}, "a rate ratio"),
        ({"price_year": "2024/25"}, "no price index"),
        ({"price_year": "2024/25", "deflator": Deflator("Index", {"2015/16": 1.0})}, "no value for 2024/25"),
        ({"costs": (replace(PATROL, price_year="2023/24"),)}, "cannot be compared"),
    ],
)
def test_no_appraisal(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NotEstimable) as refusal:
        appraise(inputs(**changes))
    assert words in refusal.value.message


def test_an_unknown_police_part_is_not_known_and_never_nothing() -> None:
    found = appraise(inputs())

    assert (found.police_benefit, found.rest_benefit, found.police_net_benefit) == (None, None, None)
    assert "does not say" in found.reasons["police"]


def test_no_cost_no_ratio() -> None:
    found = appraise(inputs(costs=(fixed(0.0),)))

    assert found.ratio is None
    assert found.reasons["ratio"]


@pytest.mark.parametrize(
    ("text", "year"),
    [("2015/16", "2015/16"), ("2015-16", "2015/16"), ("2015", "2015"), ("1999/00", "1999/00")],
)
def test_price_years_have_one_spelling(text: str, year: str) -> None:
    assert year_of(text) == year


@pytest.mark.parametrize("text", ["", "15/16", "2015/17", "2015/2016", "soon"])
def test_what_is_no_price_year_is_refused(text: str) -> None:
    with pytest.raises(NotEstimable):
        year_of(text)


def test_bands_are_half_open() -> None:
    assert [band(pounds) for pounds in (0, 20_000, 20_000.01, 100_000, 500_000, 2_000_000, 2_000_001)] == [
        1,
        1,
        2,
        2,
        3,
        4,
        5,
    ]
    assert band_words(1) == "up to £20,000"
    assert band_words(3) == "over £100,000 and up to £500,000"
    assert band_words(5) == "over £2,000,000"
