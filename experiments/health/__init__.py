"""How a running trial is: each check's verdict by the registry's thresholds. Pure: no Django."""

from experiments.health.arms import analysed, filling
from experiments.health.beside import Beside, collisions
from experiments.health.delivery import contamination, integrity
from experiments.health.outcomes import baseline_balance, guardrail, trends_before
from experiments.health.progress import Due, Feed, Recruited, feed, overdue, recruitment
from experiments.health.promise import drift
from experiments.health.verdict import CHECKS, Status, Verdict, not_judged, urgency, worst

__all__ = [
    "CHECKS",
    "Beside",
    "Due",
    "Feed",
    "Recruited",
    "Status",
    "Verdict",
    "analysed",
    "baseline_balance",
    "collisions",
    "contamination",
    "drift",
    "feed",
    "filling",
    "guardrail",
    "integrity",
    "not_judged",
    "overdue",
    "recruitment",
    "trends_before",
    "urgency",
    "worst",
]
