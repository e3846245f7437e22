"""A rate ratio judged by draws: the score of each ratio supposed, had the draw fallen otherwise."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from experiments.stats.effects import Effect
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.estimators.drawn import redrawn_effect
from experiments.stats.estimators.rates import Solver, count_model
from experiments.stats.estimators.replayed import replay
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.assignments import Assignments
from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.log_link import CountModel, fit_counts
from experiments.stats.regression.randomisation import RandomisationTest, collapse
from experiments.stats.resampling import invert
from experiments.stats.results import Resampled
from experiments.stats.sample import Sample

MOST_NUMBERS = 5_000_000  # draws times clusters, of which each ratio supposed needs all
FARTHEST = 30.0  # log ratios beyond which nothing is supposed


def redrawn_rates(
    solve: Solver, sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan
) -> tuple[Effect, float]:
    """The log rate ratio with the p value and interval of redrawn assignments, and α of its variance.

    Under the ratio ``exp(τ)`` the outcome times ``exp(−τz)`` does not depend on the draw. It is fitted without the arm,
    and the studentised effect of each redrawn arm on what the fit leaves is compared with the observed one: a
    randomisation test of the score, exact for a ratio that is the same for everybody.

    Raises
    ------
    NotEstimable : what `solve` refuses, too few ways to redraw, or more draws than are needed.
    """
    columns, names = adjustment(sample)
    model = count_model(sample.outcome, treated, columns, names, sample.exposure, sample.weight)
    made = replay(sample, treated, spec, plan)
    groups, drawn = made.groups, made.drawn
    if len(drawn.labels) * drawn.count > MOST_NUMBERS:
        raise NotEstimable(
            f"{drawn.count} draws of {len(drawn.labels)} clusters are more than is needed: with so many use CR2, or "
            "HC2 where rows were drawn one by one"
        )
    fitted = solve(model)
    estimate = float(fitted.fit.coefficients[1])
    error = covariance(fitted.fit, "CR1", groups).std_error(fitted.fit.contrast("treatment"))
    without = replace(model, design=columns, names=names)
    # α without the arm, so that no draw is told from another by it
    spread = solve(without).spread
    p_at = ratio_test(without, treated, spread, drawn, groups, sample.covariates, sample.stratum)
    found = invert(lambda ratio: p_at(ratio, "two_sided"), estimate, error, plan.alpha)
    test = Resampled(p_at(0.0, spec.alternative), found.conf_low, found.conf_high)
    effect = redrawn_effect(RandomisationTest.of(drawn, estimate, error, test))
    return replace(effect, warnings=(*effect.warnings, *made.said)), fitted.spread


def ratio_test(
    without: CountModel,
    treated: FloatArray,
    spread: float,
    drawn: Assignments,
    groups: IntArray,
    covariates: FloatArray | None = None,
    blocks: IntArray | None = None,
) -> Callable[[float, str], float]:
    """The p value of a log ratio supposed, in a direction.

    Parameters
    ----------
    without : the counts and what they are regressed on, without the arm.
    treated : (N,) 1 for treatment, 0 for control.
    spread : α of the variance ``μ + αμ²``, which must not come from a fit with the arm.
    drawn, groups : ways to assign clusters, and the (N,) codes of the clusters.
    covariates, blocks : the columns of `without`, and the (N,) codes of those that are strata.
    """

    def p_at(ratio: float, alternative: str) -> float:
        if abs(ratio) > FARTHEST:
            return 1.0  # so far out no end is looked for
        supposed = without.outcome * np.exp(-ratio * treated)
        fitted = fit_counts(replace(without, outcome=supposed), spread)
        weight = without.weight * fitted.means / (1 + spread * fitted.means)
        left = (supposed - fitted.means) / fitted.means
        scores = collapse(
            left, treated, covariates=covariates, clusters=groups, blocks=blocks, weights=weight
        ).studentised(drawn)
        return scores.p_at(0.0, alternative)

    return p_at
