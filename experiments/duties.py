"""What waits for whom: one table behind "My work" and behind the next button of each trial."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, Q

from centre.permissions import Permission, has_permission
from experiments import waits
from experiments.lifecycle import Conduct, Registration, Results
from experiments.models import Amendment, Trial

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


DUTIES: tuple[Duty, ...] = (
    Duty(
        "decide",
        "Amendments to decide",
        "Decide on the amendment",
        Permission.AMENDMENT_DECIDE,
        "trial-amend",
        lambda user: (
            Q(
                Exists(
                    Amendment.objects.filter(waits.FOR_REVIEWER, **waits.OF_TRIAL).exclude(proposed_by=user)
                )
            )
            & ~waits.own(user)
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
            & waits.own_or_force(user)
        ),
        "A draft, or a protocol that the reviewer has sent back with changes.",
    ),
    Duty(
        "review",
        "Protocols to review",
        "Review the protocol",
        Permission.TRIAL_REVIEW,
        "trial-review",
        lambda user: (
            Q(registration_state__in=waits.REVIEW)
            & ~waits.APPROVED
            & ~waits.REJECTED
            & ~waits.own(user)
            & ~Q(submitted_by=user)
        ),
        "Read the protocol, comment, and approve it or ask for changes.",
    ),
    Duty(
        "cosign",
        "Protocols to sign",
        "Sign the protocol",
        Permission.TRIAL_COSIGN,
        "trial-sign",
        waits.to_sign,
        "Your force leads this trial. Its protocol is registered when you have signed it.",
    ),
    Duty(
        "register",
        "Trials to register",
        "Register the trial",
        Permission.TRIAL_REGISTER,
        "trial-register",
        lambda user: (
            Q(registration_state=Registration.IN_REVIEW) & waits.APPROVED & waits.SIGNED & ~waits.own(user)
        ),
        "A reviewer has approved the protocol and the sponsor has signed it. Registration freezes it.",
    ),
    Duty(
        "reject",
        "Rejections to confirm",
        "Confirm the rejection",
        Permission.TRIAL_REGISTER,
        "trial-reject",
        lambda user: (
            Q(registration_state=Registration.IN_REVIEW)
            & waits.REJECTED
            & ~waits.APPROVED
            & ~waits.reviewed_by(user)
        ),
        "A reviewer has rejected the protocol. A second person confirms.",
    ),
    Duty(
        "approve-withdrawal",
        "Withdrawals to approve",
        "Answer the request to withdraw",
        Permission.TRIAL_REGISTER,
        "trial-withdraw",
        lambda user: waits.withdrawals(user, manager_at=None),
        "The team asks to withdraw the registration. The registrar and the director approve.",
    ),
    Duty(
        "direct-withdrawal",
        "Withdrawals for the director",
        "Answer the request to withdraw",
        Permission.TRIAL_DIRECT,
        "trial-withdraw",
        lambda user: waits.withdrawals(user, director_at=None),
        "The team asks to withdraw the registration. The registrar and the director approve.",
    ),
    Duty(
        "agree",
        "Agreement steps that are late",
        "Record the agreement steps",
        Permission.TRIAL_CONDUCT,
        "trial-sites",
        waits.agreements_late,
        "A day by which your force meant to agree to something has passed.",
    ),
    Duty(
        "open",
        "Trials to open",
        "Open the baseline period",
        Permission.TRIAL_REGISTER,
        "trial-conduct",
        lambda user: waits.in_conduct(Conduct.NOT_STARTED),
        "Registered and not begun. The unit list can be frozen once the baseline period is open.",
    ),
    Duty(
        "freeze",
        "Unit lists to freeze",
        "Freeze the unit list",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: waits.in_conduct(Conduct.BASELINE) & ~waits.UNITS_FROZEN & ~waits.ONE_BY_ONE,
        "The trial waits for its list of units. Freezing it commits to a secret seed.",
    ),
    Duty(
        "open-sequence",
        "Sequences to open",
        "Open the sequence",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: waits.in_conduct(Conduct.BASELINE) & ~waits.UNITS_FROZEN & waits.ONE_BY_ONE,
        "Cases will come one by one. Opening the sequence commits to a secret seed.",
    ),
    Duty(
        "draw",
        "Allocations to draw",
        "Draw the allocation",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: waits.in_conduct(Conduct.BASELINE) & waits.TO_DRAW,
        "The unit list is frozen. The draw happens once and cannot be repeated.",
    ),
    Duty(
        "deliver",
        "Trials to start",
        "Start delivery",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: (
            waits.in_conduct(Conduct.ALLOCATED) | (waits.in_conduct(Conduct.BASELINE) & waits.NOT_DRAWN_HERE)
        ),
        "Units are allocated, or their treatment starts are frozen. Say when delivery begins.",
    ),
    Duty(
        "enrol",
        "Trials that enrol cases",
        "Enrol a case",
        Permission.CASE_ENROL,
        "trial-cases",
        lambda user: (
            waits.in_conduct(Conduct.ALLOCATED, Conduct.DELIVERING) & waits.UNITS_FROZEN & waits.ONE_BY_ONE
        ),
        "Each case that is eligible gets its arm as it is enrolled.",
    ),
    Duty(
        "resume",
        "Suspended trials",
        "Resume the trial",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: waits.in_conduct(Conduct.SUSPENDED),
    ),
    Duty(
        "upload",
        "Outcome data to send",
        "Upload outcome data",
        Permission.DATASET_UPLOAD,
        "trial-data-upload",
        lambda user: waits.in_conduct(Conduct.DELIVERING, Conduct.FOLLOW_UP) & ~waits.OUTCOME_DATA,
        "The trial is running and no outcome data have arrived.",
    ),
    Duty(
        "follow",
        "Trials being delivered",
        "Say when delivery has ended",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: waits.in_conduct(Conduct.DELIVERING) & waits.OUTCOME_DATA,
        "Outcome data are here. When the last unit has been treated, the trial goes into follow-up.",
    ),
    Duty(
        "review-data",
        "Data to review, blind to arms",
        "Review the data",
        Permission.DATASET_SEE,
        "trial-data-review",
        lambda user: waits.in_conduct(Conduct.FOLLOW_UP) & waits.TO_REVIEW_BLIND,
        "Outcome data are here. Somebody looks at their quality, blind to arms, before they are locked.",
    ),
    Duty(
        "lock",
        "Data to lock",
        "Lock the data",
        Permission.TRIAL_CONDUCT,
        "trial-conduct",
        lambda user: waits.in_conduct(Conduct.FOLLOW_UP) & waits.OUTCOME_DATA & ~waits.TO_REVIEW_BLIND,
        "Follow-up, with outcome data that were reviewed. Locking opens the way to the analysis.",
    ),
    Duty(
        "reveal",
        "Seeds to reveal",
        "Reveal the seed",
        Permission.ALLOCATION_DRAW,
        "trial-allocation",
        lambda user: waits.in_conduct(*waits.LOCKED) & waits.TO_REVEAL,
        "The data are locked, so the seed can be made public and anyone can replay the draw.",
    ),
    Duty(
        "analyse",
        "Registered plans to run",
        "Run the registered plan",
        Permission.ANALYSIS_RUN,
        "trial-analyses",
        lambda user: waits.in_conduct(*waits.LOCKED) & waits.OUTCOME_DATA & ~waits.ANALYSED & ~waits.ASKED,
        "The data are locked and the registered plan has not run.",
    ),
    Duty(
        "prepare",
        "Releases to prepare",
        "Prepare a release",
        Permission.RELEASE_PREPARE,
        "trial-releases",
        lambda user: (
            waits.ANALYSED
            & ~waits.releases()
            & Q(results_state__in=(Results.ANALYSING, Results.AWAITING_OUTPUT_CHECK))
        ),
        "The registered analysis has run. Its files need two checkers before anybody else may have them.",
    ),
    Duty(
        "check",
        "Releases to check",
        "Check the release",
        Permission.RELEASE_CHECK,
        "trial-releases",
        waits.to_check,
        "Read the disclosure report and each file, and clear or refuse the release.",
    ),
    Duty(
        "publish",
        "Releases to publish",
        "Publish the release",
        Permission.RELEASE_PUBLISH,
        "trial-releases",
        waits.to_publish,
        "Two checkers have cleared it, and the force has checked the facts or had its time.",
    ),
    Duty(
        "retract",
        "Releases to withdraw",
        "Answer the request to withdraw a release",
        Permission.TRIAL_DIRECT,
        "trial-releases",
        waits.to_retract,
        "A methods reviewer asks to take a published release back.",
    ),
    *(
        Duty(
            f"explain-{permission.value.partition('.')[0]}",
            "Published numbers that were not found again",
            "See what differs",
            permission,
            "trial-releases",
            waits.to_explain,
            "The release was computed again and did not come out as published, or could not be computed.",
        )
        for permission in (Permission.ANALYSIS_RUN, Permission.RELEASE_RETRACT)
    ),
    Duty(
        "check-facts",
        "Facts to check",
        "Check the facts",
        Permission.TRIAL_DRAFT,
        "trial-releases",
        waits.to_check_facts,
        "Two checkers have cleared the results. Read them, and say where a fact is wrong, within 28 days.",
    ),
    Duty(
        "answer-facts",
        "Comments on facts to answer",
        "Answer the force's comment",
        Permission.RELEASE_PREPARE,
        "trial-releases",
        waits.to_answer,
        "The force has commented on the facts of a release.",
    ),
    Duty(
        "tell",
        "Notes on progress to write",
        "Write a note on progress",
        Permission.TRIAL_CONDUCT,
        "trial-progress",
        waits.to_tell,
        "The public has heard nothing of this trial for six months.",
    ),
    Duty(
        "complete",
        "Trials to complete",
        "Complete the trial",
        Permission.TRIAL_REGISTER,
        "trial-conduct",
        lambda user: waits.in_conduct(Conduct.DATA_LOCKED) & waits.ANALYSED,
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
