"""What every rate ratio of two arms shares: its refusals, its design, and an error that never trusts the model."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from experiments.stats import domain
from experiments.stats.effects import Effect, arm_counts
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.ancova import adjustment
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.plan import EstimateSpec
from experiments.stats.regression.covariance import covariance
from experiments.stats.regression.log_link import CountFit, CountModel
from experiments.stats.results import Term
from experiments.stats.sample import Sample

Solver = Callable[[CountModel], CountFit]


class RateRatio(Protocol):
    """An estimator of a rate ratio, as the engine's adapters call it."""

    def __call__(
        self,
        outcome: FloatArray,
        treated: FloatArray,
        covariates: FloatArray | None = None,
        *,
        names: tuple[str, ...] = (),
        exposure: FloatArray | None = None,
        clusters: IntArray | None = None,
        weights: FloatArray | None = None,
        kind: str | None = None,
    ) -> Effect: ...


def count_model(
    outcome: FloatArray,
    treated: FloatArray,
    covariates: FloatArray | None,
    names: tuple[str, ...],
    exposure: FloatArray | None,
    weights: FloatArray | None,
) -> CountModel:
    """The design of a rate ratio: the arm first, then the covariates.

    Raises
    ------
    NotEstimable : negative outcomes, or no events in an arm or where a 0/1 column is 0 or 1.
    """
    columns = np.empty((len(outcome), 0)) if covariates is None else covariates
    labels = names or tuple(f"x{number}" for number in range(1, columns.shape[1] + 1))
    _check_events(outcome, treated, columns, labels)
    return CountModel(
        outcome,
        np.column_stack([treated, columns]),
        ("treatment", *labels),
        np.zeros(len(outcome)) if exposure is None else np.log(exposure),
        np.ones(len(outcome)) if weights is None else weights,
    )


def rate_ratio(
    model: CountModel, solve: Solver, clusters: IntArray | None, kind: str | None
) -> tuple[Effect, CountFit]:
    """The log rate ratio with a robust error, and the fit it comes from.

    Raises
    ------
    NotEstimable : too few clusters or rows, or what `solve` refuses.
    """
    treated = model.design[:, 0]
    kind = kind or domain.default_covariance(is_clustered=clusters is not None)
    rows = int(treated.sum()), int(len(treated) - treated.sum())
    groups = rows if clusters is None else arm_counts(treated, clusters)
    domain.warnings_for(kind, rows, groups, None, is_clustered=clusters is not None)
    few = domain.check_residual_df(len(treated), model.design.shape[1] + 1)
    solved = solve(model)
    found = covariance(solved.fit, kind, clusters)
    contrast = solved.fit.contrast("treatment")
    df = found.df(contrast) if kind.startswith("CR") else None
    warned = domain.warnings_for(kind, rows, groups, df, is_clustered=clusters is not None)
    effect = Effect(
        estimate=float(solved.fit.coefficients[1]),
        std_error=found.std_error(contrast),
        df=df,
        covariance=kind,
        ssc=found.ssc,
        warnings=(*few, *warned),
        terms=(Term("dispersion", _dispersion(model, solved)),),
    )
    return effect, solved


def compare_rates(estimator: RateRatio, sample: Sample, treated: FloatArray, spec: EstimateSpec) -> Effect:
    """One treatment arm against control, as the plan has it."""
    kind = spec.covariance or domain.default_covariance(is_clustered=sample.is_clustered)
    columns, names = adjustment(sample)
    return estimator(
        sample.outcome,
        treated,
        columns,
        names=names,
        exposure=sample.exposure,
        clusters=sample.cluster if sample.is_clustered or kind.startswith("CR") else None,
        weights=sample.weight,
        kind=kind,
    )


def _check_events(
    outcome: FloatArray, treated: FloatArray, columns: FloatArray, names: tuple[str, ...]
) -> None:
    """Refuse what has no finite rate ratio: an arm, or a level of a 0/1 column, without a single event."""
    if (outcome < 0).any():
        raise NotEstimable("the outcome has negative values; a rate cannot be negative")
    for side, words in ((treated > 0, "treated"), (treated == 0, "control")):
        if not outcome[side].any():
            raise NotEstimable(
                f"no events among the {words}: every {words} unit had 0, so the rate ratio has no estimate; the "
                "difference in means has one"
            )
    for name, column in zip(names, columns.T, strict=True):
        if not np.isin(column, (0.0, 1.0)).all():
            continue
        for level in (0.0, 1.0):
            if not outcome[column == level].any():
                raise NotEstimable(
                    f"no events where '{name}' is {level:.0f}, so the rates cannot be adjusted for it"
                )


def _dispersion(model: CountModel, solved: CountFit) -> float:
    """Pearson's chi-square of the model's own variance, over N − K."""
    variance = solved.means * (1 + solved.spread * solved.means)
    left = len(model.outcome) - solved.fit.n_parameters
    return float((model.weight * (model.outcome - solved.means) ** 2 / variance).sum() / left)
