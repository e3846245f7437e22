"""When, who is protected, and what is open."""

import datetime as dt
from dataclasses import dataclass

from experiments.protocol import vocabulary as words
from experiments.protocol.schema.basics import SHORT, Answer, Day, DocumentRef, added, free_text


@dataclass(frozen=True, slots=True)
class Guardrail:
    outcome: str = free_text(60)
    threshold: str = free_text(SHORT)
    action: words.GuardrailAction | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    harms: Answer = Answer()
    guardrails: tuple[Guardrail, ...] = ()
    oversight_group: Answer = Answer()


@dataclass(frozen=True, slots=True)
class Dates:
    first_unit: Day = Day()
    intervention_start: Day = Day()
    intervention_end: Day = Day()
    follow_up_end: Day = Day()
    primary_completion: Day = Day()
    data_lock: Day = Day()


@dataclass(frozen=True, slots=True)
class DataUse:
    """`sharing_statement`: anything else about sharing, or why there is none.

    `baseline_extract` is what was known of the units before the trial, held fast by its hash.
    """

    outcome_data_seen: words.DataSeen | None = None
    assignment_data_seen: words.DataSeen | None = None
    baseline_extract: DocumentRef = added(DocumentRef())
    sharing: words.Sharing | None = None
    shared_items: tuple[str, ...] = added(())
    shared_when: str = added(max_length=SHORT)
    access: str = added()
    url: str = added(max_length=SHORT)
    licence: words.Licence | None = added(None)
    sharing_statement: str = free_text()
    dissemination: str = added()
    embargo_until: dt.date | None = None
    operational_sensitivity_reason: str = added()


@dataclass(frozen=True, slots=True)
class Ethics:
    body: str = free_text(SHORT)
    reference: str = free_text(120)
    decided_on: dt.date | None = None
    decision: words.EthicsDecision | None = None
    dpia_reference: str = free_text(120)
    equality_impact_reference: str = free_text(120)
    legal_power: Answer = Answer()
