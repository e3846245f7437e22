"""The engine: a plan and a table in, a result out. Nothing here knows a formula, a file or a database."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa

from experiments.stats import defaults, provenance, rows
from experiments.stats import plan as plans
from experiments.stats.checks import (
    allocation_match,
    attrition,
    bacon,
    balance,
    displacement,
    dose,
    honest_did,
    leave_one_out,
    placebo,
    pre_trends,
    sample_ratio,
)
from experiments.stats.common_draws import adjusted_together
from experiments.stats.context import CheckContext, Made
from experiments.stats.errors import BadPlan, NotEstimable, Problem
from experiments.stats.estimators import (
    ancova,
    callaway_santanna_fit,
    cluster_means,
    crossover_fit,
    difference_in_means,
    event_study,
    imputation,
    iv,
    lin,
    logistic,
    mixed,
    negative_binomial,
    poisson,
    poisson_twfe,
    roth_santanna_fit,
    stepped_wedge_fit,
    sun_abraham,
    synthetic_fit,
    triple_difference,
    twfe,
    two_by_two_fit,
)
from experiments.stats.frame import Frame
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.registered import Registered
from experiments.stats.results import CheckRow, Dropped, Fit, Result
from experiments.stats.sample import Sample
from experiments.stats.sampling import build
from experiments.stats.sequential.watching import watched

Adapter = Callable[[Sample, EstimateSpec, Plan], Fit]
Check = Callable[[CheckContext], CheckRow]
Progress = Callable[[float, str], None]

ESTIMATORS: Mapping[str, Adapter] = {
    "difference_in_means": difference_in_means.estimate,
    "ancova": ancova.estimate,
    "lin": lin.estimate,
    "logistic": logistic.estimate,
    "iv": iv.estimate,
    "cluster_means": cluster_means.estimate,
    "mixed": mixed.estimate,
    "poisson": poisson.estimate,
    "negative_binomial": negative_binomial.estimate,
    "two_by_two": two_by_two_fit.estimate,
    "twfe": twfe.estimate,
    "event_study": event_study.estimate,
    "poisson_twfe": poisson_twfe.estimate,
    "sun_abraham": sun_abraham.estimate,
    "imputation": imputation.estimate,
    "synthetic_control": synthetic_fit.control_estimate,
    "synthetic_did": synthetic_fit.did_estimate,
    "triple_difference": triple_difference.estimate,
    "roth_santanna": roth_santanna_fit.estimate,
    "stepped_wedge": stepped_wedge_fit.estimate,
    "crossover": crossover_fit.estimate,
    "callaway_santanna": callaway_santanna_fit.estimate,
}
CHECKS: Mapping[str, Check] = {
    "balance": balance.check,
    "attrition": attrition.check,
    "sample_ratio": sample_ratio.check,
    "allocation_match": allocation_match.check,
    "dose": dose.check,
    "pre_trends": pre_trends.check,
    "bacon": bacon.check,
    "honest_did": honest_did.check,
    "placebo": placebo.check,
    "displacement": displacement.check,
    "leave_one_out": leave_one_out.check,
}


def run(
    plan: Plan | Mapping[str, Any],
    data: "pd.DataFrame | pa.Table",
    progress: Progress | None = None,
    *,
    data_sha256: str | None = None,
    only: Collection[str] = (),
    first_line: int = 1,
    registered: Registered | None = None,
) -> Result:
    """Run every estimate and check of a plan.

    Parameters
    ----------
    plan : a parsed plan, or the JSON object of one.
    data : the rows as a pandas DataFrame or a pyarrow Table, typed or all text; columns the plan does
        not use are not read.
    progress : called with a fraction from 0 to 1 and a few words; what it raises stops the run.
    data_sha256 : the digest of the file the rows came from, kept in the result.
    only : ids of the estimates to make; checks and adjusted p values need the whole plan and are then
        left out.
    first_line : the line of the first row of data in its file, for messages (2 in a CSV file with a header).
    registered : what the registration says beyond the plan, for the checks of a trial's conduct and for tests that
        make its draw again; None without one, and then the plan's columns say what was drawn.

    Returns
    -------
    Result : every estimate with ``status`` ``ok``, or ``not_estimable`` with its reason.

    Raises
    ------
    BadPlan, BadData : with every problem found, before any number is made.
    """
    started, clock = provenance.now(), time.perf_counter()
    plan = plan if isinstance(plan, Plan) else plans.parse(plan)
    plan = replace(plan, registered=registered)
    specs = _chosen(plan, only)
    tell = progress or (lambda fraction, words: None)
    frame = Frame(data, first_line=first_line)
    frame.require(plan.roles(only))
    steps = len(specs) + (0 if only else len(plan.checks))
    made, dropped = [], []
    for position, spec in enumerate(specs):
        tell(position / steps, f"Estimating {spec.id} ({spec.estimator})")
        one, losses = _estimate(frame, spec, plan)
        made.append(one)
        dropped.append(losses)
    checks = {} if only else _checks(plan, frame, tuple(made), tell, steps, registered)
    estimates = rows.adjusted(
        [rows.estimate_row(one, plan) for one in made],
        plan,
        complete=not only,
        together=lambda family: adjusted_together(family, lambda spec: build(frame, spec, plan), plan),
    )
    tell(1.0, "Done")
    return Result(
        estimates=estimates,
        checks=checks,
        data=provenance.row_counts(frame.n_rows, data_sha256, made, dropped),
        plan_sha256=plan.sha256,
        provenance={
            **provenance.environment(),
            "seed": plan.seed,
            "ssc": {one.spec.id: dict(one.fit.ssc) for one in made if one.fit is not None},
            "started_at": started,
            "seconds": round(time.perf_counter() - clock, 3),
        },
    )


def _chosen(plan: Plan, only: Collection[str]) -> list[EstimateSpec]:
    known = [spec.id for spec in plan.estimates]
    unknown = [name for name in only if name not in known]
    if unknown:
        message = f"no estimate has the id '{unknown[0]}'; ids: {', '.join(known)}"
        raise BadPlan([Problem("/estimates", message)])
    return [spec for spec in plan.estimates if not only or spec.id in only]


def _estimate(frame: Frame, spec: EstimateSpec, plan: Plan) -> tuple[Made, tuple[Dropped, ...]]:
    """One estimate and the rows it left out; a refusal is a result."""
    dropped: tuple[Dropped, ...] = ()
    try:
        sample = build(frame, spec, plan)
        dropped = sample.dropped
        plain = rows.check_fit(defaults.made(ESTIMATORS[spec.estimator], sample, spec, plan))
        fit = watched(plain, spec, plan)
    except NotEstimable as refusal:
        return Made(spec, None, refusal.reason), dropped
    return Made(spec, fit), (*dropped, *fit.dropped)


def _checks(
    plan: Plan,
    frame: Frame,
    made: tuple[Made, ...],
    tell: Progress,
    steps: int,
    registered: Registered | None,
) -> dict[str, CheckRow]:
    context = CheckContext(
        plan,
        made,
        sample=lambda spec: build(frame, spec, plan),
        fit=lambda spec, sample: rows.check_fit(ESTIMATORS[spec.estimator](sample, spec, plan)),
        frame=frame,
        registered=registered,
    )
    found = {}
    for position, name in enumerate(plan.checks, start=len(made)):
        tell(position / steps, f"Checking {name}")
        try:
            found[name] = CHECKS[name](context)
        except NotEstimable as refusal:
            found[name] = CheckRow(verdict="not_estimable", explanation=refusal.reason)
    return found
