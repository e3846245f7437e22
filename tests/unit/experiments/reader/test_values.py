"""Values of every kind; numbers in brackets are of the bad-input catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from experiments.reader import FileRefused, Problem, read_upload
from tests.unit.experiments.reader.refusals import SCHEMA, one_column, values_of


class TestValues:
    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ('"1,234"', "Write 1234, without commas (line 2)"),  # [48]
            ("12%", "Write 12, without the per cent sign (line 2)"),
            ('"1,5"', "Write 1.5, with a point and without commas (line 2)"),
            ("£3", "Write 3, without the currency sign (line 2)"),
            ("1e400", "Not a number"),  # [49]
            ("inf", "Not a number"),
            ("nan", "Not a number"),
            ("NaN", "Not a number"),
            ("\u22125", "Not a number"),
            ("\u00a05", "Not a number"),
            (" 5", "Not a number"),
            ("0x1F", "Not a number"),
            ("1_000", "Not a number"),
            ("٣", "Not a number"),
            ("NA", "Not a number"),
            ("five", "Not a number"),
        ],
    )
    @pytest.mark.parametrize("kind", ["count", "integer", "number", "binary"])
    def test_not_a_number(self, kind: str, value: str, message: str) -> None:
        assert one_column(kind, value) == [Problem(2, "x", message)]

    @pytest.mark.parametrize(
        ("kind", "value", "message"),
        [
            ("count", "-1", "Count must be a whole number, 0 or more"),  # [51]
            ("count", "2.5", "Count must be a whole number, 0 or more"),
            ("count", "1e3", "Count must be a whole number, 0 or more"),
            ("integer", "2.5", "Must be a whole number"),
            ("binary", "2", "Must be 0 or 1"),
            ("binary", "0.5", "Must be 0 or 1"),
            ("count", "99999999999999999999", "This number has too many digits to be kept exactly"),
            ("number", "9007199254740993", "This number has too many digits to be kept exactly"),  # [50]
            ("number", "1e-400", "Not a number"),
            ("date", "03/04/2026", "Use YYYY-MM-DD"),  # [52]
            ("date", "2026-4-3", "Use YYYY-MM-DD"),
            ("date", "2026-04-03T00:00:00", "Use YYYY-MM-DD"),
            ("date", "46000", "Looks like an Excel date number"),  # [53]
            ("date", "2026-02-30", "Enter a real date"),
            ("period", "46000", "Looks like an Excel date number"),
            ("period", "03/04/2026", "Use YYYY-MM-DD"),
            ("period", "2026-02-30", "Enter a real date"),
            ("period", "2026-13",
             "Not a period: write a whole number, YYYY-MM-DD, YYYY-MM, YYYY-Q1 or YYYY-W01"),
            ("count", "", "A value is missing"),
            ("text", "", "A value is missing"),
        ],
    )  # fmt: skip
    def test_refused(self, kind: str, value: str, message: str) -> None:
        assert one_column(kind, value) == [Problem(2, "x", message)]

    def test_exact_values(self) -> None:
        assert values_of("integer", "9007199254740993", "-3", "007", "25.0") == [9007199254740993, -3, 7, 25]
        assert values_of("count", "0", "0.0", "12") == [0, 0, 12]
        assert values_of("number", "0.1", "-2.5e3", "9007199254740992", ".5", "1.") == [
            0.1, -2500.0, 9007199254740992.0, 0.5, 1.0]  # fmt: skip
        assert values_of("number", "12345678901234567.5", "0.30000000000000004") == [
            12345678901234567.5, 0.30000000000000004]  # fmt: skip
        assert values_of("binary", "0", "1", "1.0") == [0, 1, 1]
        assert values_of("date", "2026-04-03") == [date(2026, 4, 3)]

    def test_periods_keep_one_form(self) -> None:
        assert values_of("period", "3", "10") == [3, 10]
        assert values_of("period", "2026-01-05", "2026-01-12") == [date(2026, 1, 5), date(2026, 1, 12)]
        assert values_of("period", "2026-W01", "2026-W02") == ["2026-W01", "2026-W02"]
        assert one_column("period", "2026-01", "7") == [
            Problem(3, "x", "Here is a whole number, but the first row has a month")
        ]

    def test_first_treated_has_one_state_of_never(self) -> None:
        assert values_of("first_treated", "never", "13", "inf", "", "Inf", "72", required=False) == [
            None, 13, None, None, None, 72]  # fmt: skip

    def test_bounds(self) -> None:
        assert one_column("number", "-0.1", "1.1", "0.5", minimum=0, maximum=1) == [
            Problem(2, "x", "Must be 0 or more"),
            Problem(3, "x", "Must be 1 or less"),
        ]
        assert one_column("count", "3", minimum=5) == [Problem(2, "x", "Must be 5 or more")]
        assert one_column("text", "T", "D", choices=("T", "C")) == [Problem(3, "x", "Must be one of C, T")]

    def test_dates_outside_the_trial(self) -> None:
        """[54]"""
        bounds = {"earliest": date(2026, 1, 1), "latest": date(2026, 12, 31), "today": date(2026, 6, 1)}
        for kind in ("date", "period"):
            assert one_column(kind, "2027-01-05", "2025-12-31", "2026-07-01", "2026-02-01", **bounds) == [
                Problem(2, "x", "2027-01-05 is after the trial end"),
                Problem(3, "x", "2025-12-31 is before the trial start"),
                Problem(4, "x", "2026-07-01 is in the future"),
            ]

    def test_problems_of_all_columns_come_by_line_and_are_counted(self) -> None:
        text = "unit,week,calls\n" + "".join(f"u{i},x,-1\n" for i in range(80))
        with pytest.raises(FileRefused) as caught:
            read_upload(text.encode(), SCHEMA)
        assert caught.value.total == 160
        assert [(p.line, p.column) for p in caught.value.problems[:3]] == [
            (2, "week"),
            (2, "calls"),
            (3, "week"),
        ]
