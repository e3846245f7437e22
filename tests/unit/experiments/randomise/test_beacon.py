"""The public beacon: drand's published round 1,000, the arithmetic of its clock, and every refusal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from experiments.randomise import DrawRefused
from experiments.randomise.beacon import QUICKNET, BeaconValue, check_named, check_value

# Round 1,000 of quicknet as drand's documentation prints it.
PUBLISHED = BeaconValue(
    1_000,
    "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
)
OUT = dt.datetime(2023, 8, 23, 15, 59, 24, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_the_clock_of_the_rounds() -> None:
    assert QUICKNET.time_of(1) == dt.datetime(2023, 8, 23, 15, 9, 27, tzinfo=dt.UTC)
    assert QUICKNET.time_of(1_000) == OUT
    assert QUICKNET.round_at(OUT) == 1_000
    assert QUICKNET.round_at(OUT + SECOND) == 1_001
    assert QUICKNET.round_at(OUT + 3 * SECOND) == 1_001
    assert QUICKNET.round_at(OUT - 10**6 * SECOND) == 1


def test_a_published_round_is_taken() -> None:
    check_value(PUBLISHED, 1_000, OUT)
    assert PUBLISHED.record()["round_time"] == "2023-08-23T15:59:24+00:00"


def test_only_a_round_to_come_can_be_named() -> None:
    check_named(1_001, OUT)
    for number in (1_000, 1, 0, -5):
        with pytest.raises(DrawRefused, match=r"^Name a round that is still to come$"):
            check_named(number, OUT)


MISCOPIED = "The randomness is not the SHA-256 of the signature: one of them was copied wrongly"


@pytest.mark.parametrize(
    ("value", "named", "now", "message"),
    [
        (PUBLISHED, 1_001, OUT, "Round 1,001 was named when the list was frozen, not 1,000"),
        (PUBLISHED, 1_000, OUT - SECOND, "Round 1,000 comes out at 15:59:24 on 23 August 2023 UTC"),
        (
            replace(PUBLISHED, signature="ab"),
            1_000,
            OUT,
            "The signature has 96 hexadecimal digits in lower case",
        ),
        (
            replace(PUBLISHED, randomness="F" * 64),
            1_000,
            OUT,
            "The randomness has 64 hexadecimal digits in lower case",
        ),
        (replace(PUBLISHED, randomness="0" * 64), 1_000, OUT, MISCOPIED),
        (replace(PUBLISHED, signature="0" * 96), 1_000, OUT, MISCOPIED),
    ],
)
def test_every_other_value_is_refused(value: BeaconValue, named: int, now: dt.datetime, message: str) -> None:
    with pytest.raises(DrawRefused, match=f"^{message}$"):
        check_value(value, named, now)
