"""The rows of the trial registry."""

from experiments.models.access import (
    READS,
    AccessApplication,
    AccessDecision,
    AccessNotice,
    AccessRevocation,
    RestrictedFile,
)
from experiments.models.account import Deviation
from experiments.models.allocation import (
    Allocation,
    AllocationSeed,
    AssignedPeriod,
    Assignment,
    BeaconValue,
    Unit,
)
from experiments.models.analysis import Analysis, AnalysisFile, Result
from experiments.models.collision import CollisionNote
from experiments.models.cosignature import Cosignature
from experiments.models.dataset import BlindReview, Dataset
from experiments.models.diagnosis import Diagnosis, DiagnosisPart
from experiments.models.disclosure_policy import DisclosurePolicy
from experiments.models.enrolment import Enrolment, Override
from experiments.models.estimate import ReleasedEstimate
from experiments.models.extract import Extract
from experiments.models.harm import Harm
from experiments.models.health import HealthCheck, Notice
from experiments.models.implementation import Implementation
from experiments.models.loss import Loss
from experiments.models.package import PackageFile
from experiments.models.registration import Amendment, Objection, Registration, Review
from experiments.models.release import FileDecision, Release, ReleaseCheck, ReleaseFile, Retraction
from experiments.models.remark import Explanation, Remark
from experiments.models.reporting import Deferral, EmbargoExtension, FactualCheck, ProgressNote
from experiments.models.seal import DatasetSeal
from experiments.models.site_step import SiteStep
from experiments.models.snapshot import Snapshot
from experiments.models.trial import Site, TeamMember, Trial
from experiments.models.verification import Verification
from experiments.models.withdrawal import Withdrawal

__all__ = [
    "READS",
    "AccessApplication",
    "AccessDecision",
    "AccessNotice",
    "AccessRevocation",
    "Allocation",
    "AllocationSeed",
    "Amendment",
    "Analysis",
    "AnalysisFile",
    "AssignedPeriod",
    "Assignment",
    "BeaconValue",
    "BlindReview",
    "CollisionNote",
    "Cosignature",
    "Dataset",
    "DatasetSeal",
    "Deferral",
    "Deviation",
    "Diagnosis",
    "DiagnosisPart",
    "DisclosurePolicy",
    "EmbargoExtension",
    "Enrolment",
    "Explanation",
    "Extract",
    "FactualCheck",
    "FileDecision",
    "Harm",
    "HealthCheck",
    "Implementation",
    "Loss",
    "Notice",
    "Objection",
    "Override",
    "PackageFile",
    "ProgressNote",
    "Registration",
    "Release",
    "ReleaseCheck",
    "ReleaseFile",
    "ReleasedEstimate",
    "Remark",
    "RestrictedFile",
    "Result",
    "Retraction",
    "Review",
    "Site",
    "SiteStep",
    "Snapshot",
    "TeamMember",
    "Trial",
    "Unit",
    "Verification",
    "Withdrawal",
]
