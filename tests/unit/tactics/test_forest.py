"""The forest plot stays inside its frame, whatever the numbers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactics.forest import Plot, cumulative_plot, document, plot
from tactics.rating import RatedTrial, rate
from tests.unit.tactics.rating.seven_trials import scared_straight

TODAY = date(2026, 11, 1)


def drawn(trials: list[RatedTrial], width: int = 720, *, higher_is_better: bool = False) -> Plot:
    found = plot(document(rate(trials, today=TODAY)), width=width, higher_is_better=higher_is_better)
    assert found is not None
    return found


def test_seven_trials_and_their_diamond() -> None:
    picture = drawn(scared_straight())
    assert len(picture.marks) == 8
    assert picture.marks[-1].is_summary
    assert picture.prediction is not None
    assert "0" in [tick.label for tick in picture.ticks]
    assert all(tick.label == "0" or tick.label.endswith("%") for tick in picture.ticks)


def test_no_trials_no_plot() -> None:
    assert plot(document(rate([], today=TODAY)), width=720) is None


def test_weak_trials_are_drawn_and_not_pooled() -> None:
    weak = [replace(trial, security=1) for trial in scared_straight()]
    picture = drawn(weak)
    assert not any(mark.is_pooled for mark in picture.marks)
    assert picture.prediction is None
    assert "not pooled" in picture.marks[0].note


def test_higher_is_better_turns_the_axis() -> None:
    plain, turned = drawn(scared_straight()), drawn(scared_straight(), higher_is_better=True)
    assert (plain.left_words, turned.left_words) == ("Better", "Worse")
    assert turned.marks[0].x == pytest.approx(720 - plain.marks[0].x, abs=0.02)


def test_long_label_is_cut_on_a_narrow_plot() -> None:
    long = [replace(trial, study=trial.study + " and a very long name indeed") for trial in scared_straight()]
    assert all(mark.label.endswith("…") for mark in drawn(long, 360).marks if not mark.is_summary)
    assert not any(mark.label.endswith("…") for mark in drawn(long, 720).marks)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.floats(-6, 6), st.floats(0.005, 4)), min_size=1, max_size=6),
    st.sampled_from(["log_rate_ratio", "smd", "difference"]),
    st.booleans(),
)
def test_nothing_leaves_the_frame(pairs: list[tuple[float, float]], metric: str, higher: bool) -> None:
    first = scared_straight()[0]
    trials = [
        replace(
            first,
            study=str(number),
            metric=metric,  # type: ignore[arg-type]
            yi=y,
            vi=se**2,
            conf_low=y - 1.96 * se,
            conf_high=y + 1.96 * se,
        )
        for number, (y, se) in enumerate(pairs)
    ]
    picture = drawn(trials, 360, higher_is_better=higher)
    for mark in picture.marks:
        assert 0 <= mark.x_low <= mark.x <= mark.x_high <= 360
        assert 0 < mark.y < picture.axis_y
    assert picture.ticks
    assert all(0 <= tick.x <= 360 for tick in picture.ticks)


def test_what_grew_and_what_is_left_without_each() -> None:
    """The last line that grew is the rating's own summary; without the last trial it is the line before."""
    result = rate(scared_straight(), today=TODAY)
    drawn = document(result)
    grown, without = drawn["cumulative"], drawn["leave_one_out"]
    assert result.summary is not None
    assert [row["k"] for row in grown] == [1, 2, 3, 4, 5, 6, 7]
    assert (grown[-1]["estimate"], grown[-1]["conf_high"]) == (
        result.summary.estimate,
        result.summary.conf_high,
    )
    assert [row["k"] for row in without] == [6] * 7
    assert (without[-1]["estimate"], without[-1]["i2"]) == (grown[-2]["estimate"], grown[-2]["i2"])
    dates = [row["completed_on"] for row in grown]
    assert dates == sorted(dates)


def test_a_cumulative_plot_leaves_out_what_cannot_be_pooled() -> None:
    same = [replace(trial, yi=0.1, vi=0.04, conf_low=-0.3, conf_high=0.5) for trial in scared_straight()[:3]]
    drawn = document(rate(same, today=TODAY))
    assert [row["estimate"] is None for row in drawn["cumulative"]] == [False, False, True]
    assert "all effects are equal" in drawn["cumulative"][-1]["reason"]
    picture = cumulative_plot(drawn, width=360)
    assert picture is not None
    assert [mark.note for mark in picture.marks] == ["1 trial", "2 trials"]
    assert cumulative_plot(document(rate(same[:1], today=TODAY)), width=360) is None
