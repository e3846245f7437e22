"""Units are frozen with a commitment, drawn so that anyone can replay it, and the seed is revealed at the lock."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit, vault
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import Force, User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import randomise, unit_list
from experiments.actions import library, steps
from experiments.actions.amendments import pending
from experiments.lifecycle import Conduct, Fact, advance
from experiments.models import (
    Allocation,
    AllocationSeed,
    AssignedPeriod,
    Assignment,
    Registration,
    TeamMember,
    Trial,
    Unit,
)
from experiments.protocol import Protocol
from experiments.protocol.drawing import batch_scheme
from experiments.protocol.vocabulary import AllocationMethod, ArmRole, Design, SeedPolicy
from experiments.randomise.beacon import check_named
from experiments.randomise.scheme import Scheme
from experiments.randomise.units import list_problems
from experiments.unit_list import UnitLine

NO_SEED = "none: not generated here"


class AlreadyAllocated(Conflict):
    """There is one list and one draw for a trial."""


class AnalystCannotAllocate(NotPermitted):
    """The custodian of the allocation is never the analyst."""


@transaction.atomic
def freeze_units(
    *,
    trial: Trial,
    lines: Sequence[UnitLine],
    by: User,
    overlap_reason: str = "",
    beacon_round: int | None = None,
) -> Allocation:
    """The unit list is fixed: with a commitment to a seed or the round of a beacon, or with its treatment starts."""
    trial, registration = ready(trial, by)
    if found := trial.allocation:
        raise AlreadyAllocated(f"The unit list was frozen on {found.committed_at:%-d %B %Y}.")
    read = registration.frozen_protocol
    method = read.allocation.method or AllocationMethod.NONE
    if method.one_by_one:
        raise Conflict("Cases come one by one in this trial: there is no list. Open the sequence instead.")
    is_drawn = method is not AllocationMethod.NONE
    scheme = batch_scheme(read) if is_drawn else None
    _check_lines(lines, scheme)
    _check_beacon(read, beacon_round)
    forces = _forces(trial, lines)
    _check_overlap(trial, lines, forces, overlap_reason)
    list_hash = vault.put_bytes(unit_list.canonical(lines, with_starts=not is_drawn)).sha256
    prepared = randomise.prepared(unit_list.units(lines), scheme) if scheme else {}
    if scheme and "set_sha256" in prepared:
        vault.put_bytes(randomise.constrained_set(unit_list.units(lines), scheme).encode())
    needs_secret = is_drawn and not method.is_external and beacon_round is None
    seed = _new_seed(trial, registration, list_hash) if needs_secret else ""
    allocation = Allocation.objects.create(
        trial=trial,
        registration=registration,
        method=method,
        parameters=scheme.parameters if scheme else {"method": method.value, "arms": []},
        seed_policy=read.allocation.seed_policy or SeedPolicy.COMMIT_REVEAL,
        beacon_round=beacon_round,
        prepared=prepared,
        algorithm=f"{randomise.ALGORITHM_ID} {randomise.ALGORITHM_VERSION}" if is_drawn else "",
        unit_list_sha256=list_hash,
        n_units=len(lines),
        commitment=randomise.commitment(seed) if seed else "",
        committed_at=timezone.now(),
        committed_by=by,
    )
    if seed:
        AllocationSeed.objects.create(allocation=allocation, seed=seed)
    Unit.objects.bulk_create(
        Unit(
            allocation=allocation,
            code=line.unit,
            stratum=line.stratum,
            cluster=line.cluster,
            start=line.start,
            extra=[list(pair) for pair in line.extra],
            force=forces.get(line.force, trial.lead_force),
        )
        for line in lines
    )
    detail = {"units": len(lines), "list": list_hash, "commitment": allocation.commitment}
    if beacon_round is not None:
        detail["beacon_round"] = beacon_round
    if overlap_reason:
        detail["overlap_reason"] = tidied(overlap_reason)
    audit.record("allocation.units_frozen", subject=trial, by=by, detail=detail)
    return allocation


@transaction.atomic
def draw(*, trial: Trial, by: User) -> Allocation:
    """Every unit has its arm, once and for ever."""
    trial, _ = ready(trial, by)
    allocation = trial.allocation
    if allocation is None:
        raise Conflict(Fact.UNITS_FROZEN.value)
    if allocation.waits_for_beacon:
        raise Conflict("Enter the value of the named round of the beacon first")
    if allocation.drawn_at:
        raise AlreadyAllocated(f"Already allocated on {allocation.drawn_at:%-d %B %Y}")
    facts = {Fact.UNITS_FROZEN: True, Fact.RANDOMISED: allocation.needs_draw}
    advance(Conduct(trial.conduct_state), Conduct.ALLOCATED, facts)  # refused before anything is drawn
    rows = list(allocation.units.all())
    seed = AllocationSeed.objects.get(allocation=allocation).seed if allocation.has_seed else ""
    drawn = randomise.draw([row.as_drawn() for row in rows], allocation.scheme, seed)
    now = timezone.now()
    allocation.drawn_at, allocation.drawn_by = now, by
    allocation.record = {
        **drawn.record,
        **_beside(allocation),
        "trial": trial.number,
        "registration": {
            "version": allocation.registration.version,
            "sha256": allocation.registration.sha256,
        },
        "committed_at": allocation.committed_at.isoformat(),
        "drawn_at": now.isoformat(),
    }
    allocation.save(update_fields=["drawn_at", "drawn_by", "record"])
    Assignment.objects.bulk_create(
        Assignment(
            allocation=allocation,
            unit=row.code,
            force=row.force,
            stratum=row.stratum,
            cluster=row.cluster,
            block=drawn.blocks.get(row.code, ""),
            tag=drawn.tags[row.code],
            arm=drawn.assignments[row.code],
        )
        for row in rows
    )
    if allocation.by_day:
        _keep_days(allocation, rows, drawn)
    steps.take(
        trial,
        Conduct.ALLOCATED,
        facts=facts,
        by=by,
        using=Permission.ALLOCATION_DRAW,
        event="allocation.drawn",
        object_sha256=drawn.record["allocation_sha256"],
        units=len(rows),
    )
    library.note(trial, by)
    return allocation


@transaction.atomic
def reveal(*, trial: Trial, by: User, seed: str = "") -> Allocation:
    """The seed is public: anyone can replay the draw. A seed that is given must be the one committed to."""
    trial, _ = ready(trial, by)
    allocation = trial.allocation
    if allocation is None or not allocation.is_drawn or allocation.record is None:
        raise Conflict("There is no draw to reveal.")
    if allocation.is_revealed:
        raise Conflict(f"The seed was revealed on {allocation.revealed_at:%-d %B %Y}.")
    if not trial.is_data_locked:
        raise Conflict("The seed is revealed when the data are locked, not before.")
    kept = _shown_seed(allocation, tidied(seed))
    allocation.seed_revealed, allocation.revealed_at, allocation.revealed_by = kept, timezone.now(), by
    allocation.save(update_fields=["seed_revealed", "revealed_at", "revealed_by"])
    detail: dict[str, Any] = {"commitment": allocation.commitment}
    if allocation.is_one_by_one:
        detail |= {"cases": allocation.units_so_far, "head": allocation.log_head}
    audit.record("allocation.revealed", subject=trial, by=by, detail=detail)
    return allocation


def ready(trial: Trial, by: User) -> tuple[Trial, Registration]:
    """Return the trial and its registration, locked for the custodian's next act."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.ALLOCATION_DRAW, on=trial)
    is_analyst = trial.team_members.filter(user=by, role=TeamMember.Role.ANALYST).exists()
    if is_analyst or trial.analyses.filter(requested_by=by).exists():
        raise AnalystCannotAllocate("The analyst of a trial cannot allocate it.")
    if not trial.is_registered or trial.registration is None:
        raise Conflict("Freeze the protocol first")
    if trial.allocation is None and pending(trial):
        raise Conflict(
            "An amendment waits for its decision, or is not in force yet: freeze the units after it."
        )
    return trial, trial.registration


