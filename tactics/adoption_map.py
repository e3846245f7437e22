"""The map of who uses a tactic: by tiles, or by boundaries where they are loaded and asked for."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from centre import maps
from centre.models import Force, ForceBoundaries
from tactics.adoption import MISTAKE, STAGES, Use
from tactics.models import Tactic

_MARKS = {
    "adopted": "disc",
    "adapted": "diamond",
    "piloting": "half",
    "considering": "ring",
    "stopped": "cross",
}
LEGEND = {stage: maps.Legend(_MARKS[stage], words) for stage, words in STAGES.items() if stage != MISTAKE}
SILENT = "Has not said"


def drawn(tactic: Tactic, uses: Sequence[Use[Any]], *, by_area: bool) -> dict[str, Any]:
    """Return the map, and whether there are boundaries to draw it with. An invented country has its own forces only."""
    forces = [force for force in Force.objects.all() if force.is_sample == tactic.is_simulated]
    said = {
        use.now.force.slug: maps.Said(
            LEGEND[use.now.stage], reverse("force-detail", args=[use.now.force.slug])
        )
        for use in uses
    }
    known = None if tactic.is_simulated else ForceBoundaries.in_use()
    legend = list(LEGEND.values())
    if by_area and known is not None:
        drawing = maps.boundaries(forces, said, legend=legend, silent=SILENT, document=known.document)
    else:
        drawing = maps.tiles(forces, said, legend=legend, silent=SILENT)
    return {"drawing": drawing, "boundaries": known, "by_area": by_area and known is not None}
