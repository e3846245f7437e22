"""Twenty at once on PostgreSQL: one wins, the others are told that the state forbids it, and nothing is half done."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from centre import audit
from centre.errors import Conflict
from experiments import protocol
from experiments.actions import allocations, amendments, predecessors, registrations, trials
from experiments.models import Allocation, Assignment, Registration, Trial
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 20


def together(acts: list[Callable[[], Any]]) -> Counter[str]:
    """Do them all at the same moment; return how many were done, and how many met a conflict."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> str:
        try:
            start.wait(timeout=60)
            act()
            return "done"
        except Conflict:
            return "conflict"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))


def test_one_registration_of_twenty(cast: Any) -> None:
    trial = stages.approved(cast)
    found = together([lambda: registrations.register(trial=trial, by=cast.registrar)] * THREADS)
    assert found == {"done": 1, "conflict": THREADS - 1}
    assert Registration.objects.count() == 1
    assert audit.verify().holds


def test_two_trials_do_not_come_to_follow_each_other(cast: Any) -> None:
    """Each names the other at the same moment: one is taken, and the other is refused, not left waiting."""
    first, second = stages.registered(cast), stages.registered(cast)

    def naming(trial: Trial, other: Trial) -> Callable[[], Any]:
        document = {
            **trial.protocol,
            "problem": {**trial.protocol["problem"], "follows_trials": [other.number]},
        }

        def propose() -> None:
            try:
                amendments.propose(
                    trial=trial,
                    document=document,
                    reason_code="error",
                    reason="Left out.",
                    by=cast.force_user,
                )
            except predecessors.Circle as refusal:
                raise Conflict(refusal.message) from refusal

        return propose

    assert together([naming(first, second), naming(second, first)]) == {"done": 1, "conflict": 1}
    assert first.follows.count() + second.follows.count() == 1


def test_what_is_registered_is_what_was_reviewed_whoever_saves(cast: Any) -> None:
    """The draft is not open while it is in review, so every save meets the lock or the state, never a gap."""
    trial = stages.approved(cast)
    reviewed = protocol.digest(trial.draft)
    changed = {**trial.protocol, "title": {**trial.protocol["title"], "public_title": "Another title"}}

    def save() -> None:
        trials.save(trial=trial, document=changed, edition=trial.protocol_edition, by=cast.force_user)

    def register() -> None:
        registrations.register(trial=trial, by=cast.registrar)

    found = together([register, save] * (THREADS // 2))
    assert found == {"done": 1, "conflict": THREADS - 1}
    assert Registration.objects.get().sha256 == reviewed
    assert stages.fresh(trial).title != "Another title"


def test_one_sending_and_one_save_at_a_time(cast: Any) -> None:
    """Sending against editing: whichever comes first, the other sees it; what is sent is what stands."""
    trial = stages.draft(cast)
    changed = {**trial.protocol, "title": {**trial.protocol["title"], "public_title": "Another title"}}

    def save() -> None:
        trials.save(trial=trial, document=changed, edition=trial.protocol_edition, by=cast.force_user)

    def submit() -> None:
        trials.submit(trial=trial, by=cast.force_user)

    found = together([submit, save] * (THREADS // 2))
    assert found["done"] in (1, 2), "a save may come before the one that sends"
    assert found["done"] + found["conflict"] == THREADS
    trial = stages.fresh(trial)
    assert trial.registration_state == "submitted"
    assert trial.protocol_edition == (3 if trial.title == "Another title" else 2)


@pytest.mark.parametrize("stage", ["baseline", "frozen"])
def test_one_allocation_of_twenty(cast: Any, stage: str) -> None:
    trial = getattr(stages, stage)(cast)

    def freeze() -> None:
        allocations.freeze_units(trial=trial, lines=stages.lines(), by=cast.custodian)

    def draw() -> None:
        allocations.draw(trial=trial, by=cast.custodian)

    found = together([freeze if stage == "baseline" else draw] * THREADS)
    assert found == {"done": 1, "conflict": THREADS - 1}
    assert Allocation.objects.count() == 1
    if stage == "frozen":
        assert Assignment.objects.count() == stages.N_UNITS
        assert stages.fresh(trial).conduct_state == "allocated"
    assert audit.verify().holds