def _shown_seed(allocation: Allocation, given: str) -> str:
    """Return the seed to make public, once it is shown to be the one that was drawn with; a list has none."""
    if not allocation.has_seed:
        return NO_SEED
    kept = AllocationSeed.objects.get(allocation=allocation).seed
    try:
        randomise.reveal(allocation.record or {}, given or kept)
    except randomise.DrawRefused as refusal:
        raise Invalid.field("/seed", refusal.problems[0].message) from refusal
    return kept


def _beside(allocation: Allocation) -> dict[str, Any]:
    """Return what belongs in the record besides the draw: the beacon, the waiting arm's turn, who drew a list."""
    read = allocation.registration.frozen_protocol
    found: dict[str, Any] = {}
    if allocation.by_beacon:
        found["beacon"] = allocation.beacon_value.as_published.record()
    if read.design.design is Design.WAITLIST and read.allocation.waiting_until:
        waiting = [arm.id for arm in read.arms if arm.role is ArmRole.WAITLIST]
        found["waiting"] = {"arms": waiting, "until": read.allocation.waiting_until.isoformat()}
    if allocation.is_external:
        found["list_source"] = read.allocation.external.source
    return found


def _keep_days(allocation: Allocation, rows: Sequence[Unit], drawn: randomise.Draw) -> None:
    first_day = allocation.registration.frozen_protocol.allocation.crossover.first_day
    if first_day is None:
        raise Conflict("The registered protocol names no first day.")
    AssignedPeriod.objects.bulk_create(
        (
            AssignedPeriod(
                allocation=allocation,
                unit=row.code,
                force=row.force,
                day=first_day + dt.timedelta(days=place),
                arm=arm,
            )
            for row in rows
            for place, arm in enumerate(drawn.periods[row.code])
        ),
        batch_size=2_000,
    )


