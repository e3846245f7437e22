"""The value of the named round of a public beacon is entered, and the seed follows from it."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from experiments import randomise
from experiments.actions import allocations
from experiments.models import Allocation, AllocationSeed, BeaconValue, Trial
from experiments.randomise import beacon


@transaction.atomic
def enter(*, trial: Trial, number: int, randomness: str, signature: str, by: User) -> Allocation:
    """The seed is known: the round was named before anybody could know its value, and its value is on the record."""
    trial, _ = allocations.ready(trial, by)
    allocation = trial.allocation
    if allocation is None or not allocation.by_beacon or allocation.beacon_round is None:
        raise Conflict("No round of a beacon was named for this trial.")
    if not allocation.waits_for_beacon:
        raise Conflict("The value of the beacon has been entered already.")
    now = timezone.now()
    value = beacon.BeaconValue(number, randomness.strip(), signature.strip())
    try:
        beacon.check_value(value, allocation.beacon_round, now)
    except randomise.DrawRefused as refusal:
        raise Invalid(refusal.problems[0].message) from refusal
    BeaconValue.objects.create(
        allocation=allocation,
        round=value.round,
        randomness=value.randomness,
        signature=value.signature,
        entered_at=now,
        entered_by=by,
    )
    seed = randomise.seed_text(
        trial.number or "", allocation.registration.version, allocation.unit_list_sha256, value.randomness
    )
    AllocationSeed.objects.create(allocation=allocation, seed=seed)
    detail = {"round": value.round, "randomness": value.randomness, "signature": value.signature}
    audit.record("allocation.beacon_entered", subject=trial, by=by, detail=detail)
    return allocation
