"""A standard is proposed by one person and adopted by another; what holds from then on is the version's for ever."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import FurtherMeasure, Measure, Standard, User
from centre.permissions import Permission, require
from centre.text import clean_text

RESERVED = frozenset({"new"})  # words of addresses
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
MOST = 3  # measures of each kind
PARTS = (
    ("inputs", Measure.Kind.INPUT),
    ("activity", Measure.Kind.ACTIVITY),
    ("outcome", Measure.Kind.OUTCOME),
)
HOURS_ALONE = (
    "Inputs like hours alone are no standard of productivity: name what is done and what comes of it"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A further outcome, as it is proposed: the key of its measure, and the rest as of the first."""

    measure: str
    direction: str
    target: Decimal | None = None
    target_source: str = ""


@transaction.atomic
def propose(
    *,
    key: str,
    name: str,
    good: str,
    direction: str,
    valid_from: date,
    by: User,
    inputs: Sequence[str] = (),
    activity: Sequence[str] = (),
    outcome: str = "",
    target: Decimal | None = None,
    target_source: str = "",
    further: Sequence[Outcome] = (),
    reason: str = "",
) -> Standard:
    """The standard waits for a second person. Measures are named by key, in the version that holds today.

    Problems with a further outcome are told at its number, the second at /outcome_2.
    """
    require(by, Permission.HUB_KEEP)
    if not _KEY.match(key) or key in RESERVED or len(key) > 60:
        raise Invalid.field(
            "/key", "Use small letters, figures and single hyphens, like files-right-first-time"
        )
    before = Standard.objects.filter(key=key).order_by("-version").first()
    aims = [Outcome(outcome, direction, target, target_source), *further]
    found = _measures({"inputs": inputs, "activity": activity, "outcome": [one.measure for one in aims]})
    said = [_aim(number, one) for number, one in enumerate(aims, 1)]
    values: dict[str, Any] = {
        "name": _text("/name", name, "The name", 120, "Enter a name"),
        "good": _text("/good", good, "What good looks like", 600, "Say in words what good looks like"),
        "valid_from": valid_from,
        **{part: next(iter(measures), None) for part, measures in found.items()},
        **said[0],
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
    beside = [
        FurtherMeasure(
            standard=made,
            part=part,
            position=position,
            measure=measure,
            **(said[position - 1] if part == FurtherMeasure.Part.OUTCOME else {}),
        )
        for part, measures in found.items()
        for position, measure in enumerate(measures[1:], 2)
    ]
    FurtherMeasure.objects.bulk_create(beside)
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


def _measures(keys: dict[str, Sequence[str]]) -> dict[str, list[Measure]]:
    outcomes = [key for key in keys["outcome"] if key]
    if keys["inputs"] and not (keys["activity"] or outcomes):
        raise Invalid.field("/inputs", HOURS_ALONE)
    if not keys["outcome"][0]:
        raise Invalid.field("/outcome", "Name the measure of what comes of it")
    if keys["inputs"] and not keys["activity"]:
        raise Invalid.field("/activity", "Name what is done with the inputs: they are shown side by side")
    wanted = [key for part, _ in PARTS for key in keys[part]]
    known = {one.key: one for one in Measure.objects.in_force().filter(key__in=wanted)}
    found: dict[str, list[Measure]] = {}
    for part, kind in PARTS:
        if part != "outcome" and len(keys[part]) > MOST:
            raise Invalid.field(f"/{part}", f"Choose {MOST} measures or fewer: who reads it has a minute")
        found[part] = []
        for number, key in enumerate(keys[part], 1):
            pointer = numbered(part, number) if part == "outcome" else f"/{part}"
            measure = known.get(key)
            if measure is None or measure.kind != kind:
                raise Invalid.field(pointer, f"Choose a measure of the dictionary that is an {kind.value}")
            if part == "outcome" and measure.unit == Measure.Unit.HOURS:
                raise Invalid.field(pointer, f"{measure.name} is measured in hours. {HOURS_ALONE}")
            if measure in found[part]:
                raise Invalid.field(pointer, f"{measure.name} is named already: once is enough")
            found[part].append(measure)
    return found


def numbered(name: str, number: int) -> str:
    """Return where what is said of an outcome stands: the first without a number."""
    return f"/{name}" if number == 1 else f"/{name}_{number}"


def _aim(number: int, said: Outcome) -> dict[str, Any]:
    """Return what is said of an outcome beside its measure."""
    if number > MOST:
        raise Invalid.field("/outcome", f"Name {MOST} outcomes or fewer: who reads it has a minute")
    if said.direction not in Standard.Direction.values:
        raise Invalid.field(numbered("direction", number), "Choose whether higher or lower is better")
    at = numbered("target_source", number)
    source = _text(at, said.target_source, "The source of the target", 200, "")
    if said.target is not None and not source:
        raise Invalid.field(at, "Say who set the target, and where it can be read")
    if said.target is None and source:
        raise Invalid.field(numbered("target", number), "Enter the target, or leave its source empty too")
    if said.target is not None and said.target < 0:
        raise Invalid.field(numbered("target", number), "The target must be 0 or more")
    return {"direction": said.direction, "target": said.target, "target_source": source}


def _text(pointer: str, value: str, label: str, maximum: int, required: str) -> str:
    try:
        return clean_text(value, label=label, maximum=maximum, required=required)
    except Invalid as refusal:
        raise Invalid.field(pointer, refusal.message) from refusal
