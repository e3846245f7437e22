"""Published numbers are computed again: when a person asks, and by the registry itself every night."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from centre import audit, runs
from centre.canonical import document_json
from centre.errors import Conflict
from centre.models import Run, User
from centre.permissions import Permission, require
from experiments import analysis as bridge
from experiments.analysis.replicating import Progress, Verified
from experiments.models import Release, Trial, Verification

TASK = "experiments.replicate"
OFTEN_ENOUGH = dt.timedelta(hours=20)
IN_ONE_RUN = 500  # releases; what it has no time for is left to the next


@transaction.atomic
def request(*, release: Release, by: User) -> Run:
    """A Run computes the release again."""
    trial = Trial.objects.for_action(release.trial, by)
    require(by, Permission.ANALYSIS_RUN, on=trial)
    if not release.is_published:
        raise Conflict("Only a published release is computed again.")
    if Run.objects.unfinished().filter(task=TASK, subject_id=str(trial.pk)).exists():
        raise Conflict("This is being computed again already. Wait for its run to end.")
    return runs.submit(
        task=TASK,
        title=f"Published numbers of {trial.number} again",
        subject=trial,
        by=by,
        params={"releases": [str(release.public_id)], "is_simulated": trial.is_simulated},
    )


@transaction.atomic
def request_due() -> int:
    """A Run computes the releases again that were not verified lately; return how many, none while one works.

    Those that were never verified come first, then those that waited longest.
    """
    same = Verification.objects.filter(release=OuterRef("pk")).order_by("-at", "-pk")
    known = Release.objects.published().annotate(verified_at=Subquery(same.values("at")[:1]))
    due = known.filter(Q(verified_at=None) | Q(verified_at__lt=timezone.now() - OFTEN_ENOUGH))
    if Run.objects.unfinished().filter(task=TASK, requested_by=None).exists():
        return 0
    longest_first = due.order_by(F("verified_at").asc(nulls_first=True), "published_at", "pk")
    chosen = list(longest_first[:IN_ONE_RUN])
    if chosen:
        runs.submit(
            task=TASK,
            title=f"Published numbers again: {len(chosen)} releases",
            subject=chosen[0],
            by=None,
            params={"releases": [str(release.public_id) for release in chosen]},
        )
    return len(chosen)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a stranger computes a release again from, beside its package: rows and draw, which were not released."""

    data_csv: bytes
    registered_json: bytes


@transaction.atomic
def inputs(*, release: Release, by: User | None = None) -> Inputs:
    """The rows behind a release and what was drawn are handed out, and the audit log knows."""
    if not release.is_published:
        raise Conflict("Only a published release is computed again.")
    data_csv, registered = bridge.inputs(release.analysis)
    made = Inputs(data_csv, document_json(registered))
    detail = {"release": str(release.public_id), "data_csv": hashlib.sha256(data_csv).hexdigest()}
    audit.record("release.inputs_written", subject=release.trial, by=by, detail=detail)
    return made


def verify(*, release: Release, progress: Progress, by: User | None = None) -> tuple[Verification, Verified]:
    """The release is computed again here and now, and what came of it is on the record."""
    if not release.is_published:
        raise Conflict("Only a published release is computed again.")
    done = bridge.replicate(release, progress)
    with transaction.atomic():
        return bridge.keep(done, by=by), done
