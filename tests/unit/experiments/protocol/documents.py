"""One complete protocol, and versions of it with other values in some places."""

import datetime as dt
from copy import deepcopy
from typing import Any

from experiments import protocol
from experiments.management.sample import protocols
from experiments.management.sample.plans import OutcomePlan, TrialPlan

TODAY = dt.date(2026, 11, 24)
PLAN = TrialPlan(
    key="unit",
    tactic="visits",
    problems=("calls-and-response",),
    force="testshire",
    title="Do visits reduce calls?",
    design="rct_individual",
    method="complete",
    unit_type="household",
    unit_word="household",
    n_units=200,
    outcomes=(
        OutcomePlan(
            id="calls",
            name="Calls in 12 months",
            domain="burglary",
            column="calls",
            measure="count",
            unit="calls for each household",
            estimates=({"id": "H1", "role": "primary", "estimator": "difference_in_means"},),
        ),
    ),
    columns={"unit": "unit", "arm": "arm"},
    treatment="Visits",
    control="No visits",
    dose="Visits for each household",
    hypothesis="Visits reduce calls",
)
COMPLETE: dict[str, Any] = protocols.document(PLAN, tactic="visits", tactic_version=1, today=TODAY)


def changed(**places: Any) -> dict[str, Any]:
    """Return the document with other values; a place is written `sample_size__power` or `outcomes__0__name`."""
    document = deepcopy(COMPLETE)
    for place, value in places.items():
        *path, last = place.split("__")
        inner: Any = document
        for step in path:
            inner = inner[int(step)] if step.isdigit() else inner[step]
        if isinstance(inner, list):
            inner[int(last)] = value
        else:
            inner[last] = value
    return document


def read(**places: Any) -> protocol.Protocol:
    """Return the protocol with other values."""
    return protocol.from_json(changed(**places))
