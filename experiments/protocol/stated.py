"""What protocol and plan both state must be the same in both."""

from collections.abc import Iterator
from typing import Any

from centre.errors import Problem
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import AllocationMethod
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.plan import EstimateSpec, Plan


def stated_otherwise(protocol: Protocol, plan: Plan) -> Iterator[Problem]:
    """Yield each option of a primary estimate that is not what the protocol states."""
    for place, spec in enumerate(plan.estimates):
        if spec.role != "primary":
            continue
        for option, stated, words in _stated(protocol):
            used = _used(spec, option)
            if stated is not None and used is not None and used != stated:
                message = f"“{spec.id}”: {words} is {_said(used)}, and the protocol states {_said(stated)}"
                yield Problem(f"/analysis_plan/estimates/{place}/options/{option}", message)


def _stated(protocol: Protocol) -> Iterator[tuple[str, Any, str]]:
    design, qed = protocol.design.design, protocol.qed
    if design and design.is_difference_in_differences:
        units = qed.comparison_units
        yield "control_group", units.value if units else None, "the comparison group"
        yield "anticipation", qed.anticipation_periods, "the number of periods of anticipation"
    if protocol.allocation.method is AllocationMethod.STEPPED_WEDGE:
        yield (
            "transition",
            protocol.allocation.wedge.transition_periods,
            "the number of periods of transition",
        )


def _used(spec: EstimateSpec, option: str) -> Any:
    """Return the value of an option, its default where it is not given; None where the estimator has no such option."""
    rule = ESTIMATOR_RULES[spec.estimator].options.get(option)
    return None if rule is None else spec.options.get(option, rule.default)


def _said(value: Any) -> str:
    return str(value).replace("_", " ")
