"""What waits for whom: one table behind "My work" and behind the next button of each trial."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from centre.permissions import Permission, has_permission
from experiments.lifecycle import Conduct, Registration, Results
from experiments.models import Allocation, Amendment, Analysis, Dataset, Release, Review, Trial
from experiments.models.release import CHECKS_NEEDED
from experiments.protocol.vocabulary import AllocationMethod

if TYPE_CHECKING:
    from centre.models import User
    from centre.permissions import Person


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of thing to do: who may, on which trials, and where."""

    slug: str
    title: str
    button: str
    permission: Permission
    url_name: str
    where: Callable[["User"], Q]
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A duty and the trials on which it waits for one person."""

    duty: Duty
    trials: list[Trial]


_REVIEW = (Registration.SUBMITTED, Registration.IN_REVIEW)
_LOCKED = (Conduct.DATA_LOCKED, Conduct.COMPLETED, Conduct.TERMINATED)
_OF_TRIAL = {"trial": OuterRef("pk")}
_APPROVED = Q(
    Exists(
        Review.objects.filter(
            **_OF_TRIAL, decision=Review.Decision.APPROVE, protocol_edition=OuterRef("protocol_edition")
        )
    )
)
_UNITS_FROZEN = Q(Exists(Allocation.objects.filter(**_OF_TRIAL)))
_TO_DRAW = Q(Exists(Allocation.objects.filter(**_OF_TRIAL, drawn_at=None).exclude(method="none")))
_NOT_DRAWN_HERE = Q(Exists(Allocation.objects.filter(**_OF_TRIAL, method="none")))
_TO_REVEAL = Q(Exists(Allocation.objects.filter(**_OF_TRIAL, drawn_at__isnull=False, revealed_at=None)))
_ONE_BY_ONE = Q(protocol__allocation__method__in=[one.value for one in AllocationMethod if one.one_by_one])
_OUTCOME_DATA = Q(Exists(Dataset.objects.filter(**_OF_TRIAL, kind=Dataset.Kind.OUTCOME)))
_REGISTERED_ANALYSES = Analysis.objects.filter(**_OF_TRIAL, is_registered=True)
_ANALYSED = Q(Exists(_REGISTERED_ANALYSES.exclude(result_sha256="")))
_ASKED = Q(Exists(_REGISTERED_ANALYSES.filter(run__state__in=("queued", "running"))))


def _own(user: "User") -> Q:
    return Q(created_by=user) | Q(pk__in=Trial.objects.filter(team_members__user=user).values("pk"))


def _own_or_force(user: "User") -> Q:
    return _own(user) | Q(lead_force__in=user.force_ids)


def _releases(**where: object) -> Q:
    open_ones = Release.objects.filter(**_OF_TRIAL, withdrawn_at=None, **where).exclude(
        checks__decision="refuse"
    )
    return Q(Exists(open_ones))


def _to_check(user: "User") -> Q:
    mine = Release.objects.awaiting_check_by(user).filter(**_OF_TRIAL)
    return Q(Exists(mine)) & ~_own(user)


def _to_publish(user: "User") -> Q:
    cleared = Release.objects.cleared(CHECKS_NEEDED).filter(**_OF_TRIAL).exclude(prepared_by=user)
    return Q(Exists(cleared))


def _in_conduct(*states: Conduct) -> Q:
    return Q(registration_state=Registration.REGISTERED, conduct_state__in=states)


DUTIES: tuple[Duty, ...] = (
    Duty(
        "decide",
        "Amendments to decide",
        "Decide on the amendment",
        Permission.AMENDMENT_DECIDE,
        "trial-amend",
        lambda user: (
            Q(Exists(Amendment.objects.filter(**_OF_TRIAL, decided_at=None).exclude(proposed_by=user)))
            & ~_own(user)
        ),
        "A registered protocol is to change. The change waits for a reviewer who is not in the team.",
    ),
    Duty(
        "write",
        "Protocols to finish",
        "Continue the protocol",
        Permission.TRIAL_DRAFT,
        "trial-protocol",
        lambda user: (
            Q(registration_state__in=(Registration.DRAFT, Registration.CHANGES_REQUESTED))
            & _own_or_force(user)
        ),
        "A draft, or a protocol that the reviewer has sent back with changes.",
    ),
    Duty(
        "review",
        "Protocols to review",
        "Review the protocol",
        Permission.TRIAL_REVIEW,
        "trial-review",
        lambda user: Q(registration_state__in=_REVIEW) & ~_APPROVED & ~_own(user) & ~Q(submitted_by=user),
        "Read the protocol, comment, and approve it or ask for changes.",
    ),
    Duty(
        "register",
        "Trials to register",
        "Register the trial",
        Permission.TRIAL_REGISTER,
        "trial-register",
        lambda user: Q(registration_state=Registration.IN_REVIEW) & _APPROVED & ~_own(user),
        "A reviewer has approved the protocol. Registration freezes it.",
    ),
    Duty(
        "open",
        "Trials to open",
        "Open the baseline period",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.NOT_STARTED),
        "Registered and not begun. The unit list can be frozen once the baseline period is open.",
    ),
    Duty(
        "freeze",
        "Unit lists to freeze",
        "Freeze the unit list",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: _in_conduct(Conduct.BASELINE) & ~_UNITS_FROZEN & ~_ONE_BY_ONE,
        "The trial waits for its list of units. Freezing it commits to a secret seed.",
    ),
    Duty(
        "open-sequence",
        "Sequences to open",
        "Open the sequence",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: _in_conduct(Conduct.BASELINE) & ~_UNITS_FROZEN & _ONE_BY_ONE,
        "Cases will come one by one. Opening the sequence commits to a secret seed.",
    ),
    Duty(
        "draw",
        "Allocations to draw",
        "Draw the allocation",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: _in_conduct(Conduct.BASELINE) & _TO_DRAW,
        "The unit list is frozen. The draw happens once and cannot be repeated.",
    ),
    Duty(
        "deliver",
        "Trials to start",
        "Start delivery",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.ALLOCATED) | (_in_conduct(Conduct.BASELINE) & _NOT_DRAWN_HERE),
        "Units are allocated, or their treatment starts are frozen. Say when delivery begins.",
    ),
    Duty(
        "enrol",
        "Trials that enrol cases",
        "Enrol a case",
        Permission.CASE_ENROL,
        "trial-cases",
        lambda user: _in_conduct(Conduct.ALLOCATED, Conduct.DELIVERING) & _UNITS_FROZEN & _ONE_BY_ONE,
        "Each case that is eligible gets its arm as it is enrolled.",
    ),
    Duty(
        "resume",
        "Suspended trials",
        "Resume or stop the trial",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.SUSPENDED),
    ),
    Duty(
        "upload",
        "Outcome data to send",
        "Upload outcome data",
        Permission.DATASET_UPLOAD,
        "trial-data-upload",
        lambda user: _in_conduct(Conduct.DELIVERING, Conduct.FOLLOW_UP) & ~_OUTCOME_DATA,
        "The trial is running and no outcome data have arrived.",
    ),
    Duty(
        "follow",
        "Trials being delivered",
        "Say when delivery has ended",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.DELIVERING) & _OUTCOME_DATA,
        "Outcome data are here. When the last unit has been treated, the trial goes into follow-up.",
    ),
    Duty(
        "lock",
        "Data to lock",
        "Lock the data",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.FOLLOW_UP) & _OUTCOME_DATA,
        "Follow-up, with outcome data. Locking opens the way to the analysis.",
    ),
    Duty(
        "reveal",
        "Seeds to reveal",
        "Reveal the seed",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: _in_conduct(*_LOCKED) & _TO_REVEAL,
        "The data are locked, so the seed can be made public and anyone can replay the draw.",
    ),
    Duty(
        "analyse",
        "Registered plans to run",
        "Run the registered plan",
        Permission.ANALYSIS_RUN,
        "trial-analyses",
        lambda user: _in_conduct(*_LOCKED) & _OUTCOME_DATA & ~_ANALYSED & ~_ASKED,
        "The data are locked and the registered plan has not run.",
    ),
    Duty(
        "prepare",
        "Releases to prepare",
        "Prepare a release",
        Permission.RELEASE_PREPARE,
        "trial-releases",
        lambda user: (
            _ANALYSED & ~_releases() & Q(results_state__in=(Results.ANALYSING, Results.AWAITING_OUTPUT_CHECK))
        ),
        "The registered analysis has run. Its files need two checkers before anybody else may have them.",
    ),
    Duty(
        "check",
        "Releases to check",
        "Check the release",
        Permission.RELEASE_CHECK,
        "trial-releases",
        _to_check,
        "Read the disclosure report and each file, and clear or refuse the release.",
    ),
    Duty(
        "publish",
        "Releases to publish",
        "Publish the release",
        Permission.RELEASE_PUBLISH,
        "trial-releases",
        _to_publish,
        "Two checkers have cleared it.",
    ),
    Duty(
        "complete",
        "Trials to complete",
        "Complete the trial",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: _in_conduct(Conduct.DATA_LOCKED) & _ANALYSED,
        "Every registered analysis has run. The record can be closed.",
    ),
)


def waiting_for(user: "User") -> Iterator[Waiting]:
    """Yield each duty that waits for the person, with its trials."""
    for duty in DUTIES:
        if has_permission(user, duty.permission):
            found = (
                Trial.objects.visible_to(user).filter(duty.where(user)).for_list().prefetch_related("sites")
            )
            trials = [trial for trial in found if has_permission(user, duty.permission, on=trial)]
            if trials:
                yield Waiting(duty, trials)


def next_for(trial: Trial, user: "Person") -> Duty | None:
    """Return the one thing that waits for this person on this trial, found in one query."""
    if not user.is_authenticated:
        return None
    possible = [duty for duty in DUTIES if has_permission(user, duty.permission, on=trial)]
    asked = {f"waits_{duty.slug}": duty.where(user) for duty in possible}
    answers = Trial.objects.filter(pk=trial.pk).annotate(**asked).values(*asked).first() if asked else None
    return next((duty for duty in possible if answers and answers[f"waits_{duty.slug}"]), None)
