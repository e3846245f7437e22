"""The check of the leads, whether treated and comparison units already moved apart before adoption."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.stats import domain
from experiments.stats.checks.leads import LeadTest, pre_trends
from experiments.stats.context import CheckContext
from experiments.stats.defaults import arm_clusters
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators import (
    callaway_santanna_fit,
    event_study,
    poisson_event_study,
    triple_difference,
)
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.regression.covariance import CLUSTERED
from experiments.stats.results import CheckRow, Fit
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]

PREFIX = "event_time="
NOT_PROOF = "Passing is not evidence that the trends were parallel."
# An event study shows the leads of a two-way estimate; one date or several, it needs never-treated units.
SYNTHETIC = frozenset({"synthetic_control", "synthetic_did"})
ENOUGH = 50  # clusters in the smaller arm from which a joint test may lean on large numbers
REFERENCES = frozenset({event_study.REFERENCE, callaway_santanna_fit.REFERENCE})
TWO_WAY = frozenset({"twfe", "two_by_two"})


@dataclass(frozen=True, slots=True)
class _Leads:
    """One estimate with the test of its leads."""

    spec: EstimateSpec
    test: LeadTest
    largest: str
    is_red: bool


def check(context: CheckContext) -> CheckRow:
    """Test the leads of every difference-in-differences estimate; the first one is the headline.

    Raises
    ------
    NotEstimable : the plan has no such estimate, or none whose leads can be tested.
    """
    found: list[_Leads] = []
    rows: list[Mapping[str, Any]] = []
    reasons: list[str] = []
    for spec, fit in context.fits():
        if not ESTIMATOR_RULES[spec.estimator].panel:
            continue
        try:
            found.append(_test(spec, fit, context))
        except NotEstimable as refusal:
            reasons.append(refusal.reason)
            rows.append({"id": spec.id, "reason": refusal.reason})
        else:
            rows.append(_row(found[-1]))
    if not found:
        raise NotEstimable(reasons[0] if reasons else "no estimate of the plan compares changes over time")
    headline, test = found[0], found[0].test
    return CheckRow(
        verdict="red" if any(leads.is_red for leads in found) else "ok",
        explanation=" ".join([*(_words(leads) for leads in found), NOT_PROOF]),
        statistic=test.statistic,
        df=float(headline.test.df),
        p_value=test.p_value,
        rows=tuple(rows),
    )


def _test(spec: EstimateSpec, fit: Fit, context: CheckContext) -> _Leads:
    """Take the leads of a fit, or make them where the estimate has none of its own."""
    if spec.estimator in SYNTHETIC:
        raise NotEstimable("a synthetic control is made to agree before adoption, so that is no test of it")
    if not any(name.startswith(f"{PREFIX}-") for name in fit.term_names):
        fit, spec = with_leads(spec, context.plan, context.sample(spec))
    times = np.array(
        [float(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else np.nan for name in fit.term_names]
    )
    # A response within the anticipated periods is part of the effect, not a trend.
    leads = np.flatnonzero(times < -float(spec.options.get("anticipation", 0)))
    if not len(leads) or fit.term_covariance is None:
        raise NotEstimable("there is no period before adoption to test, besides the reference")
    estimates = {term.term: term.estimate for term in fit.terms}
    values = np.array([estimates[fit.term_names[place]] for place in leads], dtype=np.float64)
    test = pre_trends(
        values,
        fit.term_covariance[np.ix_(leads, leads)],
        _drift(spec, fit, times[leads]),
        n_clusters=_effective(fit, context.sample(spec)),
        alpha=context.plan.alpha,
    )
    return _Leads(spec, test, fit.term_names[leads[test.largest]], test.p_value < context.plan.alpha)


def smaller_arm(sample: Sample) -> int:
    """Clusters in the smaller arm.

    Raises
    ------
    NotEstimable : so few that errors of leads would be far too small.
    """
    fewest = min(arm_clusters(sample))
    if fewest < domain.LEAST_CLUSTERS:
        raise NotEstimable(
            f"{fewest} clusters in the smaller arm are too few to test periods before adoption together: their errors "
            "would be far too small; the check 'placebo' judges a pretended start by draws"
        )
    return fewest


def _effective(fit: Fit, sample: Sample) -> int | None:
    """How many clusters the joint test may count on; None for as many as it likes.

    Both arms must show their spread, so where the smaller is small it is the one that counts.
    """
    fewest = smaller_arm(sample)
    if fewest < ENOUGH:
        return fewest
    return fit.n_clusters if fit.covariance in CLUSTERED else None


def with_leads(spec: EstimateSpec, plan: Plan, sample: Sample) -> tuple[Fit, EstimateSpec]:
    """Effects by event time for an estimate that has none before adoption: an event study, or Callaway–Sant'Anna."""
    if spec.estimator in TWO_WAY:
        kind = spec.covariance if spec.covariance in ESTIMATOR_RULES["event_study"].covariances else None
        return event_study.estimate(sample, replace(spec, covariance=kind), plan), spec
    if spec.estimator == "poisson_twfe":
        return poisson_event_study.estimate(sample, spec, plan), spec
    if spec.estimator == "triple_difference":
        kind = spec.covariance if spec.covariance in ESTIMATOR_RULES["event_study"].covariances else None
        return event_study.estimate(
            triple_difference.as_difference(sample), replace(spec, covariance=kind), plan
        ), spec
    known = ESTIMATOR_RULES["callaway_santanna"].options
    chosen = {name: spec.options.get(name, option.default) for name, option in known.items()}
    if not np.isinf(sample.unit_first_treated).any():
        chosen["control_group"] = "not_yet_treated"
    dynamic = replace(spec, covariance=None, options={**chosen, "aggregation": "dynamic"})
    return callaway_santanna_fit.estimate(sample, dynamic, plan), dynamic


