"""The table of transitions, kept by the database itself: raw SQL cannot take a step that the table does not hold.

The rules are made from `lifecycle.TRANSITIONS`, so there is one source. What a step rests on, where it is a row, is
asked for here too: a trial is allocated by its draw, registered after an approving review, published with its release.
"""

from centre.triggers import Rule
from experiments.lifecycle import TRANSITIONS, Conduct, Registration, Results, State, Visibility

COLUMNS: dict[type[State], str] = {
    Registration: "registration_state",
    Conduct: "conduct_state",
    Results: "results_state",
    Visibility: "visibility",
}
_BEGINNING = {
    "registration_state": Registration.DRAFT,
    "conduct_state": Conduct.NOT_STARTED,
    "results_state": Results.NONE,
    "visibility": Visibility.PRIVATE,
}
_CLEARED = (
    "(SELECT COUNT(*) FROM experiments_releasecheck c WHERE c.release_id = r.id AND c.decision = 'clear') >= 2"
    " AND NOT EXISTS (SELECT 1 FROM experiments_releasecheck c"
    " WHERE c.release_id = r.id AND c.decision = 'refuse')"
)


def _steps(axis: type[State], column: str) -> Rule:
    """Return the rule that lets an axis take the steps of the table and no other."""
    pairs = ", ".join(
        f"('{step.before.value}', '{step.after.value}')" for step in TRANSITIONS if type(step.before) is axis
    )
    return _rule(
        f"{column}_by_the_table",
        f"NEW.{column} <> OLD.{column} AND (OLD.{column}, NEW.{column}) NOT IN (VALUES {pairs})",
        f"{column} takes only the steps of the table",
    )


def _arriving(state: State, name: str, missing: str, message: str) -> Rule:
    """Return the rule that refuses the step into a state while `missing` is true."""
    column = COLUMNS[type(state)]
    return _rule(
        name, f"NEW.{column} = '{state.value}' AND OLD.{column} <> NEW.{column} AND {missing}", message
    )


def _rule(name: str, condition: str, message: str, when: str = "UPDATE") -> Rule:
    return Rule(name, "experiments_trial", when, condition, message, family="transition")


RULES: tuple[Rule, ...] = (
    *(_steps(axis, column) for axis, column in COLUMNS.items()),
    _rule(
        "trial_begins_as_a_draft",
        " OR ".join(f"NEW.{column} <> '{state.value}'" for column, state in _BEGINNING.items()),
        "a trial begins as a private draft",
        when="INSERT",
    ),
    _rule(
        "number_is_kept",
        "OLD.number IS NOT NULL AND (NEW.number IS NULL OR NEW.number <> OLD.number)",
        "a number is kept",
    ),
    _arriving(
        Registration.REGISTERED,
        "registered_after_review",
        "NOT EXISTS (SELECT 1 FROM experiments_review v WHERE v.trial_id = NEW.id AND v.decision = 'approve')",
        "a trial is registered after an approving review",
    ),
    _arriving(
        Registration.WITHDRAWN,
        "withdrawn_with_approval",
        "NOT EXISTS (SELECT 1 FROM experiments_withdrawal w WHERE w.trial_id = NEW.id AND w.refused_at IS NULL"
        " AND w.director_at IS NOT NULL AND (w.is_forced OR w.manager_at IS NOT NULL))",
        "a registration is withdrawn with its approvals",
    ),
    _arriving(
        Conduct.ALLOCATED,
        "allocated_by_its_draw",
        "NOT EXISTS (SELECT 1 FROM experiments_allocation a"
        " WHERE a.trial_id = NEW.id AND a.drawn_at IS NOT NULL)",
        "a trial is allocated by its draw",
    ),
    _arriving(
        Results.CHECKED_INTERNAL,
        "checked_by_two",
        f"NOT EXISTS (SELECT 1 FROM experiments_release r WHERE r.trial_id = NEW.id AND {_CLEARED})",
        "results are checked by two people",
    ),
    _arriving(
        Results.PUBLISHED,
        "published_with_its_release",
        "NOT EXISTS (SELECT 1 FROM experiments_release r"
        " WHERE r.trial_id = NEW.id AND r.published_at IS NOT NULL)",
        "results are published with their release",
    ),
)
