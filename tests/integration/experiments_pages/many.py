"""Many trials, each as whole as one that went through the actions: a page that asks once for each row shows it here."""

import copy
import uuid
from typing import Any

from centre import triggers
from experiments.models import (
    Allocation,
    Amendment,
    Registration,
    Site,
    Trial,
    separation,
    transitions,
)


def copies(trial: Trial, number: int, versions: int = 1) -> list[Trial]:
    """Copy a registered trial with its sites and its unit list, and give each copy so many versions, all amended.

    The database's own rules rest meanwhile: a copy does not go the way that its original went.
    """
    rules = (*separation.RULES, *transitions.RULES)
    triggers.drop(rules)
    made = _copies(trial, number, versions)
    triggers.install(rules)
    return made


def _copies(trial: Trial, number: int, versions: int) -> list[Trial]:
    made = Trial.objects.bulk_create(
        _copy(
            trial,
            public_id=uuid.uuid4(),
            number=f"CPP-2026-{5_000 + place}-X",
            title=f"{trial.title} {place}",
            searched_words=f"{trial.searched_words} {place}",
        )
        for place in range(number)
    )
    for model in (Site, Allocation):
        rows = model.objects.filter(trial=trial)  # type: ignore[attr-defined]
        model.objects.bulk_create(  # type: ignore[attr-defined]
            _copy(row, trial=one, **_new_id(row)) for row in rows for one in made
        )
    first = Registration.objects.get(trial=trial, major=1, minor=0)
    before: list[Registration | None] = [None for _ in made]
    for minor in range(versions):
        rows = Registration.objects.bulk_create(
            _copy(first, trial=one, minor=minor, previous=previous)
            for one, previous in zip(made, before, strict=True)
        )
        Amendment.objects.bulk_create(
            _amendment(previous, row)
            for previous, row in zip(before, rows, strict=True)
            if previous is not None
        )
        before = rows
    return made


def _copy(row: Any, **changed: Any) -> Any:
    """Return the row as a new one that is not saved."""
    made = copy.copy(row)
    made._state = copy.copy(row._state)
    made._state.adding, made._state.fields_cache, made.pk = True, {}, None
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def _new_id(row: Any) -> dict[str, uuid.UUID]:
    return {"public_id": uuid.uuid4()} if hasattr(row, "public_id") else {}


def _amendment(base: Registration, version: Registration) -> Amendment:
    return Amendment(
        trial=version.trial,
        base=base,
        registration=version,
        protocol=version.protocol,
        diff=[{"pointer": "/title/plain_summary", "before": "Before", "after": "After", "freeze": "V"}],
        is_major=False,
        reason_code=Amendment.Reason.EXTERNAL_EVENT,
        reason="A storm.",
        outcome_data_opened=False,
        proposed_at=version.registered_at,
        proposed_by=version.registrar,
        decided_at=version.registered_at,
        decided_by=version.registrar,
        decision=Amendment.Decision.APPROVE,
    )
