"""The action: eligibility, the arm, once for each case, replayable, and nothing else."""

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from centre import audit
from centre.errors import Conflict, Invalid, NotFound, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent
from experiments.actions import allocations, analyses, conduct, enrolments, sequences, trials
from experiments.actions.enrolments import AlreadyEnrolled, EnrolmentClosed, KeyUsed, NotEligible
from experiments.analysis.evidence import verifies
from experiments.lifecycle import Conduct
from experiments.models import Assignment, Enrolment, Override, TeamMember, Trial, Unit
from experiments.randomise import trickle as engine
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", trickle.PLANS)
def test_cases_get_arms_that_a_replay_gives(cast: Any, method: str) -> None:
    trial = trickle.opened(cast, method)
    made = [one.enrolment for one in trickle.enrolled(trial, cast.force_user, 12)]
    allocation = stages.fresh(trial).allocation
    assert [one.position for one in made] == list(range(1, 13))
    assert allocation.units_so_far == allocation.assignments.count() == 12
    assert made[0].assignment.previous_hash == allocation.commitment
    assert [one.assignment.previous_hash for one in made[1:]] == [one.assignment.hash for one in made[:-1]]
    for one in made:
        assert sum(map(Fraction, one.assignment.record["probabilities"].values())) == 1
        assert one.assignment.record["facts_sha256"] == Enrolment.objects.get(pk=one.pk).facts_sha256
        assert one.assignment.record["arm"] == one.assignment.arm
    assert verifies(allocation)
    assert audit.verify().holds
    events = AuditEvent.objects.filter(event="case.enrolled")
    assert events.count() == 12
    assert set(events.first().detail) == {"position", "hash"}


def test_every_full_block_is_balanced(cast: Any) -> None:
    trial = trickle.opened(cast)
    blocks: dict[Any, list[str]] = {}
    sizes = {}
    for one in trickle.enrolled(trial, cast.force_user, 40):
        record = one.enrolment.assignment.record
        block = (one.enrolment.assignment.stratum, record["block"])
        sizes[block] = record["block_size"]
        blocks.setdefault(block, []).append(record["arm"])
    full = [arms for block, arms in blocks.items() if len(arms) == sizes[block]]
    assert len(full) > 4
    assert all(arms.count("treatment") * 2 == len(arms) for arms in full)


def test_the_same_key_gets_the_same_answer(cast: Any) -> None:
    trial = trickle.opened(cast)
    first = enrolments.enrol(trial=trial, asked=trickle.asked("C1"), by=cast.force_user)
    again = enrolments.enrol(trial=trial, asked=trickle.asked("C1"), by=cast.force_user)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.enrolment.pk == first.enrolment.pk
    assert AuditEvent.objects.filter(event="case.enrolled").count() == 1
    with pytest.raises(KeyUsed):
        enrolments.enrol(trial=trial, asked=trickle.asked("C2", key="key-C1"), by=cast.force_user)
    changed = trickle.asked("C1", place=1)
    with pytest.raises(KeyUsed):
        enrolments.enrol(trial=trial, asked=changed, by=cast.force_user)


