"""Rate ratio of two arms by Poisson quasi-likelihood with robust errors, never the model-based one."""

from experiments.stats.effects import Effect, compare_arms
from experiments.stats.estimators.rates import compare_rates, count_model, rate_ratio
from experiments.stats.estimators.rates_drawn import redrawn_rates
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.log_link import fit_counts
from experiments.stats.results import Fit
from experiments.stats.sample import Sample


def poisson(
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
    """Log rate ratio, treatment to control.

    Parameters
    ----------
    outcome : (N,) counts, or any outcome that is not negative.
    treated : (N,) 1 for treatment, 0 for control.
    covariates : (N, k) columns measured before assignment.
    names : (k,) their names.
    exposure : (N,) person-time or population, above 0; enters as a log offset.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : covariance; None is HC2, or CR2 by cluster, on the working model.

    Returns
    -------
    Effect : the log of the rate ratio; the dispersion is its term.

    Notes
    -----
    ``log E[y] = log(exposure) + a + tau z + x'b``. Scores ``x (y - mu)``, bread ``sum mu x x'``; HC and
    CR as for least squares, on rows multiplied by the root of mu. Without covariates the estimate is
    ``log(rate1) - log(rate0)`` and the HC0 variance ``sum_1 (y - rate E)²/(sum_1 y)²`` plus that of arm
    0. HC: normal; CR0, CR1: t(G - 1); CR2: Satterthwaite. The dispersion, Pearson's chi-square over N -
    K, is a term.

    Raises
    ------
    NotEstimable : no events in an arm or a stratum, negative outcomes, or no convergence.

    References
    ----------
    Gourieroux, Monfort and Trognon (1984). Same numbers as statsmodels ``GLM(Poisson(), exposure=)``.
    """
    model = count_model(outcome, treated, covariates, names, exposure, weights)
    effect, _ = rate_ratio(model, fit_counts, clusters, kind)
    return effect


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, on the log scale."""
    return compare_arms(sample, spec, plan, _compare, scale="log_rate_ratio")


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if spec.covariance == "randomisation":
        effect, _ = redrawn_rates(fit_counts, sample, treated, spec, plan)
        return effect
    return compare_rates(poisson, sample, treated, spec)
