"""What the Centre knows."""

from tactics.models.catalogue import OutcomeDomain, Problem, Tactic
from tactics.models.evidence import Finding, RegisteredTrial
from tactics.models.ratings import Rating, RatingSignature, Synthesis

__all__ = [
    "Finding",
    "OutcomeDomain",
    "Problem",
    "Rating",
    "RatingSignature",
    "RegisteredTrial",
    "Synthesis",
    "Tactic",
]
