"""The rows of the trial registry."""

from experiments.models.allocation import (
    Allocation,
    AllocationSeed,
    AssignedPeriod,
    Assignment,
    BeaconValue,
    Unit,
)
from experiments.models.analysis import Analysis, AnalysisFile, Result
from experiments.models.dataset import Dataset
from experiments.models.diagnosis import Diagnosis, DiagnosisPart
from experiments.models.enrolment import Enrolment, Override
from experiments.models.health import HealthCheck, Notice
from experiments.models.registration import Amendment, Registration, Review
from experiments.models.release import Release, ReleaseCheck, ReleaseFile
from experiments.models.trial import Site, TeamMember, Trial

__all__ = [
    "Allocation",
    "AllocationSeed",
    "Amendment",
    "Analysis",
    "AnalysisFile",
    "AssignedPeriod",
    "Assignment",
    "BeaconValue",
    "Dataset",
    "Diagnosis",
    "DiagnosisPart",
    "Enrolment",
    "HealthCheck",
    "Notice",
    "Override",
    "Registration",
    "Release",
    "ReleaseCheck",
    "ReleaseFile",
    "Result",
    "Review",
    "Site",
    "TeamMember",
    "Trial",
    "Unit",
]