def test_a_case_is_enrolled_once_and_the_refusal_says_when(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 1)
    with pytest.raises(AlreadyEnrolled, match=r"Case C0001 was enrolled on \d+ \w+ 20\d\d at \d\d:\d\d"):
        enrolments.enrol(trial=trial, asked=trickle.asked("C0001", key="another"), by=cast.force_user)
    assert Enrolment.objects.count() == Unit.objects.count() == Assignment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal", "pointer", "message"),
    [
        ({"include": [True, False]}, NotEligible, "/include/1", "The offence was reported within 28 days"),
        ({"exclude": [True]}, NotEligible, "/exclude/0", "The suspect has been in this trial before"),
        ({"include": [True]}, Invalid, "/include", "The protocol has 2 conditions here"),
        ({"include": [True, None]}, Invalid, "/include/1", "Say whether this is so"),
        ({"levels": {"sex": "female"}}, Invalid, "/levels/area", "Choose the level of “area”"),
        ({"levels": {"sex": "female", "area": "x"}}, Invalid, "/levels/area", "is one of: north, south"),
        ({"case": "  "}, Invalid, "/case", "Enter the id of the case"),
        ({"case": "x" * 61}, Invalid, "/case", "60 characters or fewer"),
        ({"case": "a\x1fb"}, Invalid, "/case", "contains a character we cannot accept (U+001F)"),
        ({"case": "jo@example.org"}, Invalid, "/case", "This looks like personal data"),
        ({"force": "otherton"}, Invalid, "/force", "Say which of your forces"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    cast: Any, changes: dict[str, Any], refusal: type[Invalid], pointer: str, message: str
) -> None:
    trial = trickle.opened(cast)
    with pytest.raises(refusal) as caught:
        enrolments.enrol(
            trial=trial, asked=dataclasses.replace(trickle.asked("C1"), **changes), by=cast.force_user
        )
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message
    assert not Unit.objects.exists()


def test_nobody_is_enrolled_before_or_after(cast: Any) -> None:
    trial = trickle.baseline(cast)

    def enrol(case: str) -> Any:
        return enrolments.enrol(trial=stages.fresh(trial), asked=trickle.asked(case), by=cast.force_user)

    with pytest.raises(EnrolmentClosed, match="The sequence is not open yet"):
        enrol("C1")
    sequences.start(trial=trial, by=cast.custodian)
    enrol("C1")
    move(trial, "delivering", cast)
    enrol("C2")
    move(trial, "suspended", cast)
    with pytest.raises(EnrolmentClosed, match="suspended"):
        enrol("C3")
    move(trial, "delivering", cast)
    move(trial, "follow_up", cast)
    with pytest.raises(EnrolmentClosed, match="Enrolment has ended"):
        enrol("C3")
    assert enrol("C1").is_repeat


def move(trial: Trial, to: str, cast: Any) -> None:
    conduct.advance(trial=stages.fresh(trial), to=to, reason="A reason", by=cast.registrar)


def test_only_the_trials_own_force_enrols(cast: Any) -> None:
    trial = trickle.opened(cast)
    for name in ("registrar", "reviewer", "analyst", "custodian", "checker", "publisher", "other_force_user"):
        with pytest.raises((NotPermitted, NotFound)):
            enrolments.enrol(trial=trial, asked=trickle.asked("C1"), by=getattr(cast, name))
    assert not Enrolment.objects.exists()


def test_the_analyst_and_those_who_enrol_stay_apart(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 1)
    with pytest.raises(Conflict, match="cannot be the analyst"):
        trials.add_member(trial=trial, user=cast.force_user, role="analyst", by=cast.registrar)
    TeamMember.objects.update_or_create(
        trial=trial, user=cast.force_user, defaults={"role": TeamMember.Role.ANALYST}
    )
    with pytest.raises(NotPermitted, match="The analyst of a trial cannot enrol"):
        enrolments.enrol(trial=trial, asked=trickle.asked("C2"), by=cast.force_user)
    assert not Enrolment.objects.visible_to(cast.force_user).exists()


def test_who_has_enrolled_does_not_analyse(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 1)
    stages.put(trial, Conduct.DATA_LOCKED)
    cast.force_user.memberships.create(role="analyst")
    del cast.force_user._memberships_held
    with pytest.raises(NotPermitted, match="Who has enrolled cases knows their arms"):
        analyses.request(trial=stages.fresh(trial), by=cast.force_user)


def test_cases_are_seen_by_their_own_force_alone(cast: Any, other_force: Any) -> None:
    trial = trickle.opened(cast)
    trial.sites.create(force=other_force, area="North")
    trickle.enrolled(trial, cast.force_user, 2)
    trickle.enrolled(trial, cast.other_force_user, 3, start=11)
    for person, count in (("force_user", 2), ("other_force_user", 3), ("analyst", 0), ("registrar", 0)):
        assert Enrolment.objects.visible_to(getattr(cast, person)).count() == count, person
    with pytest.raises(AlreadyEnrolled, match="Another force has used this id"):
        enrolments.enrol(trial=trial, asked=trickle.asked("C0011"), by=cast.force_user)
    theirs = Enrolment.objects.get(unit__code="C0011")
    with pytest.raises(NotFound):
        enrolments.override(enrolment=theirs, delivered="", reason="safety", by=cast.force_user)


def test_an_override_is_a_row_and_the_arm_stays(cast: Any) -> None:
    trial = trickle.opened(cast)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    arm = one.enrolment.assignment.arm
    other = next(code for code in ("treatment", "control") if code != arm)
    made = enrolments.override(
        enrolment=one.enrolment, delivered=other, reason="officer_choice", note="On shift", by=cast.force_user
    )
    assert (made.assigned, made.delivered) == (arm, other)
    assert Assignment.objects.get(pk=one.enrolment.assignment_id).arm == arm
    enrolments.override(enrolment=one.enrolment, delivered=arm, reason="error", by=cast.force_user)
    assert Override.objects.count() == 2
    assert verifies(stages.fresh(trial).allocation)
    with pytest.raises(Frozen):
        Override.objects.update(delivered=arm)
    events = AuditEvent.objects.filter(event="case.overridden")
    assert events.count() == 2
    assert arm not in str(events.first().detail), "the log of acts is read by people who are blinded"


@pytest.mark.parametrize(
    ("sent", "pointer", "message"),
    [
        ({"delivered": "third"}, "/delivered", "Choose one of the arms"),
        ({"delivered": "own"}, "/delivered", "nothing to record"),
        ({"reason": "whim"}, "/reason", "Choose one of: safety"),
        ({"note": "call 07700 900123"}, "/note", "This looks like personal data"),
        ({"note": "x" * 501}, "/note", "500 characters or fewer"),
    ],
)
def test_an_override_that_says_nothing_is_refused(
    cast: Any, sent: dict[str, str], pointer: str, message: str
) -> None:
    trial = trickle.opened(cast)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    if sent.get("delivered") == "own":
        sent = {"delivered": one.enrolment.assignment.arm}
    whole = {"delivered": "", "reason": "safety", **sent}
    with pytest.raises(Invalid) as caught:
        enrolments.override(enrolment=one.enrolment, by=cast.force_user, **whole)
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message


def test_no_arm_changes_by_plain_sql(cast: Any) -> None:
    trial = trickle.opened(cast)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    enrolments.override(enrolment=one.enrolment, delivered="", reason="legal", by=cast.force_user)
    for statement in (
        "UPDATE experiments_assignment SET arm = 'x'",
        "UPDATE experiments_assignment SET record = NULL",
        "DELETE FROM experiments_assignment",
        "UPDATE experiments_enrolment SET position = 9",
        "DELETE FROM experiments_enrolment",
        "UPDATE experiments_override SET assigned = 'x'",
        "DELETE FROM experiments_override",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Assignment.objects.get().arm == one.enrolment.assignment.arm


def test_a_changed_row_does_not_verify(cast: Any, monkeypatch: Any) -> None:
    trial = trickle.opened(cast, "minimisation")
    trickle.enrolled(trial, cast.force_user, 6)
    allocation = stages.fresh(trial).allocation
    assert verifies(allocation)
    monkeypatch.setattr(engine, "broken", lambda *_: [3])
    assert not verifies(allocation)
    monkeypatch.undo()
    monkeypatch.setattr(Enrolment, "facts_sha256", "0" * 64)
    assert not verifies(allocation)


def test_the_custodian_opens_once_and_never_freezes_a_list(cast: Any) -> None:
    trial = trickle.baseline(cast)
    with pytest.raises(Conflict, match="Cases come one by one in this trial"):
        allocations.freeze_units(trial=trial, lines=stages.lines(), by=cast.custodian)
    for name in ("registrar", "analyst", "force_user"):
        with pytest.raises(NotPermitted):
            sequences.start(trial=trial, by=getattr(cast, name))
    sequences.start(trial=trial, by=cast.custodian)
    with pytest.raises(Conflict, match="The sequence was opened on"):
        sequences.start(trial=trial, by=cast.custodian)
    with pytest.raises(Conflict, match="Already allocated"):
        allocations.draw(trial=trial, by=cast.custodian)
    with pytest.raises(Conflict, match="not before"):
        allocations.reveal(trial=trial, by=cast.custodian)


def test_a_trial_with_a_list_opens_no_sequence(cast: Any) -> None:
    with pytest.raises(Conflict, match="freeze the unit list instead"):
        sequences.start(trial=stages.baseline(cast), by=cast.custodian)


def test_the_reveal_says_where_the_log_ends(cast: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 3)
    stages.put(trial, Conduct.DATA_LOCKED)
    allocation = allocations.reveal(trial=stages.fresh(trial), by=cast.custodian)
    assert verifies(allocation)
    detail = AuditEvent.objects.get(event="allocation.revealed").detail
    assert (detail["cases"], detail["head"]) == (3, allocation.log_head)
