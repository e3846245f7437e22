"""Threats that follow from measured facts."""

import pytest

from tactics.rating.evidence import Level, Threat
from tactics.rating.threats import (
    concurrent,
    confounding,
    fidelity,
    missing_data,
    selective_reporting,
    spillover,
)

LOW, MODERATE, HIGH = Level.LOW, Level.MODERATE, Level.HIGH


@pytest.mark.parametrize(
    ("threat", "level"),
    [
        (confounding(largest_smd=None, adjusted=False), LOW),
        (confounding(largest_smd=0.25, adjusted=False), LOW),
        (confounding(largest_smd=0.26, adjusted=True), MODERATE),
        (confounding(largest_smd=-0.26, adjusted=False), HIGH),
        (concurrent(share=0, logged=False, adjusted=False), LOW),
        (concurrent(share=0.2, logged=True, adjusted=False), MODERATE),
        (concurrent(share=0.3, logged=True, adjusted=True), MODERATE),
        (concurrent(share=0.3, logged=True, adjusted=False), HIGH),
        (concurrent(share=0.1, logged=False, adjusted=False), HIGH),
        (spillover(adjacent=False, tested=False, measured=True), LOW),
        (spillover(adjacent=False, tested=False, measured=False), MODERATE),
        (spillover(adjacent=True, tested=True, measured=True), MODERATE),
        (spillover(adjacent=True, tested=False, measured=True), HIGH),
        (spillover(adjacent=False, tested=True, measured=True, cancels=0.5), HIGH),
        (fidelity(dose_share=0.8), LOW),
        (fidelity(dose_share=0.79), MODERATE),
        (fidelity(dose_share=None), MODERATE),
        (fidelity(dose_share=0.49), HIGH),
        (fidelity(dose_share=1.0, control_dose_share=0.21), HIGH),
        (missing_data(share=0.05, handled=False), LOW),
        (missing_data(share=0.15, handled=True), MODERATE),
        (missing_data(share=0.06, handled=False), HIGH),
        (missing_data(share=0.16, handled=True), HIGH),
        (missing_data(share=0.0, handled=True, sign_flips=True), HIGH),
        (selective_reporting(badge="prospective"), LOW),
        (selective_reporting(badge="prospective", major_disclosed=1), MODERATE),
        (selective_reporting(badge="prospective", minor_undisclosed=1), MODERATE),
        (selective_reporting(badge="retrospective"), MODERATE),
        (selective_reporting(badge="prospective", data_category=3), MODERATE),
        (selective_reporting(badge="retrospective", data_category=4), HIGH),
        (selective_reporting(badge="not_registered"), HIGH),
        (selective_reporting(badge="prospective", outcome_switched=True), HIGH),
        (selective_reporting(badge="prospective", major_undisclosed=1), HIGH),
    ],
)
def test_level_follows_from_the_facts(threat: Threat, level: Level) -> None:
    assert threat.level == level
    assert threat.reason or level == LOW
