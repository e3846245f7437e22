"""A copy of a protocol: its design, without what belongs to the trial that it was written for."""

from collections.abc import Mapping
from typing import Any

from experiments.protocol.reading import to_json
from experiments.protocol.schema import Protocol
from experiments.protocol.templates.template import Document

# What another trial must say for itself, by dotted path.
LOCAL = (
    "title",
    "team.people",
    "team.senior_sponsor",
    "team.secondary_ids",
    "funding.publication_agreement",
    "funding.agreement_document",
    "problem.follows_trials",
    "design.concurrent_trials",
    "design.concurrent_operations",
    "eligibility.intake.dry_run_expected",
    "eligibility.intake.dry_run_processed",
    "allocation.waiting_until",
    "allocation.wedge.first_day",
    "allocation.crossover.first_day",
    "sites",
    "sample_size.simulation",
    "qed.data_already_seen",
    "dates",
    "data.outcome_data_seen",
    "data.assignment_data_seen",
    "data.url",
    "data.embargo_until",
    "data.operational_sensitivity_reason",
    "ethics",
)


def copied(protocol: Protocol) -> Document:
    """Return the protocol as a draft to start from."""
    document, blank = to_json(protocol), to_json(Protocol())
    for path in LOCAL:
        *parents, last = path.split(".")
        _at(document, parents)[last] = _at(blank, parents)[last]
    return dict(document)


def _at(document: Mapping[str, Any], path: list[str]) -> Any:
    found: Any = document
    for name in path:
        found = found[name]
    return found
