"""Roth–Sant'Anna as an estimate of a plan: the roll-out as it was drawn, terms, band, permutation test."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats.bands import banded_term, default_draws, gaussian_critical_value
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.roth_santanna import RolloutEffects, cohorts, roth_santanna
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Resampled, Term
from experiments.stats.sample import Sample
from experiments.stats.staggered.block import assigned
from experiments.stats.staggered.panel import Panel, balanced_panel, number_label, time_label
from experiments.stats.staggered.rollout import targets
from experiments.stats.staggered.rollout_permutation import permute_dates

FloatArray = NDArray[np.float64]

SMALL_COHORT = 5
RANDOM = (
    "valid only if the order of the starts was drawn at random (or as good as); where forces chose their start, "
    "callaway_santanna is the estimate to read"
)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The efficient estimate of a random roll-out for one estimate of the plan."""
    chosen = spec.options
    if sample.stratum is not None:
        raise NotEstimable(
            "starting dates drawn within strata are not in this engine version: make one estimate for each stratum"
        )
    panel = balanced_panel(sample)
    made = assigned(panel, sample)
    outcome, first = made.outcome, made.first_treated
    found = roth_santanna(
        outcome, first, panel.periods, aggregation=chosen["aggregation"], beta=chosen["beta"]
    )
    draws = default_draws(len(found.keys))
    resampled = None
    if spec.covariance == "randomisation":
        resampled = _permuted(outcome, first, panel.periods, found, spec, plan)
    names = tuple(_name(key, chosen["aggregation"], sample) for key in found.keys)
    scale = found.std_errors / found.neyman_errors
    return Fit(
        estimate=found.overall,
        std_error=found.std_error,
        df=None,
        covariance=spec.covariance or "analytic",
        n_obs=panel.n_obs,
        n_units=len(panel.outcome),
        n_clusters=len(outcome),
        n_treated=int(np.isfinite(panel.first_treated).sum()),
        terms=_terms(found, names, spec, plan, draws),
        warnings=tuple(_warnings(found, panel, first, resampled is not None, sample)),
        ssc=_how(found, chosen, draws if len(names) > 1 else 0, resampled is not None),
        term_names=names,
        term_covariance=found.covariance * np.outer(scale, scale),
        dropped=panel.dropped,
        resampled=resampled,
    )


def _how(
    found: RolloutEffects, chosen: Mapping[str, Any], band_draws: int, is_permuted: bool
) -> Mapping[str, Any]:
    refined = "design-based, with the part periods before the first start reveal taken off"
    return {
        "factor": 1.0,
        "formula": refined if found.is_refined else "Neyman",
        "std_error_neyman": found.neyman,
        "beta": found.beta,
        "aggregation": chosen["aggregation"],
        "comparison": chosen["beta"],
        "df": "normal",
        "band": "Gaussian draws",
        "band_draws": band_draws,
        **({"permutations": chosen["draws"]} if is_permuted else {}),
    }


def _permuted(
    outcome: FloatArray,
    first: FloatArray,
    periods: FloatArray,
    found: RolloutEffects,
    spec: EstimateSpec,
    plan: Plan,
) -> Resampled:
    dates, cohort, sizes = cohorts(first)
    beta = spec.options["beta"]
    wanted = targets(
        dates,
        sizes,
        periods,
        aggregation=spec.options["aggregation"],
        controls="last_treated" if beta == "sun_abraham" else "not_yet_treated",
    )
    return permute_dates(
        outcome,
        (periods >= first[:, None]).astype(np.float64),
        cohort,
        wanted.effect[-1],
        wanted.before[-1],
        estimate=found.overall,
        std_error=found.neyman,
        is_efficient=beta == "efficient",
        draws=spec.options["draws"],
        alpha=plan.alpha,
        seed=plan.seed,
        estimate_id=spec.id,
        alternative=spec.alternative,
    )


def _terms(
    found: RolloutEffects, names: tuple[str, ...], spec: EstimateSpec, plan: Plan, draws: int
) -> tuple[Term, ...]:
    critical = gaussian_critical_value(
        found.covariance, alpha=plan.alpha, seed=plan.seed, estimate_id=spec.id, draws=draws
    )
    return tuple(
        banded_term(name, float(value), float(error), df=None, alpha=plan.alpha, critical=critical)
        for name, value, error in zip(names, found.estimates, found.std_errors, strict=True)
    )


def _name(key: float, how: str, sample: Sample) -> str:
    if how == "dynamic":
        return f"event_time={number_label(key)}"
    return f"{'g' if how == 'cohort' else 't'}={time_label(key, sample)}"


def _warnings(
    found: RolloutEffects, panel: Panel, first: FloatArray, is_permuted: bool, sample: Sample
) -> list[str]:
    """List what a reader has to know before trusting the numbers."""
    said = [RANDOM]
    if len(first) < len(panel.outcome):
        said.append(
            f"the {len(first)} clusters were drawn, so their means are compared: an average over clusters"
        )
    dates, sizes = np.unique(first, return_counts=True)
    if np.isfinite(dates[-1]):
        said.append(
            f"no unit is never treated: the last cohort (first treated in {time_label(dates[-1], sample)}) serves as a "
            "comparison only, and periods from then on have no comparison"
        )
    small = int((sizes < SMALL_COHORT).sum())
    if small and not is_permuted:
        said.append(
            f"cohorts of fewer than {SMALL_COHORT} units: {small}; the normal approximation is rough there, and the "
            "permutation test (covariance 'randomisation') does not need it"
        )
    if is_permuted:
        said.append(
            "p value and interval are of the permutation test of the starting dates; the standard error is the "
            "design-based one"
        )
    if not found.is_refined:
        said.append("the refinement of the variance left nothing somewhere, so Neyman's stands there")
    return said
