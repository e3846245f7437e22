"""Callaway–Sant'Anna as an estimate of a plan: options in, effect, terms, band and warnings out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.bands import (
    banded_term,
    default_draws,
    gaussian_critical_value,
    multiplier_critical_value,
)
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.callaway_santanna import callaway_santanna
from experiments.stats.estimators.callaway_santanna_data import compared, data_warnings
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Resampled, Term
from experiments.stats.sample import Sample
from experiments.stats.staggered.effects import GroupTimeEffects
from experiments.stats.staggered.group_time import Cell
from experiments.stats.staggered.panel import Panel, number_label, time_label
from experiments.stats.staggered.redrawn_starts import PERMUTED, redraw_starts
from experiments.stats.staggered.row_sample import Rows

FloatArray = NDArray[np.float64]

SMALL_COHORT = 5
TREATED_PER_COVARIATE = 10
PERMUTE = "the headline p value should come from permuting adoption dates (covariance 'randomisation')"
REFERENCE = "reference period: zero by construction"


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """Callaway–Sant'Anna for one estimate of the plan."""
    chosen = spec.options
    bootstrap = spec.covariance == "multiplier_bootstrap"
    panel, found = compared(sample, spec, keep_scores=bootstrap)
    draws = chosen.get("reps") or default_draws(len(found.keys))
    terms = _terms(found, sample, spec, plan, draws)
    names = tuple(_name(key, chosen["aggregation"], sample) for key in found.keys)
    return Fit(
        estimate=found.overall,
        std_error=found.std_error,
        df=None,
        covariance=spec.covariance or "analytic",
        n_obs=panel.n_obs,
        n_units=found.n_units,
        n_clusters=found.n_clusters,
        n_treated=found.n_treated,
        terms=terms,
        warnings=(
            *data_warnings(sample, spec, panel),
            *_warnings(found, panel, chosen, sample, spec.covariance == "randomisation"),
        ),
        ssc={
            "factor": 1.0,
            "rule": "influence functions summed within clusters, no small-sample factor",
            "df": "normal",
            "band": ("Rademacher" if bootstrap else "Gaussian") + " multipliers by cluster",
            "band_draws": draws if len(names) > 1 else 0,
            **{
                name: chosen[name] for name in ("aggregation", "control_group", "base_period", "anticipation")
            },
            "estimation": chosen["estimation"] if sample.covariate_names else "unadjusted",
            **({"rows": panel.kind} if isinstance(panel, Rows) else {}),
        },
        term_names=names,
        term_covariance=found.covariance,
        dropped=panel.dropped,
        resampled=_permuted(found, panel, spec, plan) if spec.covariance == "randomisation" else None,
    )


def _permuted(found: GroupTimeEffects, panel: Panel | Rows, spec: EstimateSpec, plan: Plan) -> Resampled:
    """The placebo test that deals the starting dates out anew over what was assigned."""
    if isinstance(panel, Rows):
        raise NotEstimable(
            "starting dates cannot be redrawn over rows that are not followed over all periods; use 'analytic'"
        )
    if found.loading is None:
        raise NotEstimable("starting dates can be redrawn without covariates only; use 'analytic'")
    chosen, periods = spec.options, panel.periods

    def scored(outcome: FloatArray, first: FloatArray, size: FloatArray) -> tuple[float, FloatArray]:
        made = callaway_santanna(
            outcome,
            first,
            periods,
            weight=size,
            control_group=chosen["control_group"],
            base_period=chosen["base_period"],
            anticipation=float(chosen["anticipation"]),
            aggregation=chosen["aggregation"],
            keep_scores=True,
        )
        assert made.scores is not None
        return made.overall, made.scores[:, -1]

    return redraw_starts(
        panel, scored, found.loading, estimate=found.overall, std_error=found.std_error, spec=spec, plan=plan
    )