def _check_beacon(read: Protocol, beacon_round: int | None) -> None:
    """Refuse a round that the protocol does not promise, none where it does, and one that is out already."""
    by_beacon = read.allocation.seed_policy is SeedPolicy.PUBLIC_BEACON
    if by_beacon and beacon_round is None:
        raise Invalid.field("/beacon_round", "Name the round of the beacon that will give the seed")
    if not by_beacon and beacon_round is not None:
        raise Invalid.field("/beacon_round", "The registered protocol has no beacon: leave the round blank")
    if beacon_round is not None:
        try:
            check_named(beacon_round, timezone.now())
        except randomise.DrawRefused as refusal:
            raise Invalid.field("/beacon_round", refusal.problems[0].message) from refusal


def _check_lines(lines: Sequence[UnitLine], scheme: Scheme | None) -> None:
    listed = unit_list.units(lines)
    found = randomise.problems(listed, scheme) if scheme else list_problems(listed)
    if found:
        problems = [Problem(f"line {each.row}" if each.row else "file", each.message) for each in found[:100]]
        raise Invalid(problems[0].message, problems)


def _forces(trial: Trial, lines: Sequence[UnitLine]) -> dict[str, Force]:
    """Return the forces that the list names; each must be the lead force or have a site in the trial."""
    named = unit_list.force_slugs(lines)
    known = {force.slug: force for force in Force.objects.filter(slug__in=named, pk__in=trial.force_ids)}
    problems = [
        Problem("column force", f"“{slug}” is not a force of this trial")
        for slug in sorted(named - set(known))
    ]
    if problems:
        raise Invalid(problems[0].message, problems)
    return known


def _check_overlap(trial: Trial, lines: Sequence[UnitLine], forces: dict[str, Force], reason: str) -> None:
    """Refuse a unit that is in another live trial of the same force, unless a reason is given."""
    if not is_blank(reason):
        return
    other = Unit.objects.elsewhere(trial, [line.unit for line in lines], {*forces.values(), trial.lead_force})
    problems = [
        Problem(
            f"line {place}",
            f"{line.unit} is already in trial {other[line.unit].number}; choose another or explain",
        )
        for place, line in enumerate(lines, start=2)
        if line.unit in other
    ]
    if problems:
        raise Invalid(problems[0].message, problems[:100])


def _new_seed(trial: Trial, registration: Registration, list_hash: str) -> str:
    return randomise.seed_text(trial.number or "", registration.version, list_hash, randomise.new_secret())
