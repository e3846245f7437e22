"""One comparison of a treatment arm with control, and how the comparisons of several arms become one fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from centre import distributions
from experiments.stats.errors import NotEstimable
from experiments.stats.frame import FloatArray
from experiments.stats.icc import intracluster_correlation
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Fit, Resampled, Term
from experiments.stats.sample import Sample


@dataclass(frozen=True, slots=True)
class Effect:
    """One treatment arm against control: the estimate, its error, and the covariance it came from."""

    estimate: float
    std_error: float | None
    df: float | None
    covariance: str
    ssc: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    resampled: Resampled | None = None


Comparison = Callable[[Sample, FloatArray, EstimateSpec, Plan], Effect]


def compare_arms(
    sample: Sample, spec: EstimateSpec, plan: Plan, comparison: Comparison, *, scale: str = "difference"
) -> Fit:
    """The fit of a trial: each treatment arm against control, on the rows of those two arms.

    The leading estimate is that of ``options.arm``, or of the first treatment arm; with several arms each
    is a term.
    """
    if sample.arm is None:
        raise NotEstimable("the plan names no arm column")
    leading = spec.options.get("arm") or sample.arm_names[1]
    effects: dict[str, Effect] = {}
    terms: list[Term] = []
    for code, name in enumerate(sample.arm_names[1:], start=1):
        try:
            effects[name] = _one(sample, code, spec, plan, comparison)
        except NotEstimable as refusal:
            if name == leading:
                raise
            terms.append(Term(f"arm={name}", None, note=refusal.reason))
        else:
            terms.append(_term(f"arm={name}", effects[name], plan.alpha))
    effect = effects[leading]
    two = sample.take(np.isin(sample.arm, (0, sample.arm_names.index(leading))))
    several = len(sample.arm_names) > 2
    chosen = (
        f"the estimate compares '{leading}' with '{sample.arm_names[0]}'; the other arms are in terms, "
        "their p values not adjusted"
    )
    return Fit(
        estimate=effect.estimate,
        std_error=effect.std_error,
        df=effect.df,
        covariance=effect.covariance,
        n_obs=two.n_obs,
        n_units=two.n_units,
        n_clusters=two.n_clusters,
        n_treated=_treated_units(two),
        scale=scale,
        icc=intracluster_correlation(two.outcome, two.cluster, two.arm) if two.is_clustered else None,
        terms=(*(terms if several else ()), *effect.terms),
        warnings=(*effect.warnings, *((chosen,) if several else ())),
        ssc=effect.ssc,
        resampled=effect.resampled,
    )


def _one(sample: Sample, code: int, spec: EstimateSpec, plan: Plan, comparison: Comparison) -> Effect:
    return comparison(*_against_control(sample, code), spec, plan)


def two_arms(sample: Sample, spec: EstimateSpec) -> tuple[Sample, FloatArray]:
    """The rows of control and of the estimate's treatment arm, and 1 where a row is treated."""
    return _against_control(sample, sample.arm_names.index(spec.options.get("arm") or sample.arm_names[1]))


def _against_control(sample: Sample, code: int) -> tuple[Sample, FloatArray]:
    assert sample.arm is not None
    two = sample.take((sample.arm == 0) | (sample.arm == code))
    assert two.arm is not None
    treated = (two.arm == code).astype(np.float64)
    for is_treated, arm in ((1.0, sample.arm_names[code]), (0.0, sample.arm_names[0])):
        if not (treated == is_treated).any():
            raise NotEstimable(f"no usable row is in the arm '{arm}'")
    return two, treated


def _treated_units(sample: Sample) -> int:
    assert sample.arm is not None
    return len(np.unique(sample.unit[sample.arm > 0]))


def _term(name: str, effect: Effect, alpha: float) -> Term:
    if effect.resampled is not None:
        ends = effect.resampled.conf_low, effect.resampled.conf_high
        return Term(name, effect.estimate, effect.std_error, *ends)
    if effect.std_error is None:
        return Term(name, effect.estimate)
    return interval_term(name, effect.estimate, effect.std_error, effect.df, alpha)


def interval_term(name: str, estimate: float, std_error: float, df: float | None, alpha: float) -> Term:
    """A term with its pointwise interval."""
    low, high = distributions.interval(estimate, std_error, df, alpha)
    return Term(name, estimate, std_error, low, high, df=df)


def arm_counts(treated: FloatArray, codes: "np.ndarray[Any, np.dtype[np.int64]]") -> tuple[int, int]:
    """How many distinct codes (clusters, units) have treated rows, and how many have control rows."""
    return len(np.unique(codes[treated > 0])), len(np.unique(codes[treated == 0]))
