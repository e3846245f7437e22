"""The run engine: one claim, one finish, and an end with a reason for everything else."""

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from centre import runs
from centre.errors import Invalid, NotPermitted, Problem
from centre.models import AuditEvent, Membership, Run, User
from centre.runs import doorbell, engine, holders, sweeper
from centre.runs.requests import RunFinished

pytestmark = pytest.mark.django_db

Links = dict[str, Any]


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@centre.example", name="Ann")


@pytest.fixture
def run(ann: User) -> Run:
    return runs.submit(task="tests.nothing", title="A run", subject=ann, by=ann)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Catch what the sweeper announces; the broker itself is tested in tests/faults."""
    told: list[str] = []
    monkeypatch.setattr(sweeper, "publish", lambda task, run_id: not told.append(run_id))
    return told


def quick(context: runs.Context) -> Callable[[], Links]:
    context.progress(0.5, "Half way")
    return lambda: {"page": "/made/"}


def refuses(error: BaseException) -> runs.Work:
    def work(context: runs.Context) -> Callable[[], Links]:
        raise error

    return work


def test_submit_queues_and_leaves_an_event(run: Run) -> None:
    assert (run.state, run.attempt, run.fence) == ("queued", 0, 0)
    assert AuditEvent.objects.filter(event="run.submitted", subject_id=str(run.pk)).exists()


def test_the_same_idempotency_key_is_the_same_run(ann: User) -> None:
    first = runs.submit(task="t", title="x", subject=ann, by=ann, idempotency_key="k1")
    assert runs.submit(task="t", title="x", subject=ann, by=ann, idempotency_key="k1") == first
    assert Run.objects.count() == 1


def test_execute_finishes_once_with_its_links(run: Run) -> None:
    done = runs.execute(str(run.pk), quick)
    assert done is not None
    assert (done.state, done.progress, done.links, done.attempt) == ("done", 1.0, {"page": "/made/"}, 1)
    assert runs.execute(str(run.pk), quick) is None
    assert AuditEvent.objects.filter(event="run.done", subject_id=str(run.pk)).count() == 1


def test_a_second_worker_cannot_claim_a_held_run(run: Run) -> None:
    def work(context: runs.Context) -> Callable[[], Links]:
        # Another process of this very host: alive, so not to be taken over.
        assert runs.execute(str(run.pk), quick) is None
        return dict

    assert runs.execute(str(run.pk), work).state == "done"  # type: ignore[union-attr]


def test_an_expired_lease_is_taken_over_and_the_late_copy_is_discarded(run: Run) -> None:
    written: list[str] = []

    def slow(context: runs.Context) -> Callable[[], Links]:
        Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        second = runs.execute(str(run.pk), lambda _: lambda: written.append("second") or {"page": "/second/"})
        assert second is not None
        return lambda: written.append("first") or {"page": "/first/"}

    runs.execute(str(run.pk), slow)
    run.refresh_from_db()
    assert written == ["second"]
    assert (run.state, run.links, run.fence) == ("done", {"page": "/second/"}, 2)


def test_a_dead_process_of_this_host_is_taken_over_at_once(run: Run) -> None:
    dead = f"{holders.owner().split(':')[0]}:999999999:1:token"
    later = timezone.now() + timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(
        state="running", attempt=1, fence=1, lease_owner=dead, lease_until=later
    )
    assert runs.execute(str(run.pk), quick).attempt == 2  # type: ignore[union-attr]


def test_this_process_is_not_dead_and_strangers_are_not_judged() -> None:
    assert not holders.is_dead(holders.owner())
    assert not holders.is_dead(f"elsewhere:{os.getpid()}:0:token")
    assert not holders.is_dead("nonsense")


def test_a_refusal_ends_the_run_with_its_problems(run: Run) -> None:
    refusal = Invalid("The file has 1 problem", [Problem("line 3, column calls", "Not a number")])
    ended = runs.execute(str(run.pk), refuses(refusal))
    assert ended is not None
    assert (ended.state, ended.error_code, ended.error) == ("failed", "invalid", "The file has 1 problem")
    assert ended.problems == [{"pointer": "line 3, column calls", "message": "Not a number"}]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SoftTimeLimitExceeded(), "too_long"),
        (MemoryError(), "too_large"),
        (ValueError("secret row 7"), "internal"),
    ],
)
def test_other_ends_have_a_plain_reason_and_leak_nothing(run: Run, error: BaseException, code: str) -> None:
    ended = runs.execute(str(run.pk), refuses(error))
    assert ended is not None
    assert (ended.state, ended.error_code) == ("failed", code)
    assert "secret" not in ended.error


def test_failure_tidies_up_in_the_same_transaction(run: Run) -> None:
    tidied: list[str] = []
    runs.execute(str(run.pk), refuses(Invalid("no")), on_failed=lambda ended: tidied.append(str(ended.pk)))
    assert tidied == [str(run.pk)]


def test_a_commit_that_fails_leaves_nothing_and_the_run_failed(run: Run) -> None:
    def work(context: runs.Context) -> Callable[[], Links]:
        def commit() -> Links:
            User.objects.create_user("half@done.example", name="Half")
            raise RuntimeError

        return commit

    assert runs.execute(str(run.pk), work).state == "failed"  # type: ignore[union-attr]
    assert not User.objects.filter(email="half@done.example").exists()


def test_cancel_while_waiting_is_at_once(run: Run, ann: User) -> None:
    tidied: list[str] = []
    assert (
        runs.execute(str(uuid.uuid4()), quick, on_failed=lambda ended: tidied.append(str(ended.pk))) is None
    )
    assert runs.cancel(run=run, by=ann).state == "cancelled"
    assert tidied == []
    assert runs.execute(str(run.pk), quick, on_failed=lambda ended: tidied.append(str(ended.pk))) is None
    assert tidied == [str(run.pk)], "what was staged for it is taken away"
    with pytest.raises(RunFinished):
        runs.cancel(run=run, by=ann)


def test_cancel_while_running_stops_at_the_next_step(run: Run, ann: User) -> None:
    def work(context: runs.Context) -> Callable[[], Links]:
        runs.cancel(run=Run.objects.get(pk=run.pk), by=ann)
        context.progress(0.5, "Half way")
        raise AssertionError("went on after the cancel")

    assert runs.execute(str(run.pk), work).state == "cancelled"  # type: ignore[union-attr]


def test_only_the_asker_or_an_analyst_cancels(run: Run) -> None:
    stranger = User.objects.create_user("bob@centre.example", name="Bob")
    with pytest.raises(NotPermitted):
        runs.cancel(run=run, by=stranger)
    analyst = User.objects.create_user("cat@centre.example", name="Cat")
    Membership.objects.create(user=analyst, role="analyst")
    assert runs.cancel(run=run, by=analyst).state == "cancelled"


def test_sweep_announces_the_forgotten_and_waits_between_repeats(run: Run, published: list[str]) -> None:
    assert runs.sweep().published == 0  # just submitted: its own ring is under way
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert runs.sweep().published == 1
    assert runs.sweep().published == 0
    assert published == [str(run.pk)]


def test_sweep_frees_the_abandoned_and_ends_the_hopeless(run: Run, published: list[str]) -> None:
    past = timezone.now() - timedelta(seconds=1)
    held = {"state": "running", "lease_owner": "elsewhere:1:1:x", "lease_until": past, "fence": 1}
    Run.objects.filter(pk=run.pk).update(attempt=1, **held)
    assert runs.sweep().requeued == 1
    run.refresh_from_db()
    assert run.state == "queued"
    Run.objects.filter(pk=run.pk).update(attempt=3, **held)
    assert runs.sweep().failed == 1
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("failed", "worker_lost")
    assert "lost 3 times" in run.error


def test_sweep_stops_when_the_broker_is_away(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    monkeypatch.setattr(sweeper, "publish", lambda *_: False)
    assert runs.sweep().published == 0
    run.refresh_from_db()
    assert run.published_at is None


def test_publish_without_a_broker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "")
    assert doorbell.publish("t", "x") is False


def test_a_lost_lease_stops_the_work_at_its_next_step(run: Run) -> None:
    claimed = engine._claim(str(run.pk))
    assert claimed is not None
    Run.objects.filter(pk=run.pk).update(fence=99)
    with pytest.raises(runs.LeaseLost):
        engine.Context(claimed).progress(0.2, "Going on")


def test_visible_to_is_the_asker_and_centre_staff(run: Run, ann: User) -> None:
    stranger = User.objects.create_user("bob@force.example", name="Bob")
    assert list(Run.objects.visible_to(ann)) == [run]
    assert not Run.objects.visible_to(stranger).exists()
    Membership.objects.create(user=stranger, role="analyst")
    assert list(Run.objects.visible_to(User.objects.get(pk=stranger.pk))) == [run]
