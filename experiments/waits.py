"""When something waits for somebody, as questions to the database: what the table of duties is made of."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from experiments import deadlines
from experiments.lifecycle import CHECKS_NEEDED, REPORTED, Conduct, Registration, Results
from experiments.models import (
    Allocation,
    Analysis,
    BlindReview,
    Cosignature,
    Dataset,
    ProgressNote,
    Release,
    ReleaseCheck,
    Retraction,
    Review,
    SiteStep,
    TeamMember,
    Trial,
    Verification,
    Withdrawal,
)
from experiments.protocol.vocabulary import AllocationMethod

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from centre.models import User

SIX_MONTHS = dt.timedelta(days=183)  # in a query; the day on the page counts calendar months
REVIEW = (Registration.SUBMITTED, Registration.IN_REVIEW)
LOCKED = (Conduct.DATA_LOCKED, Conduct.COMPLETED, Conduct.TERMINATED)
FOR_REVIEWER = Q(decided_at=None) | Q(objection__isnull=False, objection__answered_at=None)
OF_TRIAL = {"trial": OuterRef("pk")}
APPROVED = Q(
    Exists(
        Review.objects.filter(
            **OF_TRIAL, decision=Review.Decision.APPROVE, protocol_edition=OuterRef("protocol_edition")
        )
    )
)
REJECTED = Q(
    Exists(
        Review.objects.filter(
            **OF_TRIAL, decision=Review.Decision.REJECT, protocol_edition=OuterRef("protocol_edition")
        )
    )
)
# The lead force's sponsor has signed this edition, or a paper says so; without a lead force nobody has to.
SIGNED = (
    Q(lead_force=None)
    | Q(Exists(Cosignature.objects.filter(**OF_TRIAL, protocol_edition=OuterRef("protocol_edition"))))
    | Q(
        Exists(
            SiteStep.objects.filter(
                **OF_TRIAL, force=OuterRef("lead_force"), kind=SiteStep.Kind.SPONSOR, done_at__isnull=False
            )
        )
    )
)
ASKED_TO_WITHDRAW = Withdrawal.objects.filter(**OF_TRIAL, refused_at=None)
UNITS_FROZEN = Q(Exists(Allocation.objects.filter(**OF_TRIAL)))
TO_DRAW = Q(Exists(Allocation.objects.filter(**OF_TRIAL, drawn_at=None).exclude(method="none")))
NOT_DRAWN_HERE = Q(Exists(Allocation.objects.filter(**OF_TRIAL, method="none")))
TO_REVEAL = Q(Exists(Allocation.objects.filter(**OF_TRIAL, drawn_at__isnull=False, revealed_at=None)))
ONE_BY_ONE = Q(protocol__allocation__method__in=[one.value for one in AllocationMethod if one.one_by_one])
OUTCOME_DATA = Q(Exists(Dataset.objects.filter(**OF_TRIAL, kind=Dataset.Kind.OUTCOME)))
# Newest first, so the first row is the version that a lock would close. It is asked inside a review's row.
NEWEST_OUTCOMES = Dataset.objects.filter(trial=OuterRef("trial"), kind=Dataset.Kind.OUTCOME).order_by(
    "-version"
)
TO_REVIEW_BLIND = OUTCOME_DATA & ~Q(
    Exists(BlindReview.objects.filter(**OF_TRIAL, dataset=Subquery(NEWEST_OUTCOMES.values("pk")[:1])))
)
REGISTERED_ANALYSES = Analysis.objects.filter(**OF_TRIAL, is_registered=True)
ANALYSED = Q(Exists(REGISTERED_ANALYSES.exclude(result_sha256="")))
ASKED = Q(Exists(REGISTERED_ANALYSES.filter(run__state__in=("queued", "running"))))


def own(user: "User") -> Q:
    return Q(created_by=user) | Q(pk__in=Trial.objects.filter(team_members__user=user).values("pk"))


def own_or_force(user: "User") -> Q:
    return own(user) | Q(lead_force__in=user.force_ids)


def agreements_late(user: "User") -> Q:
    """Return the trials in which a step of the person's own force is late."""
    late = SiteStep.objects.late(timezone.localdate()).filter(**OF_TRIAL, force__in=user.force_ids)
    return Q(Exists(late))


def releases(**where: object) -> Q:
    open_ones = Release.objects.filter(**OF_TRIAL, withdrawn_at=None, **where).exclude(
        checks__decision="refuse"
    )
    return Q(Exists(open_ones))


def to_check(user: "User") -> Q:
    mine = Release.objects.awaiting_check_by(user).filter(**OF_TRIAL)
    return Q(Exists(mine)) & ~own(user)


def cleared() -> "QuerySet[Release]":
    found: QuerySet[Release] = Release.objects.cleared(CHECKS_NEEDED).filter(**OF_TRIAL)
    return found


def to_publish(user: "User") -> Q:
    """Return the trials with a release whose facts were checked and answered, or whose time for that is over."""
    now = timezone.now()
    in_time = ReleaseCheck.objects.filter(release=OuterRef("pk"), at__gt=now - deadlines.FACTUAL_CHECK)
    is_said = Q(factual_check__comment="") | Q(factual_check__answered_at__isnull=False)
    is_over = Q(factual_check=None) & ~Q(Exists(in_time))
    put_off = Q(deferral__until__gt=timezone.localdate())
    ready = cleared().filter(is_said | is_over).exclude(prepared_by=user).exclude(checks__checker=user)
    return Q(Exists(ready)) & ~put_off


def to_retract(user: "User") -> Q:
    asked = Retraction.objects.filter(
        release__trial=OuterRef("pk"), refused_at=None, release__withdrawn_at=None
    ).exclude(requested_by=user)
    return Q(Exists(asked))


def to_explain(user: "User") -> Q:
    """Return the trials with a published release whose numbers were not found again the last time."""
    return Q(Exists(Verification.objects.alarms().filter(release__trial=OuterRef("pk"))))


def to_check_facts(user: "User") -> Q:
    leads = TeamMember.objects.filter(**OF_TRIAL, user=user, role=TeamMember.Role.LEAD)
    return Q(Exists(cleared().filter(factual_check=None))) & (
        Q(Exists(leads)) | Q(lead_force__in=user.force_ids)
    )


def to_answer(user: "User") -> Q:
    return Q(
        Exists(
            cleared()
            .filter(factual_check__isnull=False, factual_check__answered_at=None)
            .exclude(factual_check__comment="")
        )
    )


def to_tell(user: "User") -> Q:
    """Return the trials whose six-monthly note is late; results that are out need none."""
    since = timezone.now() - SIX_MONTHS
    told = ProgressNote.objects.filter(**OF_TRIAL, at__gt=since)
    owed = Q(registration_state=Registration.REGISTERED, registered_at__lte=since) & Q(
        results_state__in=[one for one in Results if one not in REPORTED]
    )
    return owed & ~Q(conduct_state=Conduct.NEVER_STARTED) & ~Q(Exists(told)) & own_or_force(user)


def reviewed_by(user: "User") -> Q:
    return Q(Exists(Review.objects.filter(**OF_TRIAL, reviewer=user)))


def to_sign(user: "User") -> Q:
    """Return where a protocol of a force that the person answers for waits for its first signature."""
    return Q(registration_state__in=REVIEW, lead_force__in=user.force_ids) & ~SIGNED


def withdrawals(user: "User", **where: object) -> Q:
    return Q(Exists(ASKED_TO_WITHDRAW.filter(**where).exclude(requested_by=user)))


def in_conduct(*states: Conduct) -> Q:
    return Q(registration_state=Registration.REGISTERED, conduct_state__in=states)
