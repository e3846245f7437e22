"""Around the actions, straight at the tables: the database itself keeps what is frozen, and keeps duties apart."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from centre import frozen
from experiments.actions import harms, losses, releases, trials
from experiments.lifecycle import Conduct
from experiments.models import (
    Allocation,
    Analysis,
    Assignment,
    Deviation,
    DisclosurePolicy,
    Enrolment,
    Explanation,
    FileDecision,
    Harm,
    Implementation,
    Loss,
    Override,
    Registration,
    Release,
    ReleaseCheck,
    Remark,
    Review,
    TeamMember,
    Trial,
    Unit,
)
from experiments.models.separation import RULES
from tests.integration.access import forbidden
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import accounts, stages
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def attempt(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def changeable(model: type[models.Model]) -> tuple[str, Any]:
    """Return a column that is frozen from the start, and another value for it."""
    for field in model._meta.local_concrete_fields:
        if field.primary_key or field.name in getattr(model, "frozen_except", ()):
            continue
        if isinstance(field, models.DateTimeField):
            return field.column, timezone.now() + dt.timedelta(days=1)
        if isinstance(field, models.CharField | models.TextField):
            return field.column, "tampered"
        if isinstance(field, models.IntegerField | models.FloatField):
            return field.column, 99
    raise AssertionError(model)


def test_no_frozen_row_is_changed_or_deleted_by_plain_sql(cast: Any) -> None:
    release = stages.published(cast)
    tactic = release.trial.tactic
    for number in ("CPP-2026-0901-5", "CPP-2026-0902-3"):
        library.found(tactic, cast.publisher, number)
    library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    checked = 0
    for model in frozen.frozen_models():
        row = model._base_manager.first()
        if row is None:
            continue
        checked += 1
        table, key, column = model._meta.db_table, model._meta.pk.column, changeable(model)
        pk = model._meta.pk.get_db_prep_value(row.pk, connection)
        for statement, values in (
            (f'UPDATE "{table}" SET "{column[0]}" = %s WHERE "{key}" = %s', (column[1], pk)),
            (f'DELETE FROM "{table}" WHERE "{key}" = %s', (pk,)),
        ):
            with pytest.raises(DatabaseError):
                attempt(statement, *values)
        assert model._base_manager.filter(pk=row.pk).exists()
    assert checked >= 12


def test_a_field_that_is_set_once_is_set_once(cast: Any) -> None:
    release = stages.published(cast)
    with pytest.raises(DatabaseError):
        attempt("UPDATE experiments_release SET published_at = %s WHERE id = %s", timezone.now(), release.pk)
    with pytest.raises(DatabaseError):
        attempt("UPDATE experiments_release SET published_at = NULL WHERE id = %s", release.pk)


def member(trial: Trial, user: Any, role: str = "member") -> None:
    TeamMember.objects.create(trial=trial, user=user, role=role)


def review_by_a_member(cast: Any) -> None:
    trial = stages.submitted(cast)
    member(trial, cast.reviewer)
    Review.objects.create(
        trial=trial,
        protocol_edition=1,
        protocol_sha256="0" * 64,
        reviewer=cast.reviewer,
        decision="approve",
        at=timezone.now(),
    )


def registration_reviewed_by_a_member(cast: Any) -> None:
    trial = stages.registered(cast)
    member(trial, cast.second_reviewer)
    copy(Registration.objects.get(), reviewer=cast.second_reviewer, minor=7)


def frozen_by_the_analyst(cast: Any) -> None:
    trial = stages.frozen(cast)
    member(trial, cast.analyst, "analyst")
    copy(Allocation.objects.get(), committed_by=cast.analyst)


def drawn_by_the_analyst(cast: Any) -> None:
    trial = stages.frozen(cast)
    member(trial, cast.analyst, "analyst")
    attempt(
        "UPDATE experiments_allocation SET drawn_by_id = %s, drawn_at = %s WHERE trial_id = %s",
        cast.analyst.pk,
        timezone.now(),
        trial.pk,
    )


def analysis_by_the_custodian(cast: Any) -> None:
    copy(stages.analysed(cast), requested_by=cast.custodian)


def analysis_before_the_lock(cast: Any) -> None:
    trial = stages.with_data(cast)
    Analysis(
        trial=trial,
        registration=trial.registration,
        dataset=trial.datasets.get(),
        run_id=uuid.uuid4(),
        plan={},
        requested_by=cast.analyst,
        requested_at=timezone.now(),
    ).save()


def enrolment_by_the_analyst(cast: Any) -> None:
    copy_of_case(one_case(cast), confirmed_by=analyst_of_team(cast))


def enrolment_by_the_custodian(cast: Any) -> None:
    copy_of_case(one_case(cast), confirmed_by=cast.custodian)


def enrolment_after_the_end(cast: Any) -> None:
    case = one_case(cast)
    stages.put(case.allocation.trial, Conduct.FOLLOW_UP)
    copy_of_case(case)


def analysis_by_who_enrolled(cast: Any) -> None:
    case = one_case(cast)
    trial = case.allocation.trial
    stages.put(trial, Conduct.DATA_LOCKED)
    Analysis(
        trial=trial,
        registration=case.registration,
        dataset_id=1,
        run_id=uuid.uuid4(),
        plan={},
        requested_by=cast.force_user,
        requested_at=timezone.now(),
    ).save()


def override_of_another_arm(cast: Any) -> None:
    case = one_case(cast)
    Override.objects.create(
        assignment=case.assignment, assigned="x", reason="safety", by=cast.force_user, at=timezone.now()
    )


def one_case(cast: Any) -> Enrolment:
    [made] = trickle.enrolled(trickle.opened(cast), cast.force_user, 1)
    return made.enrolment


def analyst_of_team(cast: Any) -> Any:
    member(Trial.objects.get(), cast.other_force_user, "analyst")
    return cast.other_force_user


def copy_of_case(case: Enrolment, **changes: Any) -> None:
    """Insert another case like this one, at the next place."""
    unit = Unit.objects.create(allocation=case.allocation, code="another")
    assignment = Assignment.objects.create(allocation=case.allocation, unit="another", tag="", arm="control")
    copy(case, unit=unit, assignment=assignment, position=2, key="another", **changes)


def check_by_the_author(cast: Any) -> None:
    check(stages.prepared(cast), cast.analyst)


def check_by_a_member(cast: Any) -> None:
    release = stages.prepared(cast)
    member(release.trial, cast.checker)
    check(release, cast.checker)


def published_after_one_check(cast: Any) -> None:
    release = stages.prepared(cast)
    check(release, cast.checker)
    publish(release, cast.publisher)


def published_by_a_checker(cast: Any) -> None:
    publish(stages.cleared(cast), cast.checker)


def published_with_a_file_that_one_cleared(cast: Any) -> None:
    release = stages.prepared(cast)
    releases.clear(release=release, by=cast.checker)
    check(release, cast.second_checker)  # a check that says nothing of any file
    publish(release, cast.publisher)


def decision_about_a_file_of_another_release(cast: Any) -> None:
    release, other = stages.prepared(cast), stages.prepared(cast)
    made = releases.clear(release=release, by=cast.checker)
    FileDecision.objects.create(release_check=made, file=other.files.first(), decision="clear")


def refused_file_in_a_cleared_release(cast: Any) -> None:
    release = stages.prepared(cast)
    check(release, cast.checker)
    FileDecision.objects.create(
        release_check=ReleaseCheck.objects.get(),
        file=release.files.first(),
        decision="refuse",
        reason="A name.",
    )


def thresholds_adopted_at_once(cast: Any) -> None:
    DisclosurePolicy.objects.create(
        version=1, thresholds={}, reason="x", proposed_at=timezone.now(), proposed_by=cast.director,
        adopted_at=timezone.now(), adopted_by=cast.registrar,
    )  # fmt: skip


def withdrawn_alone(cast: Any) -> None:
    release = stages.published(cast)
    attempt(
        "UPDATE experiments_release SET withdrawn_at = %s, withdrawn_by_id = %s, withdrawn_reason = 'x'"
        " WHERE id = %s",
        timezone.now(),
        cast.director.pk,
        release.pk,
    )


def published_from_the_start(cast: Any) -> None:
    copy(stages.prepared(cast), published_at=timezone.now(), published_by=cast.publisher)


def check(release: Release, by: Any) -> None:
    ReleaseCheck.objects.create(release=release, checker=by, decision="clear", at=timezone.now())


def publish(release: Release, by: Any) -> None:
    attempt(
        "UPDATE experiments_release SET published_at = %s, published_by_id = %s WHERE id = %s",
        timezone.now(),
        by.pk,
        release.pk,
    )


def copy(row: models.Model, **changes: Any) -> None:
    """Insert another row like this one."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.local_concrete_fields
        if not field.primary_key and not field.unique
    }
    made = type(row)(**values)
    for name, value in changes.items():
        setattr(made, name, value)
    if isinstance(made, Analysis):
        made.run_id = another_run(row)
    models.Model.save_base(made, force_insert=True)


