"""The sample programme has one standard in force, and its page says why four forces are not compared."""

import datetime as dt
from typing import Any

import pytest

from centre import sample
from centre.models import FigureFile, Standard
from experiments.management.sample import standard
from tests.integration.hub.standing import page_of

pytestmark = pytest.mark.django_db


def test_it_is_adopted_once_and_says_that_four_forces_are_too_few(sign_in: Any) -> None:
    sample.make_people()
    for _ in range(2):
        standard.adopt(dt.date(2026, 11, 28))
    held = Standard.objects.get()
    assert (held.proposed_by, held.adopted_by) == (sample.person("registrar"), sample.person("director"))
    assert FigureFile.objects.count() == len(sample.FORCES)
    page = page_of(sign_in(sample.person("analyst")), "hub-standard", held.key)
    assert "Not compared: 4 forces can be compared: a comparison needs 8 or more" in page
    assert "Southmere" in page
    own = page_of(sign_in(sample.person("southmere")), "hub-force-standards", "southmere")
    assert "in the twelve months to 2026-10" in own
    assert "Always missed" in own