def _drift(spec: EstimateSpec, fit: Fit, times: FloatArray) -> FloatArray:
    """Spell out a drift of one unit a period in the leads."""
    if spec.options.get("base_period") == "varying":
        return np.ones(len(times))
    return times - reference_of(fit)


def reference_of(fit: Fit) -> float:
    """The event time all effects are compared with: zero by construction, so it has no error."""
    zero = [term.term for term in fit.terms if term.note in REFERENCES]
    return float(zero[0].removeprefix(PREFIX)) if zero else -1.0


def _row(leads: _Leads) -> Mapping[str, Any]:
    test = leads.test
    return {
        "id": leads.spec.id,
        "outcome": leads.spec.outcome,
        "method": test.method,
        "statistic": test.statistic,
        "df": float(test.df),
        "df2": test.df2,
        "p_value": test.p_value,
        "slope": test.slope,
        "slope_std_error": test.slope_std_error,
        "slope_detectable_50": test.detectable_50,
        "slope_detectable_80": test.detectable_80,
        "largest_lead": leads.largest,
        "verdict": "red" if leads.is_red else "ok",
    }


def _before(lead: str) -> str:
    """Return the name of a lead in words."""
    periods = lead.removeprefix(PREFIX).removeprefix("-")
    return f"{periods} {'period' if periods == '1' else 'periods'} before adoption"


def _words(leads: _Leads) -> str:
    test, spec = leads.test, leads.spec
    what = f"{spec.id} ({spec.outcome}): "
    if test.method == "holm":
        what += f"{test.df} leads are too many for a joint test with so few clusters; the clearest one has"
    else:
        what += f"the {test.df} leads together have"
    what += (
        f" p = {test.p_value:.2g}, with a drift of {test.slope:.3g} a period (the effect {_before(leads.largest)} "
        "stands out most)."
    )
    what += (
        " The groups were already moving apart before adoption, so the effect may not be the tactic's."
        if leads.is_red
        else " No movement apart before adoption was found."
    )
    if test.detectable_50 is not None and test.detectable_80 is not None:
        what += (
            f" A steady drift of {test.detectable_50:.3g} a period would be found half the time, one of "
            f"{test.detectable_80:.3g} four times in five."
        )
    return what
