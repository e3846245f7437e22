"""Units, periods and arms; numbers in brackets are of the bad-input catalogue."""

from __future__ import annotations

from experiments.reader import ColumnSpec, Panel, Problem, read_upload
from tests.unit.experiments.reader.refusals import GOOD, PANEL, SCHEMA, messages, problems


class TestKeys:
    def test_unknown_and_foreign_units(self) -> None:
        """[44], [45]"""
        panel = Panel("unit", "week", units={"HS-001", "HS-002"}, foreign_units={"HS-050"})
        text = GOOD + "HS-999,1,1\nHS-999,2,1\nHS-050,1,1\n"
        assert problems(text, panel=panel) == [
            Problem(6, "unit", "HS-999 is not in this trial (line 6)"),
            Problem(8, "unit", "HS-050 belongs to another force"),
        ]

    def test_duplicate_unit_period(self) -> None:
        """[55]"""
        text = "unit,week,calls\n" + "".join(f"a,{i},1\n" for i in range(88)) + "a,3,9\na,3,9\n"
        assert problems(text, panel=PANEL) == [
            Problem(90, "unit", "Lines 5 and 90 are the same unit and week"),
            Problem(91, "unit", "Lines 5 and 91 are the same unit and week"),
        ]

    def test_duplicate_unit_without_periods(self) -> None:
        schema = [ColumnSpec("unit", "text")]
        assert messages("unit,x\na,1\nb,1\na,1\n", schema, panel=Panel("unit")) == [
            "Lines 2 and 4 are the same unit"
        ]

    def test_missing_periods_are_counted_and_listed(self) -> None:
        """[56]"""
        panel = Panel(
            "unit", "week", period_noun="week", units={"HS-001", "HS-002", "HS-003"}, periods=["1", "2", "3"]
        )
        missing = read_upload(GOOD.encode(), SCHEMA, panel=panel).report.missing_periods
        assert missing is not None
        assert missing.message == "5 of 9 unit-weeks missing"
        assert missing.examples == (
            ("HS-001", "3"), ("HS-002", "3"), ("HS-003", "1"), ("HS-003", "2"), ("HS-003", "3"))  # fmt: skip

    def test_periods_that_are_not_in_the_trial(self) -> None:
        panel = Panel("unit", "week", period_noun="week", periods=["1"])
        assert problems(GOOD, panel=panel) == [Problem(3, "week", "Week 2 is not in this trial (line 3)")]

    def test_arm_is_compared_by_count_alone(self) -> None:
        """[57]"""
        text = "unit,week,calls,arm\na,1,1,T\na,2,1,T\nb,1,1,T\nc,1,1,C\nd,1,1,T\n"
        panel = Panel("unit", "week", arm="arm", allocation={"a": "C", "b": "C", "c": "T", "d": "T"})
        schema = [*SCHEMA, ColumnSpec("arm", "text")]
        assert problems(text, schema, panel=panel) == [
            Problem(None, "arm", "Uploaded arm differs from allocation for 3 units")
        ]
