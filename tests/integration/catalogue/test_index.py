"""No row of the catalogue is forgotten: each has its tests, or the reason why this version does not meet it."""

from pathlib import Path

import pytest

from tests.conftest import ROOT

INDEX = Path(__file__).with_name("index.txt").read_text(encoding="utf-8").splitlines()
ROWS = [line.split(maxsplit=1) for line in INDEX if not line.startswith("#")]
SHORT = dict(
    part.strip(" #").split(" = ") for line in INDEX if " = " in line for part in line.rstrip(",").split(", ")
)
N_ROWS = 95


def test_every_row_is_there_once() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, N_ROWS + 1))


@pytest.mark.parametrize(("number", "where"), ROWS, ids=[number for number, _ in ROWS])
def test_the_tests_of_a_row_exist(number: str, where: str) -> None:
    if where.startswith("not here: "):
        return
    for test in where.split():
        place, _, name = test.partition("::")
        first, _, rest = place.partition("/")
        path = ROOT / (f"{SHORT[first]}/{rest}" if first in SHORT else place)
        assert f"def {name}(" in path.read_text(encoding="utf-8"), test
