"""A standard is proposed by one person and adopted by another; what holds from then on is the version's for ever."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import Measure, Standard, User
from centre.permissions import Permission, require
from centre.text import clean_text

RESERVED = frozenset({"new"})  # words of addresses
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
PARTS = (
    ("inputs", Measure.Kind.INPUT),
    ("activity", Measure.Kind.ACTIVITY),
    ("outcome", Measure.Kind.OUTCOME),
)
HOURS_ALONE = (
    "Inputs like hours alone are no standard of productivity: name what is done and what comes of it"
)


@transaction.atomic
def propose(
    *,
    key: str,
    name: str,
    good: str,
    direction: str,
    valid_from: date,
    by: User,
    inputs: str = "",
    activity: str = "",
    outcome: str = "",
    target: Decimal | None = None,
    target_source: str = "",
    reason: str = "",
) -> Standard:
    """The standard waits for a second person. Measures are named by key, in the version that holds today."""
    require(by, Permission.HUB_KEEP)
    if not _KEY.match(key) or key in RESERVED or len(key) > 60:
        raise Invalid.field(
            "/key", "Use small letters, figures and single hyphens, like files-right-first-time"
        )
    before = Standard.objects.filter(key=key).order_by("-version").first()
    values: dict[str, Any] = {
        "name": _text("/name", name, "The name", 120, "Enter a name"),
        "good": _text("/good", good, "What good looks like", 600, "Say in words what good looks like"),
        "direction": _direction(direction),
        "valid_from": valid_from,
        **_measures({"inputs": inputs, "activity": activity, "outcome": outcome}),
        **_target(target, target_source),
    }
    if before:
        if before.is_adopted and valid_from < before.valid_from:
            raise Invalid.field(
                "/valid_from",
                f"Version {before.version} holds from {before.valid_from}: this one begins then or later",
            )
        values["reason"] = _text("/reason", reason, "The reason", 600, "Say why the standard changes")
    try:
        with transaction.atomic():
            made: Standard = Standard.objects.create(
                key=key, version=before.version + 1 if before else 1, proposed_by=by, **values
            )
    except IntegrityError as error:
        raise Conflict("Somebody has just proposed a version of it: look at theirs first.") from error
    audit.record("standard.proposed", subject=made, by=by, detail={"key": key, "version": made.version})
    return made


@transaction.atomic
def adopt(*, standard: Standard, by: User) -> Standard:
    """The standard holds from its day on: another person than its author says so."""
    require(by, Permission.STANDARD_ADOPT)
    held: Standard = Standard.objects.select_for_update(of=("self",)).get(pk=standard.pk)
    if held.is_adopted:
        raise Conflict("It is adopted already.")
    if held.proposed_by_id == by.pk:
        raise NotPermitted("You proposed it: another person adopts it.")
    if Standard.objects.filter(key=held.key, version__gt=held.version).exists():
        raise Conflict("A newer version of it has been proposed: look at that one.")
    held.adopted_at, held.adopted_by = timezone.now(), by
    held.save(update_fields=["adopted_at", "adopted_by"])
    audit.record("standard.adopted", subject=held, by=by, detail={"key": held.key, "version": held.version})
    return held


def _measures(keys: dict[str, str]) -> dict[str, Measure | None]:
    if keys["inputs"] and not (keys["activity"] or keys["outcome"]):
        raise Invalid.field("/inputs", HOURS_ALONE)
    if not keys["outcome"]:
        raise Invalid.field("/outcome", "Name the measure of what comes of it")
    if keys["inputs"] and not keys["activity"]:
        raise Invalid.field("/activity", "Name what is done with the inputs: they are shown side by side")
    known = {one.key: one for one in Measure.objects.in_force().filter(key__in=keys.values())}
    found: dict[str, Measure | None] = {}
    for part, kind in PARTS:
        measure = known.get(keys[part])
        if keys[part] and (measure is None or measure.kind != kind):
            raise Invalid.field(f"/{part}", f"Choose a measure of the dictionary that is an {kind.value}")
        if measure and part == "outcome" and measure.unit == Measure.Unit.HOURS:
            raise Invalid.field("/outcome", f"{measure.name} is measured in hours. {HOURS_ALONE}")
        found[part] = measure
    return found


def _target(target: Decimal | None, source: str) -> dict[str, Any]:
    said = _text("/target_source", source, "The source of the target", 200, "")
    if target is not None and not said:
        raise Invalid.field("/target_source", "Say who set the target, and where it can be read")
    if target is None and said:
        raise Invalid.field("/target", "Enter the target, or leave its source empty too")
    if target is not None and target < 0:
        raise Invalid.field("/target", "The target must be 0 or more")
    return {"target": target, "target_source": said}


def _direction(value: str) -> str:
    if value not in Standard.Direction.values:
        raise Invalid.field("/direction", "Choose whether higher or lower is better")
    return value


def _text(pointer: str, value: str, label: str, maximum: int, required: str) -> str:
    try:
        return clean_text(value, label=label, maximum=maximum, required=required)
    except Invalid as refusal:
        raise Invalid.field(pointer, refusal.message) from refusal
