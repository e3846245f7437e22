"""Protocols to start from, one for each common design of a police trial."""

from experiments.protocol.templates.before_after import BEFORE_AFTER
from experiments.protocol.templates.copying import copied
from experiments.protocol.templates.hot_spots import HOT_SPOT_RCT
from experiments.protocol.templates.officers import OFFICER_CLUSTER
from experiments.protocol.templates.place_days import PLACE_DAY_CROSSOVER
from experiments.protocol.templates.rollouts import STAGGERED, STEPPED_WEDGE
from experiments.protocol.templates.template import Template, merged

TEMPLATES: tuple[Template, ...] = (
    HOT_SPOT_RCT,
    PLACE_DAY_CROSSOVER,
    OFFICER_CLUSTER,
    STEPPED_WEDGE,
    STAGGERED,
    BEFORE_AFTER,
)

__all__ = ["TEMPLATES", "Template", "copied", "merged", "template"]


def template(slug: str) -> Template | None:
    """Return the template with this slug."""
    return next((one for one in TEMPLATES if one.slug == slug), None)