def another_run(analysis: Any) -> Any:
    from centre import runs

    return runs.submit(
        task="experiments.analyse", title="x", subject=analysis.trial, by=analysis.requested_by
    ).pk


def corrected_across_trials(model: type[models.Model]) -> Callable[[Any], None]:
    def act(cast: Any) -> None:
        trial, other = stages.registered(cast), stages.registered(cast)
        accounts.told(cast, trial)
        row = model._base_manager.get()
        copy(row, trial=other, corrects=row, correction_reason="It is of another trial.")

    return act


def told_by_the_analyst(model: type[models.Model]) -> Callable[[Any], None]:
    def act(cast: Any) -> None:
        trial = stages.registered(cast)
        accounts.told(cast, trial)
        trials.add_member(trial=trial, user=cast.analyst, role="analyst", by=cast.registrar)
        copy(model._base_manager.get(), by=cast.analyst)

    return act


def analysed_by_who_told(record: Callable[..., Any], **said: Any) -> Callable[[Any], None]:
    def act(cast: Any) -> None:
        made = stages.analysed(cast)
        record(trial=made.trial, **said, by=cast.force_user)
        copy(made, requested_by=cast.force_user)

    return act


def deviation_with_a_false_stamp(cast: Any) -> None:
    made = stages.analysed(cast)
    accounts.told(cast, made.trial)
    copy(Deviation.objects.get(), outcome_data_opened=False)


