"""A measure, or a new version of one, is adopted: what it counts from a day on, for everybody to read."""

import re
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import Measure, User, WeightTable
from centre.permissions import Permission, require
from centre.text import clean_text

RESERVED = frozenset({"new"})  # words of addresses
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_CHOICES = {"kind": Measure.Kind, "unit": Measure.Unit, "direction": Measure.Direction}
# Name, label in a message, longest, and what to do where it is empty.
_TEXTS = (
    ("name", "The name", 120, "Enter a name"),
    ("definition", "What it is", 600, "Say in plain words what it is"),
    ("exclusions", "What it is not", 600, "Say what it is not, so that nobody takes it for that"),
    ("recording_rule", "The recording rule", 600, "Say when a thing is counted, and how often"),
    ("denominator", "The denominator", 200, ""),
    ("source", "The source", 200, "Say where the figures come from"),
    ("licence", "The licence", 120, "Name the licence of the figures"),
    ("standard", "The standard", 120, ""),
    ("weights", "The table of weights", 120, ""),
)
FIELDS = (*(name for name, *_ in _TEXTS), *_CHOICES, "valid_from")


@transaction.atomic
def adopt(*, key: str, valid_from: date, by: User, reason: str = "", **said: str) -> Measure:
    """The measure means this from `valid_from` on. Earlier versions stay, and a new one says why it replaces them.

    `said` is what FIELDS names beside the day.
    """
    require(by, Permission.HUB_KEEP)
    if not _KEY.match(key) or key in RESERVED or len(key) > 60:
        raise Invalid.field("/key", "Use small letters, figures and single hyphens, like burglary-dwelling")
    before = _newest(key)
    values: dict[str, Any] = {**_texts(said), **_chosen(said), "valid_from": valid_from}
    _refuse_rate_without_denominator(values)
    _refuse_weights_of_no_table(values)
    if before:
        _refuse_no_version(before, values)
        values["reason"] = _text("/reason", reason, "The reason", 600, "Say why the measure changes")
    try:
        with transaction.atomic():
            made: Measure = Measure.objects.create(
                key=key, version=before.version + 1 if before else 1, adopted_by=by, **values
            )
    except IntegrityError as error:
        raise Conflict("Somebody has just adopted a version of it: look at theirs first.") from error
    detail = {"key": key, "version": made.version, "valid_from": str(valid_from), "reason": made.reason}
    audit.record("measure.adopted", subject=made, by=by, detail=detail)
    return made


def _newest(key: str) -> Measure | None:
    found: Measure | None = Measure.objects.filter(key=key).order_by("-version").first()
    return found


def _texts(said: dict[str, str]) -> dict[str, str]:
    return {
        name: _text(f"/{name}", said.get(name, ""), label, maximum, required)
        for name, label, maximum, required in _TEXTS
    }


def _text(pointer: str, value: str, label: str, maximum: int, required: str) -> str:
    try:
        return clean_text(value, label=label, maximum=maximum, required=required)
    except Invalid as refusal:
        raise Invalid.field(pointer, refusal.message) from refusal


def _chosen(said: dict[str, str]) -> dict[str, str]:
    for name, choices in _CHOICES.items():
        if said.get(name) not in choices.values:
            raise Invalid.field(f"/{name}", f"Choose one of: {', '.join(choices.values)}")
    return {name: said[name] for name in _CHOICES}


def _refuse_rate_without_denominator(values: dict[str, Any]) -> None:
    if values["unit"] in (Measure.Unit.RATE, Measure.Unit.SHARE) and not values["denominator"]:
        raise Invalid.field(
            "/denominator", "Say of what it is a rate or share: a metric names its denominator"
        )


def _refuse_weights_of_no_table(values: dict[str, Any]) -> None:
    if values["weights"] and values["unit"] != Measure.Unit.HARM:
        raise Invalid.field("/weights", "Weights give a harm score: choose that unit, or no table of weights")
    if values["weights"] and not WeightTable.objects.filter(name=values["weights"]).exists():
        raise Invalid.field("/weights", "No table of weights has this name: have it loaded first")


def _refuse_no_version(before: Measure, values: dict[str, Any]) -> None:
    """Refuse what would be no new version of the measure: the same, an earlier day, another unit, other weights."""
    if values["unit"] != before.unit:
        raise Invalid.field(
            "/unit",
            f"It is a {before.get_unit_display()}: in another unit it is another measure, with its own key",
        )
    if values["weights"] != before.weights:
        raise Invalid.field(
            "/weights", "Figures are sent, or worked out by one table: by another it is another measure"
        )
    if values["valid_from"] < before.valid_from:
        raise Invalid.field(
            "/valid_from",
            f"Version {before.version} holds from {before.valid_from}: a new one begins then or later",
        )
    if all(getattr(before, name) == value for name, value in values.items()):
        raise Invalid(f"Nothing differs from version {before.version}.")
