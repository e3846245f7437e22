"""The statistics: a trial lead's plan in, results out; and each estimator and check as a function on plain arrays.

Pure: no Django. What is named here is imported when it is first asked for, so that a web process that only knows the
plan's words does not load the numerical libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.stats.checks.allocation_match import allocation_match as allocation_match
    from experiments.stats.checks.attrition import attrition as attrition
    from experiments.stats.checks.balance import balance as balance
    from experiments.stats.checks.decomposition import bacon as bacon
    from experiments.stats.checks.displacement import displacement as displacement
    from experiments.stats.checks.dose import dose as dose
    from experiments.stats.checks.honest import honest_did as honest_did
    from experiments.stats.checks.leads import pre_trends as pre_trends
    from experiments.stats.checks.leave_one_out import leave_one_out as leave_one_out
    from experiments.stats.checks.lee import lee_bounds as lee_bounds
    from experiments.stats.checks.placebo import placebo as placebo
    from experiments.stats.checks.sample_ratio import sample_ratio as sample_ratio
    from experiments.stats.counts import dispersion as dispersion
    from experiments.stats.counts import e_test as e_test
    from experiments.stats.counts import harm_wdd as harm_wdd
    from experiments.stats.counts import rirr as rirr
    from experiments.stats.counts import wdd as wdd
    from experiments.stats.counts import wdq as wdq
    from experiments.stats.engine import run as run
    from experiments.stats.estimators.ancova import ancova as ancova
    from experiments.stats.estimators.callaway_santanna import callaway_santanna as callaway_santanna
    from experiments.stats.estimators.callaway_santanna_rows import (
        callaway_santanna_rows as callaway_santanna_rows,
    )
    from experiments.stats.estimators.cluster_means import cluster_means as cluster_means
    from experiments.stats.estimators.crossover import crossover as crossover
    from experiments.stats.estimators.difference_in_means import difference_in_means as difference_in_means
    from experiments.stats.estimators.event_study import event_study as event_study
    from experiments.stats.estimators.imputation import imputation as imputation
    from experiments.stats.estimators.iv import iv as iv
    from experiments.stats.estimators.lin import lin as lin
    from experiments.stats.estimators.logistic import logistic as logistic
    from experiments.stats.estimators.mixed import mixed as mixed
    from experiments.stats.estimators.negative_binomial import negative_binomial as negative_binomial
    from experiments.stats.estimators.poisson import poisson as poisson
    from experiments.stats.estimators.poisson_twfe import poisson_twfe as poisson_twfe
    from experiments.stats.estimators.roth_santanna import roth_santanna as roth_santanna
    from experiments.stats.estimators.stepped_wedge import stepped_wedge as stepped_wedge
    from experiments.stats.estimators.stepped_wedge_random import stepped_wedge_random as stepped_wedge_random
    from experiments.stats.estimators.sun_abraham import sun_abraham as sun_abraham
    from experiments.stats.estimators.synthetic_control import synthetic_control as synthetic_control
    from experiments.stats.estimators.synthetic_did import synthetic_did as synthetic_did
    from experiments.stats.estimators.triple_difference import triple_difference as triple_difference
    from experiments.stats.estimators.twfe import twfe as twfe
    from experiments.stats.estimators.two_by_two import two_by_two as two_by_two
    from experiments.stats.icc import icc_interval as icc_interval
    from experiments.stats.sequential.anytime import confidence_sequence as confidence_sequence
    from experiments.stats.sequential.boundaries import group_sequential as group_sequential
    from experiments.stats.sequential.stage_wise import stage_wise as stage_wise

_PLACES = {
    "run": "engine",
    "ancova": "estimators.ancova",
    "callaway_santanna": "estimators.callaway_santanna",
    "callaway_santanna_rows": "estimators.callaway_santanna_rows",
    "cluster_means": "estimators.cluster_means",
    "crossover": "estimators.crossover",
    "difference_in_means": "estimators.difference_in_means",
    "event_study": "estimators.event_study",
    "imputation": "estimators.imputation",
    "iv": "estimators.iv",
    "lin": "estimators.lin",
    "logistic": "estimators.logistic",
    "mixed": "estimators.mixed",
    "negative_binomial": "estimators.negative_binomial",
    "poisson": "estimators.poisson",
    "poisson_twfe": "estimators.poisson_twfe",
    "roth_santanna": "estimators.roth_santanna",
    "stepped_wedge": "estimators.stepped_wedge",
    "stepped_wedge_random": "estimators.stepped_wedge_random",
    "sun_abraham": "estimators.sun_abraham",
    "synthetic_control": "estimators.synthetic_control",
    "synthetic_did": "estimators.synthetic_did",
    "triple_difference": "estimators.triple_difference",
    "twfe": "estimators.twfe",
    "two_by_two": "estimators.two_by_two",
    **dict.fromkeys(("dispersion", "e_test", "harm_wdd", "rirr", "wdd", "wdq"), "counts"),
    "icc_interval": "icc",
    "confidence_sequence": "sequential.anytime",
    "group_sequential": "sequential.boundaries",
    "stage_wise": "sequential.stage_wise",
    "allocation_match": "checks.allocation_match",
    "attrition": "checks.attrition",
    "balance": "checks.balance",
    "dose": "checks.dose",
    "lee_bounds": "checks.lee",
    "sample_ratio": "checks.sample_ratio",
    "displacement": "checks.displacement",
    "honest_did": "checks.honest",
    "leave_one_out": "checks.leave_one_out",
    "placebo": "checks.placebo",
    "pre_trends": "checks.leads",
    "bacon": "checks.decomposition",
}

__all__ = [*_PLACES]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'experiments.stats' has no attribute '{name}'")
    return getattr(import_module(f"experiments.stats.{place}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
