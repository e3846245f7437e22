"""Count tables: known answers, and an attacker who tries to work out what is hidden."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.disclosure import (
    DEFAULT,
    Policy,
    feasible,
    release_list,
    release_table,
    round_count,
    round_significant,
)
from experiments.disclosure.feasible import Room
from experiments.disclosure.suppression import hidden_cells

COUNT = st.one_of(st.integers(0, 12), st.integers(0, 400))


class TestKnownAnswers:
    def test_nothing_small(self) -> None:
        released = release_list([12, 13, 52])
        assert released.counts == (10, 15, 50)
        assert released.total == 75  # of the rounded counts

    def test_a_second_cell_goes_with_the_first(self) -> None:
        released = release_list([3, 40, 25])
        assert released.counts == (None, 40, None)
        assert released.total == 70

    def test_two_small_cells_with_a_small_sum_need_a_third(self) -> None:
        assert release_list([3, 4, 25, 40]).counts == (None, None, None, 40)

    def test_zero_is_hidden_too(self) -> None:
        assert release_list([0, 40, 25]).counts == (None, 40, None)

    def test_a_small_total_is_hidden(self) -> None:
        released = release_list([1, 2])
        assert (released.counts, released.total) == ((None, None), None)

    def test_rectangle_around_a_small_cell(self) -> None:
        """The textbook pattern: the other three corners of the smallest rectangle."""
        released = release_table([[4, 20, 30], [50, 60, 70], [25, 80, 90]])
        assert released.counts == ((None, None, 30), (50, 60, 70), (None, None, 90))
        assert released.row_totals == (55, 180, 195)
        assert released.column_totals == (80, 160, 190)
        assert released.total == 430

    def test_one_row_is_given_away_by_its_column_totals(self) -> None:
        released = release_table([[3, 20, 30]])
        assert released.counts[0][0] is None
        assert released.column_totals[0] is None

    def test_invalid(self) -> None:
        for bad in ([[-1, 2]], [], [[]]):
            with pytest.raises(
                ValueError, match=r"^a table holds counts of 0 or more, and every row has as many$"
            ):
                release_table(bad)


def with_totals(tables: np.ndarray) -> np.ndarray:
    """Tables (..., rows, columns) with a row and a column of totals, flattened row by row."""
    rows = np.concatenate([tables, tables.sum(axis=-2, keepdims=True)], axis=-2)
    full = np.concatenate([rows, rows.sum(axis=-1, keepdims=True)], axis=-1)
    return full.reshape(*full.shape[:-2], -1)


def lines_of(n_rows: int, n_columns: int) -> list[list[int]]:
    places = np.arange((n_rows + 1) * (n_columns + 1)).reshape(n_rows + 1, n_columns + 1)
    return [*places.tolist(), *places.T.tolist()]


class TestAttack:
    @settings(deadline=None, max_examples=200)
    @given(st.lists(COUNT, min_size=1, max_size=8))
    def test_list(self, counts: list[int]) -> None:
        released = release_list(counts)
        self.assert_nothing_small([*released.counts, released.total])
        cells = np.array([*counts, sum(counts)])
        self.assert_not_derivable(cells, [list(range(len(cells)))])

    @settings(deadline=None, max_examples=150)
    @given(st.integers(1, 4), st.integers(1, 4), st.data())
    def test_table(self, n_rows: int, n_columns: int, data: st.DataObject) -> None:
        counts = data.draw(
            st.lists(
                st.lists(COUNT, min_size=n_columns, max_size=n_columns), min_size=n_rows, max_size=n_rows
            )
        )
        released = release_table(counts)
        shown = [*itertools.chain(*released.counts), *released.row_totals, *released.column_totals]
        self.assert_nothing_small([*shown, released.total])
        self.assert_not_derivable(with_totals(np.array(counts)), lines_of(n_rows, n_columns))

    @staticmethod
    def assert_nothing_small(shown: list[int | None]) -> None:
        assert all(count is None or (count >= 10 and count % 5 == 0) for count in shown)

    @staticmethod
    def assert_not_derivable(cells: np.ndarray, lines: list[list[int]]) -> None:
        """No small cell follows from the shown ones by linear algebra, even with exact counts."""
        hidden = hidden_cells(cells, lines, DEFAULT)
        assert (hidden | (cells >= 10)).all()
        unknown = np.flatnonzero(hidden)
        equations = np.array(
            [[(-1 if i == line[-1] else 1) if i in line else 0 for i in unknown] for line in lines]
        )
        rank = np.linalg.matrix_rank(equations) if len(unknown) else 0
        for place, cell in enumerate(unknown):
            if cells[cell] < 10:
                alone = np.eye(len(unknown))[place]
                assert np.linalg.matrix_rank(np.vstack([equations, alone])) > rank

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2))
    def test_small_tables_by_enumeration(self, counts: list[list[int]]) -> None:
        """With a threshold of 3 every whole-number table can be listed: each small cell keeps 3 or more of room."""
        policy = Policy(threshold=3, rounding_base=1)
        cells = with_totals(np.array(counts))
        hidden = hidden_cells(cells, lines_of(2, 2), policy)
        every = with_totals(np.array(list(itertools.product(range(13), repeat=4))).reshape(-1, 2, 2))
        fitting = every[(every[:, ~hidden] == cells[~hidden]).all(axis=1)]
        room = fitting.max(axis=0) - fitting.min(axis=0)
        assert (room[cells < 3] >= 3).all()


def test_a_solver_without_an_answer_shows_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the middle and the last cell of this table are hidden; that the 3 has room only the solver finds."""
    cells = with_totals(np.array([[3, 23, 25], [6, 17, 24], [7, 10, 25]]))
    shown = np.ones((4, 4), dtype=bool)
    shown[:3, :3] = [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    hidden = ~shown.ravel()
    small = np.flatnonzero(hidden & (cells < 10))

    def narrow() -> int | None:
        return Room(cells, lines_of(3, 3)).narrow(small, hidden, 10)

    assert narrow() is None
    monkeypatch.setattr(feasible, "linprog", lambda *_, **__: SimpleNamespace(x=None))
    assert narrow() in small


class TestRounding:
    @given(st.integers(10, 10**6))
    def test_counts(self, count: int) -> None:
        rounded = round_count(count)
        assert rounded is not None
        assert rounded % 5 == 0
        assert rounded >= 10
        assert abs(rounded - count) <= 2

    @given(st.integers(0, 9))
    def test_small_counts_are_hidden(self, count: int) -> None:
        assert round_count(count) is None

    @pytest.mark.parametrize(
        ("value", "rounded"),
        [
            (0.0123456, 0.0123),
            (-118.499, -118.0),
            (39597.9797, 39600.0),
            (0.0, 0.0),
            (1e-12, 1e-12),
            (0.9996, 1.0),
        ],
    )
    def test_significant_figures(self, value: float, rounded: float) -> None:
        assert round_significant(value) == rounded

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_what_is_not_finite_is_never_released(self, value: float) -> None:
        with pytest.raises(ValueError, match=r"^only finite numbers are released$"):
            round_significant(value)
