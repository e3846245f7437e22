"""The boundaries of police force areas are loaded: a new version that maps are drawn with."""

import hashlib
import json

from django.db import transaction
from django.utils import timezone

from centre import audit, maps
from centre.errors import Conflict
from centre.models import Force, ForceBoundaries
from centre.text import clean_text

LARGEST = 50_000_000  # bytes; the official ultra-generalised file has under one million


class AlreadyLoaded(Conflict):
    """The very same file is a version already."""


@transaction.atomic
def load(*, content: bytes, vintage: str) -> ForceBoundaries:
    """Maps are drawn with these boundaries from now on; earlier versions stay."""
    vintage = clean_text(
        vintage,
        label="The vintage",
        maximum=60,
        required="Say of when the boundaries are, like December 2023",
    )
    sha256 = hashlib.sha256(content).hexdigest()
    if found := ForceBoundaries.objects.filter(source_sha256=sha256).first():
        raise AlreadyLoaded(f"This file was loaded on {found.loaded_at:%-d %B %Y}, as {found.vintage}.")
    document = maps.read(_parsed(content), Force.objects.territorial())
    made: ForceBoundaries = ForceBoundaries.objects.create(
        vintage=vintage, source_sha256=sha256, document=document, loaded_at=timezone.now()
    )
    detail = {"vintage": vintage, "sha256": sha256, "areas": len(document["areas"])}
    audit.record("boundaries.loaded", subject=made, by=audit.SYSTEM, detail=detail)
    return made


def _parsed(content: bytes) -> object:
    if len(content) > LARGEST:
        raise maps.BadBoundaries(
            f"The file is over {LARGEST:,} bytes: use the generalised or ultra-generalised boundaries."
        )
    try:
        return json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise maps.BadBoundaries("This is no JSON. Download the boundaries as GeoJSON.") from None
