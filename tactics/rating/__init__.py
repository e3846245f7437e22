"""PURE: the rules that rate a trial (security, 0 to 5) and a tactic (label, direction, size, strength)."""

from tactics.rating.evidence import (
    METRICS,
    RATIO_METRICS,
    THREATS,
    BadEvidence,
    Design,
    Direction,
    Level,
    Metric,
    Threat,
    TrialEvidence,
)
from tactics.rating.findings import Override, RatedTrial, RegistryCounts
from tactics.rating.rules import CURRENT, RULES_1_0, VERSIONS, BadRules, Rules, proposed
from tactics.rating.security import NAMES, Security, security
from tactics.rating.tactic import RatingResult, rate
from tactics.rating.trace import Step
from tactics.rating.verdict import LABEL_NAMES, NEEDS_SIGNATURES, Label, percent_change

__all__ = [
    "CURRENT",
    "LABEL_NAMES",
    "METRICS",
    "NAMES",
    "NEEDS_SIGNATURES",
    "RATIO_METRICS",
    "RULES_1_0",
    "THREATS",
    "VERSIONS",
    "BadEvidence",
    "BadRules",
    "Design",
    "Direction",
    "Label",
    "Level",
    "Metric",
    "Override",
    "RatedTrial",
    "RatingResult",
    "RegistryCounts",
    "Rules",
    "Security",
    "Step",
    "Threat",
    "TrialEvidence",
    "percent_change",
    "proposed",
    "rate",
    "security",
]
