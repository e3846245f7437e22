"""PURE: pool findings. Knows no Django; the site, Celery and the command line use the same code."""

from tactics.synthesis.bias import Egger, egger
from tactics.synthesis.document import synthesise
from tactics.synthesis.errors import BadEffects, NotEstimable, SynthesisError
from tactics.synthesis.heterogeneity import METHODS, Method, q_profile, tau_squared
from tactics.synthesis.pooling import PREDICTIONS, TESTS, Coefficient, Options, Pooled, pool
from tactics.synthesis.summary import Effect, Summary, summarise

__all__ = [
    "METHODS",
    "PREDICTIONS",
    "TESTS",
    "BadEffects",
    "Coefficient",
    "Effect",
    "Egger",
    "Method",
    "NotEstimable",
    "Options",
    "Pooled",
    "Summary",
    "SynthesisError",
    "egger",
    "pool",
    "q_profile",
    "summarise",
    "synthesise",
    "tau_squared",
]
