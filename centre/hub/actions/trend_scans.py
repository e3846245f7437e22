"""A scan of every series is asked for: by somebody, or by the registry once a month."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from centre import audit, runs
from centre.hub import scanning
from centre.models import Run, TrendScan, User
from centre.permissions import Permission, require

TASK = "centre.scan_trends"


@transaction.atomic
def request(*, by: User | None) -> Run:
    """A Run judges every series; while one is under way it is that one. Without `by` the registry itself asks.

    Raises
    ------
    NothingToScan : no file has been received.
    """
    if by is not None:
        require(by, Permission.SIGNAL_JUDGE)
    if under_way := Run.objects.unfinished().filter(task=TASK).first():
        return under_way
    seen = scanning.inputs_now()
    run = runs.submit(
        task=TASK,
        title="Scan for what is rising",
        subject=TrendScan(),  # which the Run makes, under this number
        by=by,
        params={"return_to": reverse("hub-signal-list")},
    )
    detail = {"files": seen.n_files, "inputs_sha256": seen.sha256}
    audit.record("trend_scan.requested", subject=run, by=by or audit.SYSTEM, detail=detail)
    return run


@transaction.atomic
def request_due() -> Run | None:
    """The registry asks once a month, as soon as there is a file."""
    asked = Run.objects.filter(task=TASK, requested_by=None)
    this_month = asked.filter(created_at__date__gte=timezone.localdate().replace(day=1))
    if this_month.exclude(state=Run.State.FAILED).exists():
        return None
    if asked.filter(created_at__gt=timezone.now() - timedelta(days=1)).exists():
        return None  # one that failed is asked for again the day after
    try:
        return request(by=None)
    except scanning.NothingToScan:
        return None
