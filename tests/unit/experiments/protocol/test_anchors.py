"""A pointer leads into a protocol or it does not."""

import pytest

from experiments import protocol
from experiments.protocol.anchors import holds
from tests.unit.experiments.exports.real_trials import REAL

READ = protocol.from_json(REAL["rowan"])


@pytest.mark.parametrize(
    "pointer", ["/arms", "/arms/0", "/arms/0/label", "/title/public_title", "/analysis_plan"]
)
def test_sections_rows_and_fields_are_held(pointer: str) -> None:
    assert holds(READ, pointer)


@pytest.mark.parametrize(
    "pointer", ["", "/", "arms", "/arms/99", "/arms/-1", "/arms/²", "/arms/0/label/0", "/nothing", "//arms"]
)
def test_what_is_not_there_is_not(pointer: str) -> None:
    assert not holds(READ, pointer)
