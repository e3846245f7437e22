"""The Centre adopts a version of the rules, after its replay has been looked at."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from centre import audit, runs
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from tactics.models import RulesAdoption, rules_in_use
from tactics.rating import VERSIONS

DOORBELL = "tactics.keep_ratings"


@transaction.atomic
def adopt(*, version: str, reason: str, by: User) -> RulesAdoption:
    """The version rates from now on. Every rating is computed again; what claims something waits for two reviewers."""
    require(by, Permission.RULES_ADOPT)
    if version not in VERSIONS:
        raise Invalid.field("version", f"Choose a version of the rules: {', '.join(VERSIONS)}")
    if rules_in_use().version == version:
        raise Conflict(f"{version} is in use already.")
    if RulesAdoption.objects.filter(version=version).exists():
        raise Conflict(f"{version} has been replaced and does not come back: give the rules a new version.")
    if is_blank(reason):
        raise Invalid.field("reason", "Say why the rules change: everybody can read it")
    made = RulesAdoption.objects.create(version=version, reason=tidied(reason), at=timezone.now(), by=by)
    audit.record("rules.adopted", subject=made, by=by, detail={"version": version, "reason": made.reason})
    transaction.on_commit(partial(runs.ring, DOORBELL, version), robust=True)
    return made
