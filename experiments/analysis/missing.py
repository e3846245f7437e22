"""How many units of each arm have no primary outcome, as the data of the registered analysis say."""

from experiments.analysis.observed import Observed
from experiments.models import Analysis, Trial
from experiments.stats import plan as plans


def missing_by_arm(trial: Trial) -> dict[str, int] | None:
    """Return the units of the frozen list without a primary outcome, by arm; by "" where nothing was drawn.

    None: there is no list, no finished registered analysis, or no primary estimate that names units.
    """
    allocation = trial.allocation
    analysis: Analysis | None = (
        trial.analyses.filter(is_registered=True).exclude(result_sha256="").order_by("requested_at").last()
    )
    if allocation is None or analysis is None:
        return None
    plan = plans.parse(dict(analysis.plan))
    primary = next((one for one in plan.estimates if one.role == "primary"), None)
    if primary is None or plan.columns.unit is None:
        return None
    return Observed(analysis, plan).lost_units(primary.outcome, allocation)
