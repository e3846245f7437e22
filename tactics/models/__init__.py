"""What the Centre knows."""

from tactics.models.catalogue import OutcomeDomain, Problem, Tactic
from tactics.models.evidence import Finding, RegisteredTrial
from tactics.models.outside import CitedEvidence, RejectedStudy
from tactics.models.ratings import Rating, RatingSignature, Synthesis
from tactics.models.words import LibraryWord, TacticWords

__all__ = [
    "CitedEvidence",
    "Finding",
    "LibraryWord",
    "OutcomeDomain",
    "Problem",
    "Rating",
    "RatingSignature",
    "RegisteredTrial",
    "RejectedStudy",
    "Synthesis",
    "Tactic",
    "TacticWords",
]
