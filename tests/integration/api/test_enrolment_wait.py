"""What a case waits for: few questions, most of them before the trial is locked, and none that grows with the cases."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.actions import enrolments, sequence_head
from experiments.actions.enrolments import NotEligible
from experiments.analysis.evidence import verifies
from experiments.models import Enrolment, Registration
from experiments.randomise import trickle as engine
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db

# The token's person, the trial, its sites and the person's posts; may they, the sequence, the version in force, and
# whether the case is in another trial.
BEFORE_THE_LOCK = 8
# The lock, the newest case, three rows, their imprints and the event after the newest event. PostgreSQL locks the
# chain of events too.
UNDER_THE_LOCK = 8


def asked_of_the_database(caller: Any, trial: Any, case: str) -> list[str]:
    """Enrol one case by the API, and return what was asked, without the transaction's own ends."""
    sent = {"case": case, **trickle.SENT, "levels": {"sex": "female", "area": "north"}}
    with CaptureQueriesContext(connection) as asked:
        answer = caller.post(f"trials/{trial.number}/enrolments/", sent, Idempotency_Key=case)
    assert answer.status_code == 201, answer.content
    ends = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(ends)]


@pytest.mark.parametrize("method", ["permuted_blocks", "minimisation"])
def test_the_questions_are_few_and_do_not_grow(cast: Any, call_as: Any, method: str) -> None:
    trial, caller = trickle.opened(cast, method), call_as(cast.force_user)
    trickle.enrolled(trial, cast.force_user, 2)
    early = asked_of_the_database(caller, trial, "early")
    trickle.enrolled(trial, cast.force_user, 40, start=10)
    late = asked_of_the_database(caller, trial, "late")
    is_postgres = connection.vendor == "postgresql"
    assert len(early) == len(late) == BEFORE_THE_LOCK + UNDER_THE_LOCK + is_postgres
    lock = next(
        place
        for place, sql in enumerate(late)
        if "conduct_state" in sql and "number" not in sql.split("FROM")[0]
    )
    assert lock == BEFORE_THE_LOCK
    assert not any("COUNT" in sql for sql in late)
    assert verifies(stages.fresh(trial).allocation)


def test_cases_from_before_the_counts_were_kept_are_counted(cast: Any, monkeypatch: Any) -> None:
    trial = trickle.opened(cast)
    with monkeypatch.context() as patch:
        patch.setattr(engine.Tally, "as_json", lambda _: None)
        trickle.enrolled(trial, cast.force_user, 9)
    assert set(Enrolment.objects.values_list("tally", flat=True)) == {None}
    trickle.enrolled(trial, cast.force_user, 9, start=10)
    assert Enrolment.objects.first().tally["n"] == 18
    assert verifies(stages.fresh(trial).allocation)


def test_an_amendment_that_came_meanwhile_is_asked_too(cast: Any, monkeypatch: Any) -> None:
    trial, read = trickle.opened(cast), sequence_head.read

    def amended(*args: Any, **kwargs: Any) -> Any:
        first = trial.registrations.get()
        protocol = {**first.protocol, "eligibility": {**first.protocol["eligibility"]}}
        protocol["eligibility"]["include"] = ["The suspect is 18 or older", "It was a first offence", "Third"]
        fields = {f.name: getattr(first, f.name) for f in Registration._meta.fields if f.name != "id"}
        Registration.objects.create(**{**fields, "minor": 1, "previous": first, "protocol": protocol})
        return read(*args, **kwargs)

    trickle.enrolled(trial, cast.force_user, 1)
    monkeypatch.setattr(sequence_head, "read", amended)
    with pytest.raises(enrolments.Invalid, match="The protocol has 3 conditions here"):
        enrolments.enrol(trial=trial, asked=trickle.asked("C2"), by=cast.force_user)
    assert Enrolment.objects.count() == 1


def test_a_case_that_has_its_arm_is_told_so_first(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 1)
    wrong = trickle.asked("C0001", key="another", include=[True, False])
    with pytest.raises(enrolments.AlreadyEnrolled):
        enrolments.enrol(trial=trial, asked=wrong, by=cast.force_user)
    with pytest.raises(NotEligible):
        enrolments.enrol(trial=trial, asked=trickle.asked("C2", include=[True, False]), by=cast.force_user)
