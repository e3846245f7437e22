"""A force's twelve months: whole or not at all, and what is missing is said."""

import pytest

from centre.hub.months import number_of, words
from centre.hub.standards.windows import Incomplete, Span, Total, monthly, newest_end, total

MARCH = number_of(2026, 3)


def _months(
    n: int, *, end: int = MARCH, value: float | None = 10.0, divided: float | None = 20.0
) -> list[Span]:
    return [Span(at, at, value, divided, may_be_compared=True) for at in range(end - n + 1, end + 1)]


def test_months_are_counted_and_said() -> None:
    assert [words(number_of(2025, 12) + step) for step in (0, 1)] == ["2025-12", "2026-01"]


def test_twelve_months_are_added_up_however_they_are_cut() -> None:
    year = Span(MARCH - 11, MARCH, 120.0, 240.0, may_be_compared=True)
    quarters = [Span(at, at + 2, 30.0, 60.0, may_be_compared=True) for at in range(MARCH - 11, MARCH, 3)]
    for spans in (_months(14), quarters, [year]):
        assert total(spans, MARCH) == Total(120.0, 240.0, has_note=False)


def test_a_denominator_that_some_months_lack_is_none() -> None:
    spans = [*_months(11), Span(MARCH - 11, MARCH - 11, 1.0, None, may_be_compared=True, has_note=True)]
    assert total(spans, MARCH) == Total(111.0, None, has_note=True)


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([], "12 of 12 months were not sent"),
        (_months(10), "2 of 12 months were not sent"),
        (_months(11) + _months(1, end=MARCH - 11, value=None), "1 of 12 months are not known"),
        (
            [*_months(10), Span(MARCH - 11, MARCH - 10, 3.0, 9.0, may_be_compared=False)],
            "the data of 2 of 12 months are not to be compared",
        ),
        # Three months of which one lies before the twelve: no part of it is guessed.
        ([*_months(10), Span(MARCH - 12, MARCH - 10, 30.0, 60.0, may_be_compared=True)], "2 of 12 months"),
    ],
)
def test_twelve_months_that_are_not_whole_are_refused(spans: list[Span], said: str) -> None:
    with pytest.raises(Incomplete, match=said):
        total(spans, MARCH)


def test_one_early_sender_does_not_move_the_year() -> None:
    early, others = _months(13, end=MARCH + 1), [_months(12) for _ in range(3)]
    assert newest_end([early, *others], fewest=4) == MARCH
    assert newest_end([early, *others], fewest=1) == MARCH + 1
    assert newest_end([early, *others], fewest=9) == MARCH  # most have it whole
    assert newest_end([_months(2)], fewest=9) == MARCH
    assert newest_end([[]], fewest=1) is None


def test_months_keep_their_gaps() -> None:
    spans = [
        *_months(2, end=MARCH - 3),
        Span(MARCH, MARCH, 1.0, 2.0, may_be_compared=True),
        Span(MARCH - 1, MARCH - 1, 1.0, 2.0, may_be_compared=False),
        Span(MARCH - 7, MARCH - 5, 1.0, 2.0, may_be_compared=True),
    ]
    assert [(month, bool(span)) for month, span in monthly(spans)] == [
        ("2025-11", True),
        ("2025-12", True),
        ("2026-01", False),
        ("2026-02", False),
        ("2026-03", True),
    ]
    assert len(list(monthly(_months(60), most=36))) == 36
    assert not list(monthly([Span(1, 12, 1.0, 2.0, may_be_compared=True)]))
