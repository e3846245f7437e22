"""Tactics that use AI, to test with: made through the actions."""

from typing import Any

from tactics.actions import errors, transparency
from tactics.models import ErrorRate, Tactic, TransparencyDraft, TransparencyRecord
from tactics.transparency import Section
from tests.integration.tactics.library import proposed

GOOD = {
    "1.3": "https://force.example/redaction",
    "1.4": "data@force.example",
    "0.1": "7",
    "0.8": "2026-11-01",
    "0.9": "2026-11-02",
    "0.10": "Not applicable because it is in use",
}


def answered(section: Section) -> dict[str, str]:
    """Return an answer for every field of a section."""
    return {field.key: GOOD.get(field.ref, f"What {field.name} is.") for field in section.fields}


def ai_tactic(by: Any, name: str = "Redaction by software", **changes: Any) -> Tactic:
    """Return a draft tactic that uses AI."""
    return proposed(by, name, uses_ai=True, **changes)


def written(tactic: Tactic, by: Any, version: str = "4.0") -> TransparencyDraft:
    """Return a complete draft of its record."""
    draft = transparency.begin(tactic=tactic, by=by, standard_version=version)
    for section in draft.standard.sections:
        draft = transparency.save(
            draft=draft, section=section, said=answered(section), edition=draft.edition, by=by
        )
    return draft


def recorded(tactic: Tactic, writer: Any, publisher: Any, version: str = "4.0") -> TransparencyRecord:
    """Return its published record."""
    draft = transparency.send(draft=written(tactic, writer, version), by=writer)
    return transparency.publish(draft=draft, edition=draft.edition, by=publisher)


RATE: dict[str, Any] = {
    "kind": "false_alert",
    "numerator": 10,
    "numerator_counts": "false alerts",
    "denominator": 2_077,
    "denominator_counts": "alerts",
    "period": "A year",
    "how_measured": "Officers marked each alert",
    "source": "Monitoring data",
    "checked_by": "Nobody outside the force",
}


def rated(tactic: Tactic, by: Any, **changes: Any) -> ErrorRate:
    """Return an error rate of it."""
    return errors.record(tactic=tactic, by=by, **{**RATE, **changes})
