"""The page on disclosure control says what the rules do: its tables are made again, its numbers and ids looked up."""

import re
from pathlib import Path

import numpy as np

from experiments.disclosure import DEFAULT, RULES, History, release_table
from experiments.disclosure.feasible import Room
from experiments.disclosure.history import total_lines, with_totals

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "disclosure.md").read_text(encoding="utf-8")
EXAMPLE = [[4, 20, 30], [50, 60, 70], [25, 80, 90]]


def tables() -> list[list[list[str]]]:
    """Return the cells of every table of the page, without headings."""
    found = re.findall(r"(?:^\|.*\n)+", PAGE, flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in one.splitlines()[2:]]
        for one in found
    ]


def numbers(rows: list[list[str]]) -> list[list[int | None]]:
    return [[None if cell == "–" else int(cell) for cell in row[1:]] for row in rows]


def test_thresholds() -> None:
    said = [float(row[1]) for row in tables()[0]]
    assert said == [
        DEFAULT.threshold, DEFAULT.residual_df, DEFAULT.rounding_base, DEFAULT.significant_figures,
        DEFAULT.dominance_share, DEFAULT.p_ratio, DEFAULT.addresses,
    ]  # fmt: skip


def test_every_rule_is_on_the_page_and_no_other() -> None:
    said = {name for row in tables()[1] for name in re.findall(r"`([\w-]+)`", row[2])}
    assert said == set(RULES)


def test_the_table_with_a_small_count() -> None:
    before, after = numbers(tables()[2]), numbers(tables()[3])
    assert before == with_totals(np.array(EXAMPLE)).tolist()
    released = release_table(EXAMPLE)
    shown = [[*row, total] for row, total in zip(released.counts, released.row_totals, strict=True)]
    assert after == [*shown, [*released.column_totals, released.total]]


def test_how_far_the_small_count_may_go() -> None:
    full = with_totals(np.array(EXAMPLE))
    hidden = np.array([[cell is None for cell in row] for row in numbers(tables()[3])])
    said = re.search(r"The 4 may be anything from (\d+) to (\d+)", PAGE)
    assert said
    low, high = said.groups()
    room = Room(full.ravel(), list(total_lines(full.shape)))
    assert room.narrow(np.array([0]), hidden.ravel(), int(high) - int(low)) is None
    assert (4 + room.low[0], 4 + room.high[0]) == (int(low), int(high))
    assert room.narrow(np.array([0]), hidden.ravel(), int(high) - int(low) + 1) == 0


def test_the_final_table_does_not_give_the_interim_back() -> None:
    history = History()
    assert not history.release({"interim": [40, 50, 60]}).hidden.any()
    final = history.release({"interim": [40, 50, 60], "since": [3, 20, 30]})
    assert final.counts.tolist() == [43, 70, 90, 203]
    assert final.hidden[0]
