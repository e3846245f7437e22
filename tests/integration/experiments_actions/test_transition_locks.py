"""The table of transitions, asked of the database itself: every step on every axis, by raw SQL."""

from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from experiments.lifecycle import TRANSITIONS, Conduct, Registration, Results, State, Visibility
from experiments.models import Trial
from experiments.models.transitions import COLUMNS, RULES
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
STEPS = {(step.before, step.after) for step in TRANSITIONS}


def attempt(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


class Undone(Exception):
    """Ends a transaction that is only there to be looked at."""


def is_taken(trial: Trial, before: State, after: State) -> str:
    """Return why the database refuses a step; empty where it takes it. Nothing stays either way."""
    column = COLUMNS[type(after)]
    try:
        with transaction.atomic():
            stages.put(trial, before)
            attempt(f"UPDATE experiments_trial SET {column} = %s WHERE id = %s", after.value, trial.pk)
            raise Undone
    except Undone:
        return ""
    except DatabaseError as refusal:
        return str(refusal)


@pytest.mark.parametrize("axis", [Conduct, Results])
def test_the_database_takes_the_steps_of_the_table_and_no_other(cast: Any, axis: type[State]) -> None:
    release = stages.published(cast) if axis is Results else None
    trial = release.trial if release else stages.drawn(cast)
    ahead = [state for state in axis if is_reached(trial, state)]
    assert len(ahead) >= 3
    for before, after in product(ahead, axis):
        refused = is_taken(trial, before, after)
        if before is not after:
            assert (refused == "") is ((before, after) in STEPS), (before, after, refused)


def is_reached(trial: Trial, state: State) -> bool:
    """Say whether the table leads from where the trial stands to a state."""
    here = type(state)(getattr(stages.fresh(trial), COLUMNS[type(state)]))
    reached = {here}
    while new := {after for before, after in STEPS if before in reached} - reached:
        reached |= new
    return state in reached


def by_a_leap(cast: Any) -> None:
    move(stages.drawn(cast), conduct_state="data_locked")


def backwards(cast: Any) -> None:
    move(stages.delivering(cast), conduct_state="baseline")


def results_by_a_leap(cast: Any) -> None:
    move(stages.locked(cast), results_state="awaiting_output_check")


def hidden_again(cast: Any) -> None:
    move(stages.registered(cast), visibility="private")


def reviewed_by_a_leap(cast: Any) -> None:
    move(stages.draft(cast), registration_state="in_review")


def registered_unreviewed(cast: Any) -> None:
    trial = stages.submitted(cast)
    move(trial, registration_state="in_review")
    move(trial, registration_state="registered", number="CPP-2026-0001-1")


def begun_as_registered(cast: Any) -> None:
    Trial.objects.create(
        title="A leap", created_by=cast.force_user, registration_state="registered", number="CPP-2026-0001-1"
    )


def numbered_anew(cast: Any) -> None:
    move(stages.registered(cast), number="CPP-2026-0999-9")


def withdrawn_alone(cast: Any) -> None:
    move(stages.registered(cast), registration_state="withdrawn")


def allocated_undrawn(cast: Any) -> None:
    move(stages.frozen(cast), conduct_state="allocated")


def checked_by_nobody(cast: Any) -> None:
    move(stages.prepared(cast).trial, results_state="checked_internal")


def published_unreleased(cast: Any) -> None:
    move(stages.cleared(cast).trial, results_state="published")


def move(trial: Trial, **values: str) -> None:
    columns = ", ".join(f"{name} = %s" for name in values)
    attempt(f"UPDATE experiments_trial SET {columns} WHERE id = %s", *values.values(), trial.pk)


ATTEMPTS = {
    "conduct_state_by_the_table": by_a_leap,
    "conduct_state_by_the_table, backwards": backwards,
    "results_state_by_the_table": results_by_a_leap,
    "visibility_by_the_table": hidden_again,
    "registration_state_by_the_table": reviewed_by_a_leap,
    "registered_after_review": registered_unreviewed,
    "trial_begins_as_a_draft": begun_as_registered,
    "number_is_kept": numbered_anew,
    "withdrawn_with_approval": withdrawn_alone,
    "allocated_by_its_draw": allocated_undrawn,
    "checked_by_two": checked_by_nobody,
    "published_with_its_release": published_unreleased,
}


@pytest.mark.parametrize(("rule", "act"), ATTEMPTS.items(), ids=ATTEMPTS)
def test_a_step_without_its_ground_is_refused_whoever_writes(cast: Any, rule: str, act: Any) -> None:
    message = next(one.message for one in RULES if one.name == rule.partition(",")[0])
    with pytest.raises(DatabaseError, match=f"transition: {message}"):
        act(cast)


def test_no_rule_is_left_untried() -> None:
    assert {rule.name for rule in RULES} == {name.partition(",")[0] for name in ATTEMPTS}
    assert set(COLUMNS) == {Registration, Conduct, Results, Visibility}