ATTEMPTS: dict[str, Callable[[Any], None]] = {
    "review_reviewer_not_in_team": review_by_a_member,
    "registration_reviewer_not_in_team": registration_reviewed_by_a_member,
    "allocation_custodian_not_analyst": frozen_by_the_analyst,
    "allocation_drawer_not_analyst": drawn_by_the_analyst,
    "analysis_analyst_not_custodian": analysis_by_the_custodian,
    "analysis_after_data_lock": analysis_before_the_lock,
    "enrolment_by_neither_analyst_nor_custodian": enrolment_by_the_analyst,
    "enrolment_by_neither_analyst_nor_custodian, the custodian": enrolment_by_the_custodian,
    "enrolment_while_open": enrolment_after_the_end,
    "analysis_analyst_did_not_enrol": analysis_by_who_enrolled,
    "override_keeps_the_arm": override_of_another_arm,
    "release_check_second_person": check_by_the_author,
    "release_check_second_person, a member": check_by_a_member,
    "release_published_when_cleared": published_after_one_check,
    "release_published_when_cleared, a checker": published_by_a_checker,
    "release_published_when_cleared, every file": published_with_a_file_that_one_cleared,
    "file_decision_of_its_release": decision_about_a_file_of_another_release,
    "file_refused_release_refused": refused_file_in_a_cleared_release,
    "disclosure_policy_proposed_at_first": thresholds_adopted_at_once,
    "release_withdrawn_by_two": withdrawn_alone,
    "release_unpublished_at_first": published_from_the_start,
    **{
        f"{model._meta.model_name}_corrects_its_own_trial": corrected_across_trials(model)
        for model in (Deviation, Harm, Loss, Implementation, Remark, Explanation)
    },
    "harm_by_no_analyst": told_by_the_analyst(Harm),
    "loss_by_no_analyst": told_by_the_analyst(Loss),
    "analysis_analyst_recorded_no_harm": analysed_by_who_told(
        harms.record, name="Injury", was_found=False, found_by="records", how="Read."
    ),
    "analysis_analyst_recorded_no_loss": analysed_by_who_told(
        losses.record, stage="no_outcome", arm="control", n_units=1, reason="Moved."
    ),
    "deviation_stamped": deviation_with_a_false_stamp,
    **forbidden.ATTEMPTS,
}


@pytest.mark.parametrize(("rule", "act"), ATTEMPTS.items(), ids=ATTEMPTS)
def test_duties_stay_apart_whoever_writes(cast: Any, rule: str, act: Callable[[Any], None]) -> None:
    message = next(one.message for one in RULES if one.name == rule.partition(",")[0])
    with pytest.raises(DatabaseError, match=f"separation: {message}"), transaction.atomic():
        act(cast)


def test_no_rule_is_left_untried() -> None:
    assert {rule.name for rule in RULES} == {name.partition(",")[0] for name in ATTEMPTS}


def test_the_same_checker_does_not_check_twice(cast: Any) -> None:
    release = stages.prepared(cast)
    releases.clear(release=release, by=cast.checker)
    with pytest.raises(DatabaseError), transaction.atomic():
        check(release, cast.checker)