def _terms(
    found: GroupTimeEffects, sample: Sample, spec: EstimateSpec, plan: Plan, draws: int
) -> tuple[Term, ...]:
    """Terms in order, those that could not be estimated among them with their reason."""
    how = spec.options["aggregation"]
    if how == "simple":
        return ()
    if found.scores is not None:
        critical = multiplier_critical_value(
            found.scores[:, :-1], alpha=plan.alpha, seed=plan.seed, estimate_id=spec.id, draws=draws
        )
    else:
        critical = gaussian_critical_value(
            found.covariance, alpha=plan.alpha, seed=plan.seed, estimate_id=spec.id, draws=draws
        )
    rows: dict[float | tuple[float, float], Term] = {}
    for key, value, error in zip(found.keys, found.estimates, found.std_errors, strict=True):
        rows[key] = banded_term(
            _name(key, how, sample), float(value), float(error), df=None, alpha=plan.alpha, critical=critical
        )
    for cell in found.cells:
        missing = _key(cell, how)
        if missing is not None and missing not in rows:
            name = _name(missing, how, sample)
            rows[missing] = (
                Term(name, 0.0, note=REFERENCE) if cell.reference else Term(name, None, note=cell.reason)
            )
    return tuple(row for _, row in sorted(rows.items(), key=_in_order))


def _in_order(item: tuple[float | tuple[float, float], Term]) -> tuple[float, ...]:
    return item[0] if isinstance(item[0], tuple) else (item[0],)


def _key(cell: Cell, how: str) -> float | tuple[float, float] | None:
    """Name the term a cell belongs to in this aggregation; None where it belongs to none."""
    if how == "none":
        return cell.adopted, cell.time
    if how == "dynamic":
        return cell.event_time
    if not cell.is_post:
        return None
    return cell.adopted if how == "group" else cell.time


def _name(key: float | tuple[float, float], how: str, sample: Sample) -> str:
    if isinstance(key, tuple):
        return f"g={time_label(key[0], sample)},t={time_label(key[1], sample)}"
    if how == "dynamic":
        return f"event_time={number_label(key)}"
    return f"{'g' if how == 'group' else 't'}={time_label(key, sample)}"


def _warnings(
    found: GroupTimeEffects,
    panel: Panel | Rows,
    chosen: Mapping[str, Any],
    sample: Sample,
    is_permuted: bool,
) -> list[str]:
    """List what a reader has to know before trusting the numbers."""
    said: list[str] = []
    if is_permuted:
        said.append(PERMUTED.format(what="units" if found.n_clusters == found.n_units else "clusters"))
    adopted, sizes = np.unique(panel.first_treated, return_counts=True)
    if np.isfinite(adopted[-1]) and chosen["control_group"] == "not_yet_treated":
        said.append(
            f"no unit is never treated: the last cohort (first treated in {time_label(adopted[-1], sample)}) "
            "serves as a comparison only, and periods from then on have no comparison"
        )
    said += _left_out(found.cells)
    small = [
        time_label(value, sample)
        for value, size in zip(adopted, sizes, strict=True)
        if np.isfinite(value) and size < SMALL_COHORT
    ]
    if small:
        said.append(
            f"cohorts of fewer than {SMALL_COHORT} units: {len(small)} (first treated in {_some(small)}); "
            "their own standard errors are too small"
            + ("" if isinstance(panel, Rows) else f", and {PERMUTE}")
        )
    if not is_permuted:
        said += domain.influence_warnings(panel.cluster, panel.first_treated)
    count = panel.covariates.shape[-1]
    if count and chosen["estimation"] != "reg":
        thin = int((sizes[np.isfinite(adopted)] < TREATED_PER_COVARIATE * count).sum())
        if thin:
            said.append(
                f"{thin} cohorts have fewer than {TREATED_PER_COVARIATE} treated units for each covariate "
                "of the propensity model"
            )
    if found.trimmed:
        said.append(
            f"{found.trimmed} controls (counted once for each comparison) were left out because their "
            "covariates make treatment almost certain"
        )
    return said


def _left_out(cells: tuple[Cell, ...]) -> list[str]:
    """One line for each reason for which cells are missing."""
    reasons = [cell.reason for cell in cells if cell.reason]
    total = sum(not cell.reference for cell in cells)
    return [
        f"{reasons.count(reason)} of {total} group-time cells were left out: {reason}"
        for reason in dict.fromkeys(reasons)
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
