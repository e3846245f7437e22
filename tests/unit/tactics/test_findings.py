"""A finding as the rules read it."""

from datetime import date

import pytest

from tactics.models import Finding
from tactics.rating import Design, rate


@pytest.mark.parametrize(
    ("design", "start"),
    [
        (Design.DIFFERENCE, 3),
        (Design.DISCONTINUITY, 3),
        (Design.SYNTHETIC, 2),
        (Design.ADJUSTED, 2),
    ],
)
def test_only_a_difference_or_a_discontinuity_starts_at_3(design: Design, start: int) -> None:
    """The rules count a synthetic control with them for its own security (D4b), and not here."""
    finding = Finding(
        study_label="A study",
        metric="log_rate_ratio",
        yi=-0.2,
        vi=0.0025,
        conf_low=-0.3,
        conf_high=-0.1,
        security=4,
        is_randomised=False,
        design=design.value,
        sms=3,
    )
    found = rate([finding.rated_trial], today=date(2026, 11, 1))
    assert next(step.effect for step in found.trace if step.rule == "ST") == start
