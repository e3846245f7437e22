"""A registered protocol changes: by a new version with a reason, never by an edit."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import protocol
from experiments.actions import entries, library, predecessors, turns
from experiments.actions.collisions import require_declared
from experiments.actions.registrations import freeze
from experiments.actions.reviews import is_own
from experiments.actions.trials import (
    ProtocolIncomplete,
    place_sites,
    require_known_forces,
    require_known_trials,
    require_runnable,
)
from experiments.models import Amendment, Dataset, Trial


class NothingChanged(Invalid):
    """The proposed protocol is the one in force."""


class Locked(Conflict):
    """A field that the draw or the first exposure has locked for ever."""


class AlreadyDecided(Conflict):
    """The amendment has been decided, or overtaken."""


@transaction.atomic
def propose(*, trial: Trial, document: Any, reason_code: str, reason: str, by: User) -> Amendment:
    """A change is on the record. A minor one is a new version at once; a major one waits for a reviewer."""
    turns.wait()
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_AMEND, on=trial)
    if not trial.is_registered or trial.registration is None:
        raise Conflict("Only a registered trial is amended: edit the draft instead.")
    if pending(trial):
        raise Conflict("Another amendment of this trial waits for its decision, or is not in force yet.")
    _check_reason(reason_code, reason)
    base = trial.registration
    read = protocol.from_json(document)
    changes = protocol.diff(base.frozen_protocol, read)
    _check(trial, read, changes)
    require_known_forces(read)
    require_known_trials(read, base.frozen_protocol, by)
    predecessors.require_before(trial, read)
    require_declared(trial, read, by, before=base.frozen_protocol)
    opened = outcome_data_evidence(trial)
    amendment = Amendment(
        trial=trial,
        base=base,
        protocol=protocol.to_json(read),
        diff=[change.as_json() for change in changes],
        is_major=protocol.is_major(changes),
        reason_code=reason_code,
        reason=tidied(reason),
        outcome_data_opened=bool(opened["analyses"]),
        outcome_data_evidence=opened,
        proposed_at=timezone.now(),
        proposed_by=by,
    )
    if not amendment.is_major:
        _decide(amendment, Amendment.Decision.APPROVE, by)
        _apply(amendment, reviewer=None)
    amendment.save()
    detail = {"amendment": str(amendment.public_id), "major": amendment.is_major}
    audit.record("amendment.proposed", subject=trial, by=by, detail=detail)
    return amendment


@transaction.atomic
def decide(*, amendment: Amendment, decision: str, comment: str = "", by: User) -> Amendment:
    """A reviewer accepts the change, which is the version in force 48 hours later, or refuses it."""
    trial = Trial.objects.for_action(amendment.trial, by)
    require(by, Permission.AMENDMENT_DECIDE, on=trial)
    amendment = Amendment.objects.select_for_update().get(pk=amendment.pk)
    if by.pk == amendment.proposed_by_id or is_own(trial, by):
        raise NotPermitted("A second person must clear this: you belong to the team of this trial.")
    if decision not in Amendment.Decision.values:
        raise Invalid.field("/decision", "Choose approve or refuse")
    if not amendment.is_open or amendment.base != trial.registration:
        raise AlreadyDecided("This amendment has already been decided, or another version has come first.")
    if decision == Amendment.Decision.REFUSE and is_blank(comment):
        raise Invalid.field("/comment", "Say why it is refused")
    _decide(amendment, decision, by)
    amendment.decision_comment = tidied(comment)
    amendment.save(update_fields=list(Amendment.frozen_except))
    detail = {"amendment": str(amendment.public_id), "decision": decision}
    audit.record("amendment.decided", subject=trial, by=by, detail=detail)
    return amendment


def put_in_force(*, amendment: Amendment, by: User | None) -> Amendment:
    """The approved change is the version in force. Called by the timer, or over an objection.

    The caller has waited for its turn and locked the trial, in this order.
    """
    if not amendment.is_pending or amendment.is_open or amendment.base != amendment.trial.registration:
        raise AlreadyDecided("This amendment cannot come into force any more.")
    _require_unlocked(amendment.trial, _changes(amendment))
    predecessors.require_before(amendment.trial, protocol.from_json(amendment.protocol))
    _apply(amendment, reviewer=amendment.decided_by)
    amendment.save(update_fields=["registration"])
    detail = {
        "amendment": str(amendment.public_id),
        "version": str(amendment.registration and amendment.registration.version),
    }
    audit.record("amendment.in_force", subject=amendment.trial, by=by or audit.SYSTEM, detail=detail)
    return amendment


def pending(trial: Trial) -> Amendment | None:
    """Return the amendment that may still come into force."""
    newest = trial.amendments.filter(registration=None).select_related("objection", "base", "proposed_by")
    return next((one for one in newest if one.is_pending), None)


def outcome_data_evidence(trial: Trial) -> dict[str, Any]:
    """Return which outcome data had come and which analyses had been asked for, and when.

    Nothing else in the registry shows outcomes by arm, so where there is no analysis nobody has seen them here.
    """
    outcomes = trial.datasets.filter(kind=Dataset.Kind.OUTCOME).order_by("received_at")
    return {
        "analyses": [
            {"analysis": str(analysis.public_id), "at": analysis.requested_at.isoformat()}
            for analysis in trial.analyses.order_by("requested_at")
        ],
        "outcome_data": [
            {"sha256": dataset.file_sha256, "at": dataset.received_at.isoformat()} for dataset in outcomes
        ],
    }


def _check_reason(reason_code: str, reason: str) -> None:
    if reason_code not in Amendment.Reason.values:
        raise Invalid.field("/reason_code", "Choose a reason")
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why the protocol changes")


def _check(trial: Trial, read: protocol.Protocol, changes: list[protocol.Change]) -> None:
    if not changes:
        raise NothingChanged("Nothing differs from the version in force.")
    if found := _made_worse(trial, read):
        raise ProtocolIncomplete("The amended protocol is not complete", found)
    require_runnable(read)
    _require_unlocked(trial, changes)


def _require_unlocked(trial: Trial, changes: list[protocol.Change]) -> None:
    if trial.allocation is None:
        return
    locked = [change for change in changes if change.freeze is protocol.Freeze.RANDOMISED]
    if locked:
        problems = [
            protocol.Problem(change.pointer, "Fixed for ever when the units were frozen") for change in locked
        ]
        raise Locked("The allocation can no longer change.", problems)


def _made_worse(trial: Trial, read: protocol.Protocol) -> list[protocol.Problem]:
    """Return what is missing or wrong, but for what the version in force was registered without.

    A question that is asked since need not be answered before anything else may change.
    """
    today = timezone.localdate()
    before = set(protocol.gaps(trial.registration.frozen_protocol)) if trial.registration else set()
    return [found for found in protocol.problems(read, today=today) if found not in before]


def _changes(amendment: Amendment) -> list[protocol.Change]:
    return protocol.diff(amendment.base.frozen_protocol, protocol.from_json(amendment.protocol))


def _apply(amendment: Amendment, *, reviewer: User | None) -> None:
    base, trial = amendment.base, amendment.trial
    version = (base.major + 1, 0) if amendment.is_major else (base.major, base.minor + 1)
    read = protocol.from_json(amendment.protocol)
    amendment.registration = freeze(
        trial=trial,
        read=read,
        version=version,
        registrar=amendment.proposed_by,
        reviewer=reviewer,
        previous=base,
    )
    Trial.objects.filter(pk=trial.pk).update(
        protocol=amendment.protocol,
        title=read.title.public_title,
        protocol_edition=trial.protocol_edition + 1,
        updated_at=timezone.now(),
        **entries.columns(read, trial.number),
    )
    entries.place_problems(trial, read)
    entries.place_earlier(trial, read)
    place_sites(trial, read)
    library.reopen(
        trial,
        f"the protocol was amended after its results were out. {amendment.reason}",
        amendment.proposed_by,
    )


def _decide(amendment: Amendment, decision: str, by: User) -> None:
    amendment.decided_at, amendment.decided_by, amendment.decision = timezone.now(), by, decision
