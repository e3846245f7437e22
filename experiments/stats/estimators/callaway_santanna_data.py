"""Which of its two forms Callaway–Sant'Anna takes for a plan's data: a balanced panel, or rows."""

import numpy as np

from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.callaway_santanna import callaway_santanna
from experiments.stats.estimators.callaway_santanna_rows import callaway_santanna_rows
from experiments.stats.plan import EstimateSpec
from experiments.stats.sample import Sample
from experiments.stats.staggered.effects import GroupTimeEffects
from experiments.stats.staggered.panel import INCOMPLETE, Panel, balanced_panel
from experiments.stats.staggered.row_sample import Rows, row_sample

MOST_MULTIPLIED = 200_000
THIN = 5
WORDS = ("control_group", "base_period", "estimation", "aggregation")
KEEP = "the option unbalanced 'keep' uses the rows they have"


def compared(
    sample: Sample, spec: EstimateSpec, *, keep_scores: bool
) -> tuple[Panel | Rows, GroupTimeEffects]:
    """The data in the form they have, and the effects from them.

    Raises
    ------
    NotEstimable : what either form refuses, or a bootstrap over more clusters than a machine holds.
    """
    is_followed = spec.columns.unit is not None
    how = {word: spec.options[word] for word in WORDS}
    anticipation = float(spec.options["anticipation"])
    if is_followed and (spec.options["unbalanced"] == "drop" or not _gaps(sample)[0]):
        panel = _panel(sample)
        return panel, callaway_santanna(
            panel.outcome,
            panel.first_treated,
            panel.periods,
            covariates=panel.covariates,
            cluster=panel.cluster,
            weight=panel.weight,
            anticipation=anticipation,
            keep_scores=keep_scores,
            **how,
        )
    rows = row_sample(
        sample, is_followed=is_followed, control_group=how["control_group"], anticipation=anticipation
    )
    if keep_scores and len(np.unique(rows.cluster)) > MOST_MULTIPLIED:
        raise NotEstimable(
            f"more than {MOST_MULTIPLIED:,} rows or clusters are too many to multiply one by one: 'analytic' draws the "
            "same band from their covariance"
        )
    return rows, callaway_santanna_rows(
        rows.outcome,
        rows.row_first_treated,
        rows.period,
        unit=rows.unit if is_followed else None,
        covariates=rows.covariates,
        cluster=rows.row_cluster,
        weight=rows.weight,
        anticipation=anticipation,
        keep_scores=keep_scores,
        **how,
    )


def data_warnings(sample: Sample, spec: EstimateSpec, data: Panel | Rows) -> list[str]:
    """What a reader has to know of rows that are not followed, and of units that are not seen in every period."""
    said: list[str] = []
    missing, total = (0, 0) if spec.columns.unit is None else _gaps(sample)
    if isinstance(data, Panel):
        if missing:
            said.append(
                f"{missing} of {total} units are not seen in every period and were left out with all their rows; {KEEP}"
            )
        return said
    if data.is_followed:
        said.append(
            f"{missing} of {total} units are not seen in every period; the rows they have are used, as if each period "
            "were another sample: who is missing must not go with how the outcome would have moved"
        )
    else:
        said.append(
            "rows are not followed over time: each counts as a unit of its own, and a cohort's rows must be alike from "
            "period to period but for what is compared"
        )
        if spec.columns.cluster is None:
            said.append(
                "rows count as independent of each other; where places or teams were treated, name them as 'cluster', "
                "or the errors are too small"
            )
    thin, cohorts = data.thin(THIN)
    if thin:
        said.append(
            f"{thin} of {cohorts} treated cohorts have fewer than {THIN} rows in some period: the errors of their own "
            "effects are too small"
        )
    return said


def _panel(sample: Sample) -> Panel:
    if sample.n_units == sample.n_obs and sample.n_periods > 1:
        raise NotEstimable(
            "every unit is seen in one period only: for repeated cross-sections, leave 'unit' out of the plan's columns"
        )
    try:
        return balanced_panel(sample)
    except NotEstimable as refusal:
        if INCOMPLETE in refusal.reason:
            raise NotEstimable(f"{refusal.reason}; {KEEP}") from None
        raise


def _gaps(sample: Sample) -> tuple[int, int]:
    """Units not seen in every period, of how many; those that are always treated do not count."""
    if sample.n_obs == sample.n_units * sample.n_periods:
        return 0, sample.n_units
    counted = sample.unit_first_treated > sample.period_values[0]
    seen = np.bincount(sample.unit, minlength=sample.n_units)
    return int((counted & (seen < sample.n_periods)).sum()), int(counted.sum())
