"""The hours account: what may be said, what is added to what, and what all forces might save."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from centre.errors import Invalid
from tactics.hours import Claim, HoursSaid, cleaned, ratios, scale_up, sums
from tactics.synthesis import NotEstimable

TODAY = date(2026, 6, 1)
SAID = HoursSaid(
    starts_on=date(2025, 4, 1),
    ends_on=date(2026, 3, 31),
    gross_hours=Decimal("900"),
    cost_hours=Decimal("250.5"),
    cost_words="Set-up 100, training 80, checking 60.5, correcting errors 10",
    net_low=Decimal("400"),
    net_high=Decimal("800"),
    incidents=1_250,
    counted_as="domestic abuse calls",
    basis="measured",
    status="realised",
    how_known="Duty records before and after, by an analyst.",
)


def claim(**changes: Any) -> Claim:
    values: dict[str, Any] = {
        "force": "A Police",
        "starts_on": date(2025, 1, 1),
        "ends_on": date(2025, 12, 31),
        "gross": Decimal(1_200),
        "cost": Decimal(200),
        "low": Decimal(600),
        "high": Decimal(1_500),
        "incidents": 2_000,
        "counted_as": "calls",
        "basis": "measured",
        "status": "realised",
        "officers": Decimal(1_000),
        **changes,
    }
    return Claim(**values)


A = claim()
B = claim(
    force="B Police",
    starts_on=date(2025, 7, 1),
    ends_on=date(2025, 12, 31),
    gross=Decimal(2_000),
    cost=Decimal(500),
    low=Decimal(1_000),
    high=Decimal(2_200),
    incidents=3_000,
    officers=Decimal(2_500),
)
STRONG: dict[str, Any] = {"strength": 3, "officers": Decimal("124783.97")}


# --- what may be said ---------------------------------------------------------------------------------


def problems(said: HoursSaid) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        cleaned(said, today=TODAY)
    return {one.pointer: one.message for one in refused.value.problems}


def test_what_is_whole_is_taken() -> None:
    assert cleaned(replace(SAID, counted_as=" domestic abuse calls "), today=TODAY) == SAID
    ahead = replace(SAID, status="claimed", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    assert cleaned(ahead, today=TODAY) == ahead


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"starts_on": None}, "starts_on", "Enter the first day of the period"),
        ({"ends_on": None}, "ends_on", "Enter the last day of the period"),
        ({"ends_on": date(2025, 3, 31)}, "ends_on", "The last day must be on or after the first"),
        ({"starts_on": date(2021, 3, 27)}, "ends_on", "A period must be five years or shorter"),
        (
            {"ends_on": date(2026, 6, 2)},
            "ends_on",
            "Hours that are realised lie in the past: end the period by today",
        ),
        ({"gross_hours": None}, "gross_hours", "Enter gross hours"),
        ({"gross_hours": Decimal(-1)}, "gross_hours", "Gross hours must be from 0 to 10,000,000"),
        ({"gross_hours": Decimal("NaN")}, "gross_hours", "Gross hours must be from 0 to 10,000,000"),
        ({"cost_hours": Decimal("0.05")}, "cost_hours", "Cost hours must have one decimal place at most"),
        ({"net_low": Decimal("649.6")}, "net_low", "The lowest must not be above the net hours, 649.5"),
        ({"net_high": Decimal("649.4")}, "net_high", "The highest must not be below the net hours, 649.5"),
        ({"incidents": 0}, "incidents", "Enter how many there were, a whole number from 1 to 100,000,000"),
        ({"cost_words": ""}, "cost_words", "Say what the cost hours are made of, or why there are none"),
        ({"counted_as": ""}, "counted_as", "Say what was counted: for example domestic abuse calls"),
        ({"how_known": "\u200b"}, "how_known", "Say how the hours are known"),
        (
            {"how_known": "ask ann@force.example"},
            "how_known",
            "This looks like personal data: remove an e-mail address",
        ),
        ({"basis": "guess"}, "basis", "Choose how the hours are known"),
        ({"status": ""}, "status", "Choose whether the hours are claimed or realised"),
    ],
)
def test_each_bad_answer_is_named(change: dict[str, Any], field: str, message: str) -> None:
    assert problems(replace(SAID, **change)) == {field: message}


# --- sums -----------------------------------------------------------------------------------------------


def test_the_sums_worked_by_hand() -> None:
    (both,) = sums([A, B])
    assert (both.gross, both.cost, both.net, both.low, both.high) == (3_200, 700, 2_500, 1_600, 3_700)
    assert (both.n_forces, both.n_claims, both.incidents) == (2, 2, 5_000)
    assert (both.net_per_1000, both.low_per_1000, both.high_per_1000) == (500, 320, 740)


def test_nothing_is_added_across_bases_statuses_or_what_is_counted() -> None:
    others = [
        claim(force="C Police", basis="estimate"),
        claim(force="D Police", status="claimed"),
        claim(force="E Police", counted_as="visits"),
        claim(force="F Police", counted_as=" CALLS "),
    ]
    found = [(one.status, one.basis, one.counted_as, one.n_forces) for one in sums([A, B, *others])]
    assert found == [
        ("realised", "measured", " CALLS ", 3),
        ("realised", "measured", "visits", 1),
        ("realised", "estimate", "calls", 1),
        ("claimed", "measured", "calls", 1),
    ]
    assert sums([]) == []


def test_the_sums_are_the_same_whatever_the_order_and_the_split_of_a_period() -> None:
    many = [
        claim(force=f"{n} Police", gross=Decimal(n) / 10, low=Decimal(-n), basis="estimate")
        for n in range(40)
    ]
    assert sums(random.Random(3).sample(many, len(many))) == sums(many)
    first, second = (
        replace(A, gross=Decimal(700), cost=Decimal(50), low=Decimal(300), high=Decimal(800), incidents=900),
        replace(
            A, gross=Decimal(500), cost=Decimal(150), low=Decimal(300), high=Decimal(700), incidents=1_100
        ),
    )
    assert sums([first, second])[0].net_per_1000 == sums([A])[0].net_per_1000


# --- what all forces might save -------------------------------------------------------------------------


def test_the_scale_up_worked_by_hand() -> None:
    """A: 1,000 net hours in 365 days, 1,000 officers. B: 1,500 in 184 days, 2,500 officers."""
    a, b = 1_000 * 365.25 / 365, 1_500 * 365.25 / 184
    found = scale_up([B, A], **STRONG)
    assert [one.force for one in found.ratios] == ["A Police", "B Police"]
    assert [one.hours_a_year for one in found.ratios] == pytest.approx([a, b], rel=1e-12)
    assert found.middle == pytest.approx(124783.97 * (a + b) / 3_500, rel=1e-12)
    assert found.low == pytest.approx(124783.97 * 600 * 365.25 / 365 / 1_000, rel=1e-12)
    assert found.high == pytest.approx(124783.97 * 2_200 * 365.25 / 184 / 2_500, rel=1e-12)


def test_the_middle_is_the_ratio_estimate_of_a_regression_through_the_origin() -> None:
    """Peer: weighted least squares of hours on officers, without intercept and with variance as officers grow."""
    draw = np.random.default_rng(11)
    officers = draw.integers(800, 6_000, 12)
    hours = officers * draw.uniform(0.5, 1.5, 12)
    rows = [
        claim(
            force=f"{n} Police",
            gross=Decimal(f"{hours[n]:.1f}"),
            cost=Decimal(0),
            low=Decimal(f"{hours[n]:.1f}"),
            high=Decimal(f"{hours[n]:.1f}"),
            officers=Decimal(int(officers[n])),
        )
        for n in range(12)
    ]
    y = np.array([float(one.net) for one in rows]) * 365.25 / 365
    slope = np.linalg.lstsq(np.sqrt(officers)[:, None], y / np.sqrt(officers), rcond=None)[0][0]
    assert scale_up(rows, **STRONG).middle == pytest.approx(124783.97 * slope, rel=1e-10)


def test_neither_order_nor_names_nor_a_split_period_nor_units_change_it() -> None:
    found = scale_up([A, B], **STRONG)
    assert scale_up([B, A], **STRONG) == found
    renamed = scale_up([replace(A, force="Y"), replace(B, force="X")], **STRONG)
    assert (renamed.low, renamed.middle, renamed.high) == (found.low, found.middle, found.high)
    half, rest = Decimal(500), Decimal(500)
    split = [
        replace(
            A, ends_on=date(2025, 3, 31), gross=half, cost=Decimal(0), low=Decimal(100), high=Decimal(900)
        ),
        replace(
            A, starts_on=date(2025, 4, 1), gross=rest, cost=Decimal(0), low=Decimal(500), high=Decimal(600)
        ),
    ]
    assert scale_up([*split, B], **STRONG).middle == pytest.approx(found.middle, rel=1e-12)
    tenfold = [
        replace(one, **{name: 10 * getattr(one, name) for name in ("gross", "cost", "low", "high")})
        for one in (A, B)
    ]
    grown = scale_up(tenfold, **STRONG)
    assert (grown.low, grown.middle, grown.high) == pytest.approx(
        (10 * found.low, 10 * found.middle, 10 * found.high), rel=1e-12
    )
    twice = scale_up([A, B], strength=3, officers=2 * STRONG["officers"])
    assert twice.middle == pytest.approx(2 * found.middle, rel=1e-12)


def test_the_range_holds_its_middle_even_where_the_tactic_takes_more_than_it_saves() -> None:
    draw = random.Random(5)
    for _ in range(300):
        rows = []
        for number in range(draw.randint(2, 6)):
            net = Decimal(draw.randint(-20_000, 20_000)) / 10
            rows.append(
                claim(
                    force=f"{number} Police",
                    gross=max(net, Decimal(0)),
                    cost=max(-net, Decimal(0)),
                    low=net - draw.randint(0, 500),
                    high=net + draw.randint(0, 500),
                    officers=Decimal(draw.randint(700, 30_000)),
                )
            )
        found = scale_up(rows, **STRONG)
        assert found.low <= found.middle <= found.high


def test_the_middle_is_right_on_average_and_the_range_holds_the_truth_where_forces_are_drawn_alike() -> None:
    """43 invented forces; 6 drawn by lot measure without error. The truth is what all 43 would save."""
    draw = np.random.default_rng(2_026)
    officers = draw.integers(800, 5_000, 43)
    each = officers * draw.uniform(0.4, 1.6, 43)
    truth, total = each.sum(), Decimal(int(officers.sum()))
    middles, held, replicates = [], 0, 400
    for _ in range(replicates):
        rows = []
        for n in draw.choice(43, 6, replace=False):
            net = Decimal(f"{each[n] * 365 / 365.25:.1f}")
            rows.append(
                claim(
                    force=str(n),
                    gross=net,
                    cost=Decimal(0),
                    low=net,
                    high=net,
                    officers=Decimal(int(officers[n])),
                )
            )
        found = scale_up(rows, strength=3, officers=total)
        middles.append(found.middle)
        held += found.low <= truth <= found.high
    error = np.std(middles, ddof=1) / np.sqrt(replicates)
    assert abs(np.mean(middles) - truth) < 4 * error + 0.01 * truth  # a ratio's bias is of the order of 1/n
    assert held / replicates > 0.95


@pytest.mark.parametrize(
    ("rows", "changes", "message"),
    [
        (
            [A, B],
            {"harms": ["Complaints", "Burglary"]},
            "rated potentially harmful for Burglary, Complaints.",
        ),
        ([A, B], {"strength": 2}, "The strength of evidence is 2 of 5."),
        ([], {}, "No force has said what hours were measured and realised."),
        ([replace(A, basis="estimate"), replace(B, status="claimed")], {}, "measured and realised."),
        ([A], {}, "came from 1 force. It takes 2"),
        ([A, replace(A, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))], {}, "came from 1 force."),
        ([A, replace(B, starts_on=date(2025, 10, 4))], {}, "came from 1 force."),
        ([A, replace(B, officers=None)], {}, "The number of officers is not known for B Police."),
        ([replace(B, officers=None)], {}, "came from no forces."),
    ],
)
def test_what_is_not_scaled_up_says_why(rows: list[Claim], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NotEstimable) as refused:
        scale_up(rows, **{**STRONG, **changes})
    assert message in refused.value.message


def test_ninety_days_are_enough() -> None:
    assert len(ratios([A, replace(B, starts_on=date(2025, 10, 3))])) == 2
