"""The protocol as a document: every question with its answer, an anchor, and when it stops being free to change."""

from typing import Any

from experiments.forms.document import Chapter, Line, chapters
from experiments.forms.freeze_words import words_at
from experiments.forms.questions import STEPS, words_for
from experiments.protocol import Protocol, from_json
from tests.unit.experiments.protocol.documents import changed, read


def lines(protocol: Protocol, **options: Any) -> dict[str, Line]:
    """Return each line by its pointer."""
    return {
        line.pointer: line
        for chapter in chapters(protocol, {}, **options)
        for block in chapter.blocks
        for line in block.lines
    }


def chapter(protocol: Protocol, slug: str) -> Chapter:
    return next(one for one in chapters(protocol, {}) if one.slug == slug)


def test_a_draft_shows_every_question_that_is_still_asked() -> None:
    asked = {
        f"/{one.path.replace('.', '/')}"
        for step in STEPS
        for one in step.questions
        if "*" not in one.path and not one.is_past
    }
    assert asked <= set(lines(Protocol()))
    assert lines(Protocol())["/title/acronym"].value is None


def test_a_registered_protocol_shows_what_was_answered() -> None:
    shown = lines(read(), is_draft=False)
    assert all(line.value for line in shown.values())
    assert "/title/acronym" not in shown


def test_rows_and_the_plan_have_anchors_of_their_own() -> None:
    shown = lines(read())
    assert shown["/arms/1/label"].value == "No visits"
    assert shown["/analysis_plan/estimates/0/estimator"].value == "Difference in means (Neyman)"
    assert shown["/arms/0/training"].value is None
    titled = {block.pointer: block.title for block in chapter(read(), "arms").blocks if block.title}
    assert titled == {"/arms/0": "Arm 1", "/arms/1": "Arm 2"}


def test_an_excuse_is_shown_as_one() -> None:
    shown = lines(from_json(changed(safety__harms={"not_applicable_because": "No person takes part."})))
    assert shown["/safety/harms"].value == "Not applicable because: No person takes part."


def test_what_was_asked_before_is_shown_where_it_was_answered() -> None:
    assert "/design/blinding" not in lines(read())
    shown = lines(from_json(changed(design__blinding={"text": "Nobody knows."})))
    assert shown["/design/blinding"].value == "Nobody knows."


def test_the_dates_that_follow_are_worked_out() -> None:
    shown = lines(from_json(changed(dates__primary_completion__date="2027-02-28")))
    assert shown["/dates/report_due"].value == "28 February 2028"
    assert shown["/dates/report_due"].freeze == "Set by the registry"
    assert lines(Protocol())["/dates/report_due"].value is None


def test_parts_with_a_heading_are_numbered_in_their_chapter() -> None:
    numbers = [block.number for block in chapter(read(), "team").blocks if block.title]
    assert numbers == [f"2.{count}" for count in range(1, len(numbers) + 1)]


def test_every_answer_says_when_it_stops_being_free_to_change() -> None:
    shown = lines(read())
    assert shown["/title/public_title"].freeze == "Frozen at registration"
    assert shown["/title/plain_summary"].freeze == "May change as a minor version"
    assert shown["/allocation/method"].freeze.endswith("for ever once units are drawn")
    assert chapter(read(), "dates").freeze == "May change as a minor version"
    assert words_at("allocation.ratio.*.share") == words_at("allocation.method")


def test_a_pointer_into_the_plan_is_named_in_words() -> None:
    assert (
        words_for("/analysis_plan/estimates/H1/options/anticipation")
        == "Estimate H1: Periods of anticipation"
    )
    assert words_for("/analysis_plan/columns/unit") == "Column of the unit"
    assert words_for("/analysis_plan/arms/treatments") == "Treatment arms"
    assert words_for("/analysis_plan") == "Analysis plan"
