"""Somebody asks where within a force something rises."""

from django.db import transaction
from django.urls import reverse

from centre import audit, runs
from centre.errors import Invalid
from centre.hub import placing
from centre.models import Force, PlaceScan, Run, User
from centre.permissions import Permission, require

TASK = "centre.scan_places"


@transaction.atomic
def request(*, force: Force, measure: str, by: User) -> Run:
    """A Run scans the force's areas; while one for the same is under way it is that one.

    Raises
    ------
    NoPlacesToScan : the force's files do not say enough of where.
    """
    require(by, Permission.SIGNAL_JUDGE, on=force)
    if measure not in placing.names():
        raise Invalid.field("measure", "Choose one category, or every category")
    params = {"force": force.slug, "measure": measure}
    for one in Run.objects.unfinished().filter(task=TASK):
        if params.items() <= one.params.items():
            return one
    seen = placing.inputs_of(force, measure)
    run = runs.submit(
        task=TASK,
        title=f"Scan for where it rises within {force}",
        subject=PlaceScan(),  # which the Run makes, under this number
        by=by,
        params=params | {"return_to": reverse("hub-force-places", args=[force.slug])},
    )
    detail = params | {"inputs_sha256": seen.sha256}
    audit.record("place_scan.requested", subject=run, by=by, detail=detail)
    return run
