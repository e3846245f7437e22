"""Rate ratio of two arms where counts spread more the larger they are: the negative binomial, with robust errors."""

from dataclasses import replace

from experiments.stats.effects import Effect, compare_arms
from experiments.stats.estimators.rates import compare_rates, count_model, rate_ratio
from experiments.stats.estimators.rates_drawn import redrawn_rates
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.log_link import fit_spread_counts
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample


def negative_binomial(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
    exposure: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
) -> Effect:
    """Log rate ratio, treatment to control, of counts whose variance is ``μ + αμ²`` (NB2).

    Parameters
    ----------
    outcome : (N,) counts.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment.
    names : (k,) their names.
    exposure : (N,) person-time or population, above 0; enters as a log offset.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : covariance; None is HC2, or CR2 by cluster, on the working model.

    Returns
    -------
    Effect : the log of the rate ratio. α and the dispersion left, Pearson's chi-square of the model's variance over
        N − K, are its terms.

    Notes
    -----
    ``log μ = log(exposure) + a + τz + x′b``. Maximum likelihood: β by iterated weighted least squares, weights
    ``μ/(1 + αμ)``, and α by its likelihood given μ, in turn. Bread ``Σ μ/(1 + αμ) xx′``, the expected information,
    scores ``x(y − μ)/(1 + αμ)``; HC and CR as for least squares on rows multiplied by the root of the weight. The
    error allows for another variance than the model's, as poisson's does; only the weights of the rows differ. HC:
    normal; CR0, CR1: t(G − 1); CR2: Satterthwaite.

    Raises
    ------
    NotEstimable : no events in an arm or a stratum, outcomes that are not counts, α above 1,000, or no convergence.

    References
    ----------
    Lawless (1987), *Canadian J Stat*. Same coefficients and α as statsmodels ``NegativeBinomial`` and R
    ``MASS::glm.nb``.
    """
    model = count_model(outcome, treated, covariates, names, exposure, weights)
    effect, solved = rate_ratio(model, fit_spread_counts, clusters, kind)
    plain = (
        () if solved.spread else ("the counts vary no more than Poisson counts do, so this is Poisson's fit",)
    )
    return replace(
        effect,
        terms=(Term("alpha", solved.spread), *effect.terms),
        warnings=(*effect.warnings, *plain),
    )


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, on the log scale."""
    return compare_arms(sample, spec, plan, _compare, scale="log_rate_ratio")


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if spec.covariance == "randomisation":
        effect, spread = redrawn_rates(fit_spread_counts, sample, treated, spec, plan)
        return replace(effect, terms=(Term("alpha", spread),))
    return compare_rates(negative_binomial, sample, treated, spec)
