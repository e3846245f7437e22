"""The Centre's own rows: people, forces, the audit log and the runs."""

from centre.models.absences import SourceAbsence, SourceAbsenceWithdrawal
from centre.models.audit import AuditEvent
from centre.models.boundaries import ForceBoundaries
from centre.models.forces import Force
from centre.models.imprints import AuditHead, Imprint
from centre.models.invitations import Invitation, Suspension
from centre.models.measures import Measure, WeightTable
from centre.models.offences import OffenceFile, OffenceMonth
from centre.models.panels import Panel
from centre.models.people import Membership, User
from centre.models.place_scans import PlaceScan
from centre.models.runs import Run, RunAttempt
from centre.models.service import Heartbeat, ReadOnlyPeriod
from centre.models.signals import Signal, SignalJudgement, TrendScan
from centre.models.standard_figures import FigureFile, StandardFigure
from centre.models.standards import FurtherMeasure, PeerGroup, PeerGroupForce, Standard, StandardWithdrawal
from centre.models.submissions import AreaLookup, MonthlyFile, Submission
from centre.models.token import ApiToken, IdempotentRequest
from centre.models.visits import QualityAction, Visit, VisitNote
from centre.models.webhooks import Webhook, WebhookMessage

__all__ = [
    "ApiToken",
    "AreaLookup",
    "AuditEvent",
    "AuditHead",
    "FigureFile",
    "Force",
    "ForceBoundaries",
    "FurtherMeasure",
    "Heartbeat",
    "IdempotentRequest",
    "Imprint",
    "Invitation",
    "Measure",
    "Membership",
    "MonthlyFile",
    "OffenceFile",
    "OffenceMonth",
    "Panel",
    "PeerGroup",
    "PeerGroupForce",
    "PlaceScan",
    "QualityAction",
    "ReadOnlyPeriod",
    "Run",
    "RunAttempt",
    "Signal",
    "SignalJudgement",
    "SourceAbsence",
    "SourceAbsenceWithdrawal",
    "Standard",
    "StandardFigure",
    "StandardWithdrawal",
    "Submission",
    "Suspension",
    "TrendScan",
    "User",
    "Visit",
    "VisitNote",
    "Webhook",
    "WebhookMessage",
    "WeightTable",
]
