"""PURE: pool findings. Knows no Django; the site, Celery and the command line use the same code."""

from tactics.synthesis.bias import Egger, egger
from tactics.synthesis.document import synthesise
from tactics.synthesis.errors import BadEffects, NotEstimable, SynthesisError
from tactics.synthesis.heterogeneity import METHODS, Method, q_profile, tau_squared
from tactics.synthesis.pooling import PREDICTIONS, TESTS, Coefficient, Options, Pooled, pool
from tactics.synthesis.summary import Effect, Summary, summarise
from tactics.synthesis.tables import (
    Counts,
    MantelHaenszel,
    log_odds_ratios,
    mantel_haenszel,
    synthesise_counts,
)

__all__ = [
    "METHODS",
    "PREDICTIONS",
    "TESTS",
    "BadEffects",
    "Coefficient",
    "Counts",
    "Effect",
    "Egger",
    "MantelHaenszel",
    "Method",
    "NotEstimable",
    "Options",
    "Pooled",
    "Summary",
    "SynthesisError",
    "egger",
    "log_odds_ratios",
    "mantel_haenszel",
    "pool",
    "q_profile",
    "summarise",
    "synthesise",
    "synthesise_counts",
    "tau_squared",
]
