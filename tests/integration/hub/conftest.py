"""What tests of standards share."""

from types import SimpleNamespace

import pytest

from tests.integration.hub import standing


@pytest.fixture
def dictionary(cast: SimpleNamespace) -> None:
    """Put a share and a count into the dictionary of measures."""
    standing.dictionary(cast.registrar)
