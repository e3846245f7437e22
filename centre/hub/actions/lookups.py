"""The lookup of areas is loaded: files that arrive from now on are judged by it."""

from django.db import transaction

from centre import audit, vault
from centre.errors import Conflict, Invalid
from centre.hub import areas
from centre.models import AreaLookup
from centre.text import clean_text


class AlreadyLoaded(Conflict):
    """The very same tables are in the hub already."""


@transaction.atomic
def load(*, lookup: bytes, districts: bytes | None, vintage: str) -> AreaLookup:
    """Files are judged by this lookup from now on; earlier ones stay, and so do the files judged by them."""
    vintage = clean_text(
        vintage,
        label="The vintage",
        maximum=120,
        required="Say of when the areas are, like LSOAs of 2011 and 2021, districts of 2022",
    )
    try:
        read = areas.read(lookup, districts)
    except areas.LookupRefused as refusal:
        raise Invalid(str(refusal)) from refusal
    kept = vault.put_bytes(lookup), vault.put_bytes(districts) if districts else None
    hashes = {"lookup_sha256": kept[0].sha256, "districts_sha256": kept[1].sha256 if kept[1] else ""}
    if found := AreaLookup.objects.filter(**hashes).first():
        raise AlreadyLoaded(f"These tables were loaded on {found.loaded_at:%-d %B %Y}, as {found.vintage}.")
    made: AreaLookup = AreaLookup.objects.create(
        vintage=vintage, n_areas=len(read.of_2011 | read.of_2021), **hashes
    )
    audit.record(
        "lookup.loaded",
        subject=made,
        by=audit.SYSTEM,
        detail={"vintage": vintage, "areas": made.n_areas, **hashes},
    )
    return made
