"""The effect of the treatment itself where not everybody took it up: the arm as an instrument."""

import math
from dataclasses import dataclass

import numpy as np

from centre import distributions
from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts, compare_arms, interval_term
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import cluster_sums, cr1_factor
from experiments.stats.regression.linear import least_squares
from experiments.stats.results import Fit, Term
from experiments.stats.sample import Sample

WEAK, DOUBTFUL = 10.0, 104.7  # first-stage F: Staiger & Stock (1997); Lee et al. (2022)
NOTHING = 1e-10


@dataclass(frozen=True, slots=True)
class _Reduced:
    """Instrument, outcome and treatment received, without covariates: by row (N,), times the root of the weight."""

    instrument: FloatArray
    outcome: FloatArray
    received: FloatArray
    clusters: IntArray
    factor: float
    df: float

    def spread(self, one: FloatArray, other: FloatArray) -> float:
        """The sum over clusters of the products of two residuals' scores."""
        count = int(self.clusters.max()) + 1
        scores = cluster_sums(self.instrument[:, None] * np.column_stack([one, other]), self.clusters, count)
        return float(self.factor * (scores[:, 0] @ scores[:, 1]))


def iv(
    outcome: FloatArray,
    assigned: FloatArray,
    received: FloatArray,
    covariates: FloatArray | None = None,
    *,
    names: tuple[str, ...] = (),
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
    kind: str | None = None,
    alpha: float = 0.05,
) -> Effect:
    """Effect of the treatment on those who take it up because it was offered (CACE).

    Parameters
    ----------
    outcome : (N,) in the outcome's units.
    assigned : (N,) 1 where the unit was assigned to treatment, 0 where not.
    received : (N,) 1 where it was treated, 0 where not, or the share of it.
    covariates : (N, k) columns measured before assignment; block dummies among them.
    names : (k,) their names.
    clusters : (N,) codes of the level of assignment; None where each row was assigned alone.
    weights : (N,) positive analysis weights.
    kind : HC1 or CR1; None is HC1, or CR1 by cluster.
    alpha : of the Anderson–Rubin interval and those of the terms.

    Returns
    -------
    Effect : the two-stage estimate. Its terms are the first stage (effect of the offer on take-up), its F, the effect
        of the offer on the outcome (ITT), and the Anderson–Rubin interval, which holds however weak the first stage is.

    Notes
    -----
    With one instrument ``β = z̃′ỹ/z̃′d̃``, tilde the residual on covariates; ``V = a Σ_c(Σ z̃ε)²/(z̃′d̃)²``,
    ε = ỹ − βd̃, a = N/(N−K) or CR1's factor. Anderson–Rubin: the b with ``(z̃′(ỹ − bd̃))² ≤ F_{1−α}(1, df)·a Σ_c(…)²``,
    a quadratic in b. Needs that the offer acts through take-up alone, and that it puts nobody off.

    Raises
    ------
    NotEstimable : arms that take the treatment up alike, or too few clusters or rows.

    References
    ----------
    Angrist, Imbens & Rubin (1996), *JASA*; Anderson & Rubin (1949), *Ann Math Stat*. Same numbers as linearmodels
    ``IV2SLS(...).fit(cov_type='robust', debiased=True)``.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))
    chosen = kind or ("HC1" if clusters is None else "CR1")
    rows = int(assigned.sum()), int(len(assigned) - assigned.sum())
    groups = rows if clusters is None else arm_counts(assigned, clusters)
    few = domain.check_residual_df(len(outcome), columns.shape[1] + 2)
    warned = domain.warnings_for(chosen, rows, groups, None, is_clustered=clusters is not None)
    reduced = _reduce(outcome, assigned, received, columns, labels, clusters, weights, chosen)
    z, y, d = reduced.instrument, reduced.outcome, reduced.received
    first = float(z @ d)
    _refuse_without_first_stage(z, d, assigned, received)
    estimate = float(z @ y) / first
    error = y - estimate * d
    std_error = math.sqrt(reduced.spread(error, error)) / abs(first)
    take_up, itt = first / float(z @ z), float(z @ y) / float(z @ z)
    errors = [math.sqrt(reduced.spread(left, left)) / float(z @ z) for left in (d - take_up * z, y - itt * z)]
    strength = (take_up / errors[0]) ** 2 if errors[0] > 0 else math.inf
    return Effect(
        estimate=estimate,
        std_error=std_error,
        df=reduced.df,
        covariance=chosen,
        ssc={"covariance": chosen, "factor": reduced.factor, "instrument": "the assigned arm"},
        warnings=(*few, *warned, *_weakness(strength)),
        terms=(
            _first_stage(take_up, errors[0], reduced.df, alpha),
            *((Term("first_stage_F", strength),) if math.isfinite(strength) else ()),
            interval_term("itt", itt, errors[1], reduced.df, alpha),
            _anderson_rubin(reduced, estimate, take_up, itt, alpha),
        ),
    )


def _first_stage(take_up: float, error: float, df: float, alpha: float) -> Term:
    """The effect of the offer on take-up; without an error where everybody did as they were told."""
    if not error > 0:
        return Term("first_stage", take_up)
    return interval_term("first_stage", take_up, error, df, alpha)


def _refuse_without_first_stage(
    z: FloatArray, d: FloatArray, assigned: FloatArray, received: FloatArray
) -> None:
    """Refuse an assignment that the covariates determine, and arms that take the treatment up alike.

    What is left of either after the covariates is compared with what there was, so that rounding is not taken for it.
    """
    sizes = [math.sqrt(float(one @ one)) for one in (assigned - assigned.mean(), received)]
    left, taken = math.sqrt(float(z @ z)), math.sqrt(float(d @ d))
    if left <= NOTHING * sizes[0]:
        raise NotEstimable(
            "the covariates or strata determine who was assigned, so the offer has no effect of its own"
        )
    if taken <= NOTHING * max(sizes[1], 1.0) or abs(float(z @ d)) <= NOTHING * left * taken:
        raise NotEstimable(
            "the arms received the treatment alike, so the assignment tells nothing of what receiving it does"
        )


def _reduce(
    outcome: FloatArray,
    assigned: FloatArray,
    received: FloatArray,
    columns: FloatArray,
    names: tuple[str, ...],
    clusters: IntArray | None,
    weights: FloatArray | None,
    kind: str,
) -> _Reduced:
    """Take constant and covariates out of all three."""
    root = np.ones(len(outcome)) if weights is None else np.sqrt(weights / weights.mean())
    left = [
        least_squares(columns, one, names, weights=weights).residuals
        if columns.shape[1]
        else root * (one - float(root**2 @ one) / float(root @ root))
        for one in (assigned, outcome, received)
    ]
    if columns.shape[1] and weights is not None:
        left = [one / math.sqrt(float(weights.mean())) for one in left]
    width, count = columns.shape[1] + 2, len(outcome)
    codes, factor, df = np.arange(count), count / (count - width), float(count - width)
    if kind == "CR1" and clusters is not None:
        n_clusters = int(clusters.max()) + 1
        codes, factor, df = clusters, cr1_factor(count, width, n_clusters), float(n_clusters - 1)
    return _Reduced(left[0], left[1], left[2], codes, factor, df)


def _weakness(strength: float) -> tuple[str, ...]:
    if strength >= DOUBTFUL:
        return ()
    if strength >= WEAK:
        return (
            f"the first stage has F = {strength:.3g}: below {DOUBTFUL} a plain 5 % test rejects too often; read the "
            "Anderson–Rubin interval",
        )
    return (
        f"the assignment hardly moved who was treated (first-stage F = {strength:.3g}, and 10 is the least to go by): "
        "the estimate and its error are not to be trusted, only the Anderson–Rubin interval is",
    )


def _anderson_rubin(reduced: _Reduced, estimate: float, take_up: float, itt: float, alpha: float) -> Term:
    """The effects b at which the instrument has nothing left to explain in ``y − b d``."""
    z = reduced.instrument
    # Residuals on the instrument: their spread does not depend on b but through the quadratic.
    y_left, d_left = reduced.outcome - itt * z, reduced.received - take_up * z
    on_y, on_d = float(z @ reduced.outcome), float(z @ reduced.received)
    critical = distributions.quantile(1 - alpha / 2, reduced.df) ** 2
    a = on_d**2 - critical * reduced.spread(d_left, d_left)
    b = -2 * (on_y * on_d - critical * reduced.spread(y_left, d_left))
    c = on_y**2 - critical * reduced.spread(y_left, y_left)
    root = b * b - 4 * a * c
    if a <= 0 or root < 0:
        what = "no effect is ruled out" if root < 0 else "it is all effects but those of one stretch"
        return Term("anderson_rubin", estimate, note=f"the Anderson–Rubin set has no ends: {what}")
    low, high = ((-b + sign * math.sqrt(root)) / (2 * a) for sign in (-1.0, 1.0))
    return Term("anderson_rubin", estimate, conf_low=low, conf_high=high)


def estimate(sample: Sample, spec: EstimateSpec, plan: Plan) -> Fit:
    """The engine's adapter: each treatment arm against control, the arm as the instrument."""
    return compare_arms(sample, spec, plan, _compare)


def _compare(sample: Sample, treated: FloatArray, spec: EstimateSpec, plan: Plan) -> Effect:
    if sample.received is None:
        raise NotEstimable("the plan names no column for the treatment received")
    kind = spec.covariance or ("CR1" if sample.is_clustered else "HC1")
    columns, names = adjustment(sample)
    return iv(
        sample.outcome,
        treated,
        sample.received,
        columns,
        names=names,
        clusters=sample.cluster if sample.is_clustered or kind == "CR1" else None,
        weights=sample.weight,
        kind=kind,
        alpha=plan.alpha,
    )
