"""What happens by itself when its time has come. Each may be run as often as one likes: what is done is not done again.

The registry itself is the actor. One trial that cannot be moved does not hold the others up.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre.clock import day_of_lists
from centre.errors import Refusal
from experiments import deadlines
from experiments.actions import amendments, factual_checks, library, packages, releases, steps, turns
from experiments.lifecycle import CHECKS_NEEDED, Fact, Results, Visibility
from experiments.models import Amendment, Release, Trial

log = logging.getLogger(__name__)


def keep_all() -> dict[str, int]:
    """Every timer has run once; return how many trials each moved."""
    return {name: timer() for name, timer in TIMERS.items()}


def release_embargoes() -> int:
    """Embargoes whose day has come are over."""
    ended = Trial.objects.filter(
        visibility=Visibility.EMBARGOED, embargo_until__lte=day_of_lists(), number__isnull=False
    )
    return _each(ended.values_list("pk", flat=True), _release_embargo)


def publish_overdue() -> int:
    """Cleared results that are overdue are out: nobody can hold them back after the factual check."""
    cleared = Release.objects.cleared(CHECKS_NEEDED).filter(
        trial__results_state=Results.CHECKED_INTERNAL, withdrawn_at=None
    )
    return _each(cleared.values_list("pk", flat=True), _publish_overdue)


def bring_amendments_into_force() -> int:
    """Approved changes that nobody objected to within 48 hours are in force."""
    approved = Amendment.objects.filter(
        decision=Amendment.Decision.APPROVE,
        registration=None,
        objection=None,
        decided_at__lte=timezone.now() - deadlines.OBJECTION_WINDOW,
    )
    return _each(approved.values_list("pk", flat=True), _bring_into_force)


def _bring_into_force(pk: int) -> bool:
    turns.wait()
    trial = Trial.objects.select_for_update(of=("self",)).get(amendments=pk)
    amendment = Amendment.objects.select_for_update(of=("self",)).get(pk=pk)
    if not amendment.is_pending or amendment.objected or not trial.is_registered:
        return False
    amendments.put_in_force(amendment=amendment, by=None)
    return True


def _release_embargo(pk: int) -> bool:
    trial = Trial.objects.select_for_update(of=("self",)).get(pk=pk)
    if trial.visibility != Visibility.EMBARGOED:
        return False
    trial.embargo_until = None
    steps.take(
        trial,
        Visibility.PUBLIC,
        facts={Fact.REGISTERED: True},
        by=None,
        using=None,
        event="trial.embargo_ended",
        reason="The embargo has ended.",
    )
    standing = trial.releases.published().order_by("-published_at").first()
    if standing is not None:
        releases.restore_findings(standing)
    library.note(trial, None)
    return True


def _publish_overdue(pk: int) -> bool:
    known = Release.objects.get(pk=pk)
    trial = Trial.objects.select_for_update(of=("self",)).get(pk=known.trial_id)
    release = Release.objects.select_for_update(of=("self",)).get(pk=pk)
    if release.published_at or not trial.is_overdue or factual_checks.is_open(release):
        return False
    releases.put_out(trial, release, None)
    return True


def _each(keys: Iterable[Any], act: Callable[[Any], bool]) -> int:
    done = 0
    for key in list(keys):
        try:
            with transaction.atomic():
                done += act(key)
        except Refusal as refusal:
            log.warning("A timer could not move %s: %s", key, refusal.message)
    return done


TIMERS: dict[str, Callable[[], int]] = {
    "amendments": bring_amendments_into_force,
    "embargoes": release_embargoes,
    "overdue-results": publish_overdue,
    "packages": packages.make_missing,
}
