"""One step on one axis of a trial: in the table or refused, saved, and one event on the record."""

from collections.abc import Mapping
from typing import Any

from centre import audit
from centre.models import User
from centre.permissions import Permission, role_used
from experiments.lifecycle import Fact, State, check
from experiments.models import Trial
from experiments.models.transitions import COLUMNS


def take(
    trial: Trial,
    after: State,
    *,
    facts: Mapping[Fact, bool] | None = None,
    by: User | None,
    using: Permission | None,
    event: str = "trial.moved",
    reason: str = "",
    object_sha256: str = "",
    **detail: Any,
) -> None:
    """The trial stands at `after`. Called inside the action, which has locked the trial; other changes are saved too.

    The event says who, in which role, from where to where, why, and the hash of what the step rests on; the audit
    log chains it to the event before. `by` and `using` are None where a timer acts.
    """
    column = COLUMNS[type(after)]
    before = type(after)(getattr(trial, column))
    check(before, after, facts or {})
    setattr(trial, column, after)
    trial.save()
    step = {
        "axis": column.removesuffix("_state"),
        "from": before.value,
        "to": after.value,
        "role": role_used(by, using, on=trial) if by and using else audit.SYSTEM,
        "reason": reason,
        "object": object_sha256,
    }
    audit.record(event, subject=trial, by=by or audit.SYSTEM, detail=detail | step)


def take_from(
    before: State,
    trial: Trial,
    after: State,
    *,
    by: User | None,
    using: Permission | None,
    event: str,
    facts: Mapping[Fact, bool] | None = None,
    **detail: Any,
) -> None:
    """The trial stands at `after` if it stood at `before`; else the act moves nothing and its event is recorded."""
    if getattr(trial, COLUMNS[type(before)]) == before:
        take(trial, after, facts=facts, by=by, using=using, event=event, **detail)
    else:
        audit.record(event, subject=trial, by=by or audit.SYSTEM, detail=detail)
