"""A finding as the rules read it."""

from dataclasses import replace
from datetime import date

import pytest

from tactics.models import Finding
from tactics.rating import CURRENT, Design, Level, Threat, rate
from tests.unit.tactics.rating.test_security import CLEAN


def finding(**values: object) -> Finding:
    return Finding(
        study_label="A study",
        metric="log_rate_ratio",
        yi=-0.2,
        vi=0.0025,
        conf_low=-0.3,
        conf_high=-0.1,
        **values,
    )


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
    made = finding(security=4, is_randomised=False, design=design.value, sms=3)
    found = rate([made.rated_trial], today=date(2026, 11, 1))
    assert next(step.effect for step in found.trace if step.rule == "ST") == start


@pytest.mark.parametrize(("level", "security"), [(Level.MODERATE, 5), (Level.HIGH, 4)])
def test_a_finding_is_replayed_with_the_threats_it_was_recorded_with(level: Level, security: int) -> None:
    """However missing outcomes are judged today: what is stored is a level, and the facts are asked no more."""
    threat = Threat("T5", level, reason="10 % of rows have no outcome")
    evidence = replace(CLEAN, threats=(threat,)).as_json()
    made = finding(evidence=evidence, security=None, is_randomised=True, design="randomised", sms=5)
    assert made.judged_by(CURRENT).security == security
