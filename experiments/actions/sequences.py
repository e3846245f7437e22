"""The sequence by which cases get their arms one by one is opened: its scheme and its secret seed are fixed."""

from django.db import transaction
from django.utils import timezone

from centre import vault
from centre.errors import Conflict
from centre.models import User
from centre.permissions import Permission
from experiments import randomise
from experiments.actions import library, steps
from experiments.actions.allocations import AlreadyAllocated, ready
from experiments.lifecycle import Conduct, Fact, advance
from experiments.models import Allocation, AllocationSeed, Trial
from experiments.protocol import scheme_of
from experiments.randomise import trickle


@transaction.atomic
def start(*, trial: Trial, by: User) -> Allocation:
    """The scheme is fixed with a commitment to a secret seed: from here every arm follows from what is enrolled."""
    trial, registration = ready(trial, by)
    if found := trial.allocation:
        raise AlreadyAllocated(f"The sequence was opened on {found.committed_at:%-d %B %Y}.")
    read = registration.frozen_protocol
    method = read.allocation.method
    if method is None or not method.one_by_one:
        raise Conflict("This trial draws a list: freeze the unit list instead.")
    facts = {Fact.UNITS_FROZEN: True, Fact.RANDOMISED: True}
    advance(Conduct(trial.conduct_state), Conduct.ALLOCATED, facts)  # refused before there is a seed
    scheme = scheme_of(read)
    scheme_hash = vault.put_bytes(scheme.canonical()).sha256
    seed = randomise.seed_text(trial.number or "", registration.version, scheme_hash, randomise.new_secret())
    now = timezone.now()
    allocation = Allocation.objects.create(
        trial=trial,
        registration=registration,
        method=method,
        parameters=scheme.as_json(),
        algorithm=f"{trickle.ALGORITHM_ID} {trickle.ALGORITHM_VERSION}",
        unit_list_sha256=scheme_hash,
        n_units=0,
        commitment=randomise.commitment(seed),
        committed_at=now,
        committed_by=by,
        drawn_at=now,
        drawn_by=by,
        record={
            **trickle.opening_record(scheme, seed),
            "trial": trial.number,
            "registration": {"version": registration.version, "sha256": registration.sha256},
            "committed_at": now.isoformat(),
        },
    )
    AllocationSeed.objects.create(allocation=allocation, seed=seed)
    steps.take(
        trial,
        Conduct.ALLOCATED,
        facts=facts,
        by=by,
        using=Permission.ALLOCATION_DRAW,
        event="allocation.opened",
        object_sha256=scheme_hash,
        commitment=allocation.commitment,
    )
    library.note(trial, by)
    return allocation
