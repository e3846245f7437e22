"""A trial is rated by the boundary of attrition that its protocol registered."""

from typing import Any

import pytest

from experiments.analysis.evidence import findings
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("boundary", ["cautious", "optimistic"])
def test_the_registered_boundary_is_the_one_that_is_rated(
    cast: Any, monkeypatch: pytest.MonkeyPatch, boundary: str
) -> None:
    plain = stages.document

    def document(tactic: Any) -> dict[str, Any]:
        made = plain(tactic)
        made["decision"]["attrition_boundary"] = boundary
        return made

    monkeypatch.setattr(stages, "document", document)
    (found,) = findings(stages.cleared(cast))
    assert found.evidence.attrition_boundary == boundary
