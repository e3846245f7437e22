"""What the Centre knows."""

from tactics.models.catalogue import OutcomeDomain, Problem, Tactic
from tactics.models.errors import ErrorRate
from tactics.models.evidence import Finding, RegisteredTrial
from tactics.models.force_practice import Practice, PracticeVersion, newest_of
from tactics.models.money import Appraisal, PriceIndex, TacticCost
from tactics.models.news import Bulletin, Subscription, TacticNotice
from tactics.models.outside import CitedEvidence, RejectedStudy
from tactics.models.passports import Passport, SigningKey
from tactics.models.practice import Adoption, HoursClaim
from tactics.models.quality import QualityScore, standings
from tactics.models.ratings import Rating, RatingSignature, Synthesis
from tactics.models.rules import Appeal, AppealAnswer, RulesAdoption, rules_in_use
from tactics.models.transparency import TransparencyDraft, TransparencyRecord
from tactics.models.words import LibraryWord, TacticTurn, TacticWords

__all__ = [
    "Adoption",
    "Appeal",
    "AppealAnswer",
    "Appraisal",
    "Bulletin",
    "CitedEvidence",
    "ErrorRate",
    "Finding",
    "HoursClaim",
    "LibraryWord",
    "OutcomeDomain",
    "Passport",
    "Practice",
    "PracticeVersion",
    "PriceIndex",
    "Problem",
    "QualityScore",
    "Rating",
    "RatingSignature",
    "RegisteredTrial",
    "RejectedStudy",
    "RulesAdoption",
    "SigningKey",
    "Subscription",
    "Synthesis",
    "Tactic",
    "TacticCost",
    "TacticNotice",
    "TacticTurn",
    "TacticWords",
    "TransparencyDraft",
    "TransparencyRecord",
    "newest_of",
    "rules_in_use",
    "standings",
]
