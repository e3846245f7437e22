"""A trial is looked at: every health check, kept as it came out; who must act is told of what got worse."""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.utils import timezone

from centre import audit, notices
from centre.errors import Conflict, NotFound, NotPermitted
from centre.models import User
from centre.permissions import Permission, has_permission
from experiments import health
from experiments.actions import library, steps
from experiments.analysis import health as bridge
from experiments.health import Status, Verdict
from experiments.lifecycle import Conduct, Fact
from experiments.models import HealthCheck, Notice, Trial

log = logging.getLogger(__name__)

# Who can do something about it.
ACTS: dict[str, Permission] = {
    "integrity": Permission.TRIAL_CONDUCT,
    "contamination": Permission.TRIAL_CONDUCT,
    "sample_ratio": Permission.ALLOCATION_DRAW,
    "balance": Permission.ALLOCATION_DRAW,
    "pre_trends": Permission.TRIAL_CONDUCT,
    "recruitment": Permission.TRIAL_CONDUCT,
    "feed": Permission.DATASET_UPLOAD,
    "guardrail": Permission.TRIAL_CONDUCT,
    "drift": Permission.TRIAL_REGISTER,
    "collisions": Permission.TRIAL_CONDUCT,
    "overdue": Permission.TRIAL_CONDUCT,
}
_URGENT = (Status.AMBER, Status.RED)
OFTEN_ENOUGH = dt.timedelta(hours=12)


@transaction.atomic
def check(*, trial: Trial, by: User | None = None) -> HealthCheck:
    """The trial's checks of now are on the record. Without `by` it is the nightly round."""
    if by is not None:
        _require_inside(trial, by)
    trial = Trial.objects.select_for_update(of=("self",)).get(pk=trial.pk)
    found = bridge.verdicts(trial, timezone.localdate())
    if not found:
        raise Conflict("There is nothing to check before registration.")
    before = trial.health_checks.first()
    made = HealthCheck.objects.create(
        trial=trial,
        at=timezone.now(),
        by=by,
        worst=health.worst([one.status for one in found]).value,
        verdicts=[
            {
                "check": one.check,
                "status": one.status.value,
                "said": one.said,
                "figures": dict(one.figures),
            }
            for one in found
        ],
    )
    told = _tell(made, found, before)
    detail = {"worst": made.worst, "told": told}
    audit.record("trial.checked", subject=trial, by=by, detail=detail)
    _suspend(trial, found)
    _reopen(trial, found, before)
    return made


@transaction.atomic
def see(*, notice: Notice, by: User) -> Notice:
    """The person has read the notice."""
    notices.see(notice, about=notice.trial, by=by)
    return notice


def check_all() -> int:
    """Check every trial that is not over and was not checked lately, so that twice does nothing; return how many."""
    live = Trial.objects.to_watch().exclude(health_checks__at__gte=timezone.now() - OFTEN_ENOUGH)
    done = 0
    for trial in live:
        try:
            check(trial=trial)
        except Exception:  # what is wrong with one trial must not hide the others; it stands in the log
            log.exception("The health checks of %s did not finish", trial.ref)
        else:
            done += 1
    return done


def _tell(made: HealthCheck, found: list[Verdict], before: HealthCheck | None) -> int:
    """Leave a notice for each person who can act on a check that got worse; return how many."""
    earlier = before.statuses if before else {}
    worse = [
        one
        for one in found
        if one.status in _URGENT
        and health.urgency(one.status) > health.urgency(Status(earlier.get(one.check, Status.GREEN)))
    ]
    if not worse:
        return 0
    people = list(User.objects.filter(is_active=True).prefetch_related("memberships"))
    notices = [
        Notice(
            user=person,
            trial=made.trial,
            health_check=made,
            check_name=one.check,
            status=one.status.value,
            said=one.said,
            at=made.at,
        )
        for one in worse
        for person in _who_acts(people, made.trial, ACTS[one.check])
    ]
    Notice.objects.bulk_create(notices)
    return len(notices)


def _reopen(trial: Trial, found: list[Verdict], before: HealthCheck | None) -> None:
    """Have the ratings that rest on a reported trial looked at again where its integrity has failed since."""
    failed = any(one.check == "integrity" and one.status is Status.RED for one in found)
    was = (before.statuses if before else {}).get("integrity")
    if failed and was != Status.RED.value:
        library.reopen(trial, "a check of its integrity has failed; the trial's checks say how.", None)


def _suspend(trial: Trial, found: list[Verdict]) -> None:
    """Let a delivered trial stand still where a guardrail is passed and its protocol says so: nobody is waited for."""
    passed = [
        one.said
        for one in found
        if one.check == "guardrail" and one.status is Status.RED and one.figures["suspends"]
    ]
    if passed and trial.conduct_state == Conduct.DELIVERING:
        trial.state_reason = " ".join(passed)
        steps.take(
            trial,
            Conduct.SUSPENDED,
            facts={Fact.REASON: True},
            by=None,
            using=None,
            event="trial.suspended_by_guardrail",
            reason=trial.state_reason,
        )


def _who_acts(people: Iterable[User], trial: Trial, permission: Permission) -> Iterator[User]:
    return (person for person in people if has_permission(person, permission, on=trial))


def _require_inside(trial: Trial, by: User) -> None:
    if not Trial.objects.visible_to(by).filter(pk=trial.pk).exists():
        raise NotFound("There is no such trial.")
    if not Trial.objects.worked_on_by(by).filter(pk=trial.pk).exists():
        raise NotPermitted("Only those who work on this trial, and Centre staff, can have it checked.")
