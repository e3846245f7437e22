"""A table of harm weights is loaded, by a command of the Centre, under the licence that it has."""

from datetime import date

from django.db import transaction

from centre import audit, vault
from centre.errors import Conflict, Invalid, Problem
from centre.hub import weights
from centre.models import WeightTable
from centre.text import clean_text

_LONGEST = {"name": 120, "version": 40, "unit": 120, "source": 200, "licence": 200}


@transaction.atomic
def load(
    *,
    content: bytes,
    valid_from: date,
    price_year: str = "",
    title_column: str = "offence",
    weight_column: str = "weight",
    group_column: str = "",
    **said: str,
) -> WeightTable:
    """Keep the table with its name, version, unit, source and licence. A version that is kept does not change."""
    texts = {
        name: clean_text(said.get(name, ""), label=f"The {name}", maximum=maximum, required=f"Say the {name}")
        for name, maximum in _LONGEST.items()
    }
    if WeightTable.objects.filter(name=texts["name"], version=texts["version"]).exists():
        raise Conflict(
            f"{texts['name']} {texts['version']} is loaded already: give a changed table a new version."
        )
    try:
        read = weights.read(content, title=title_column, weight=weight_column, group=group_column)
    except weights.WeightsRefused as refusal:
        problems = [Problem("file", problem) for problem in refusal.problems]
        raise Invalid("The table is refused, and nothing of it was kept", problems) from refusal
    made: WeightTable = WeightTable.objects.create(
        valid_from=valid_from,
        price_year=price_year,
        n_offences=len(read.by_title),
        sha256=vault.put_bytes(content).sha256,
        title_column=title_column,
        weight_column=weight_column,
        group_column=group_column,
        **texts,
    )
    detail = {"name": made.name, "version": made.version, "sha256": made.sha256, "licence": made.licence}
    audit.record("weights.loaded", subject=made, by=audit.SYSTEM, detail=detail)
    return made
