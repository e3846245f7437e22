"""The thresholds of disclosure control change by two signatures: one proposes, another adopts."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments.disclosure import THRESHOLDS, threshold_problems
from experiments.models import DisclosurePolicy
from experiments.protocol.text import require_nothing_personal


@transaction.atomic
def propose(*, thresholds: Mapping[str, Any], reason: str, by: User) -> DisclosurePolicy:
    """The thresholds wait for somebody else to adopt them, in the place of any that waited before."""
    require(by, Permission.DISCLOSURE_SET)
    problems = [Problem(f"/{name}", message) for name, message in threshold_problems(thresholds)]
    if is_blank(reason):
        problems.append(Problem("/reason", "Say why the thresholds change"))
    if problems:
        raise Invalid(problems[0].message, problems)
    require_nothing_personal("/reason", reason)
    newest = DisclosurePolicy.objects.select_for_update().order_by("-version").first()
    made = DisclosurePolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        thresholds={name: thresholds[name] for name in THRESHOLDS},
        reason=tidied(reason),
        proposed_at=timezone.now(),
        proposed_by=by,
    )
    detail = {"version": made.version, "thresholds": made.thresholds, "reason": made.reason}
    audit.record("disclosure_policy.proposed", subject=made, by=by, detail=detail)
    return made


@transaction.atomic
def adopt(*, version: int, by: User) -> DisclosurePolicy:
    """Every release prepared from now on is made under these thresholds."""
    require(by, Permission.DISCLOSURE_SET)
    found: DisclosurePolicy | None = DisclosurePolicy.objects.select_for_update().order_by("-version").first()
    if found is None or found.version != version or found.adopted_at is not None:
        raise Conflict("This version does not wait to be adopted: a later one does, or it is in force.")
    if found.proposed_by_id == by.pk:
        raise NotPermitted("A second person must sign this: you proposed it.")
    found.adopted_at, found.adopted_by = timezone.now(), by
    found.save(update_fields=["adopted_at", "adopted_by"])
    audit.record("disclosure_policy.adopted", subject=found, by=by, detail={"version": found.version})
    return found
