"""Families of estimates whose p values are adjusted by draws: which of them can be drawn together."""

from collections.abc import Iterator, Sequence

from experiments.stats.errors import Problem
from experiments.stats.estimate_spec import EstimateSpec
from experiments.stats.options import COMMON_DRAWS, ESTIMATOR_RULES, UNADJUSTED_ROLES

_APART = "put it in a family of its own, or use holm"
# What the draw is made of, and so must be the same for all.
_DRAWN = ("unit", "cluster", "arm", "stratum")


def common_draw_problems(estimates: Sequence[EstimateSpec]) -> Iterator[Problem]:
    """Every estimate that has no draw in common with its family, at its place in the plan."""
    first: dict[str, EstimateSpec] = {}
    for position, spec in enumerate(estimates):
        if spec.role in UNADJUSTED_ROLES or spec.estimator not in ESTIMATOR_RULES:
            continue
        fault = _alone(spec) or _apart(spec, first.setdefault(spec.family, spec))
        if fault:
            yield Problem(f"/estimates/{position}/estimator", f"{fault}; {_APART}")


def _alone(spec: EstimateSpec) -> str:
    if spec.options.get("looks") or spec.options.get("always_valid"):
        return "'westfall_young' draws one look at the end anew, and this estimate is looked at before"
    if spec.estimator not in COMMON_DRAWS:
        able = ", ".join(COMMON_DRAWS)
        return f"'{spec.estimator}' cannot be drawn together with others for 'westfall_young'; what can be: {able}"
    if spec.estimator == "difference_in_means" and spec.columns.stratum is not None:
        return (
            "'westfall_young' with strata compares within them by regression, and 'difference_in_means' does not: use "
            "ancova, without covariates if there are none"
        )
    if spec.columns.unit is None:
        return (
            "'westfall_young' needs the column of the unit, so that each has the same draw for every outcome"
        )
    return ""


def _apart(spec: EstimateSpec, first: EstimateSpec) -> str:
    if COMMON_DRAWS[spec.estimator] != COMMON_DRAWS.get(first.estimator):
        return (
            f"'{spec.estimator}' and '{first.estimator}' of '{first.id}' are judged by different draws, and "
            "'westfall_young' needs one for the whole family"
        )
    if any(getattr(spec.columns, part) != getattr(first.columns, part) for part in _DRAWN):
        return f"its columns are not those of '{first.id}', so the two were not drawn together"
    if spec.options.get("arm") != first.options.get("arm"):
        return f"it compares another arm than '{first.id}', so the two are not drawn together"
    return ""
