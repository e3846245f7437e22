"""Separation of duty and order of steps, kept by the database itself, whoever writes.

Constraints see one row; these rules look across rows, so they are triggers. Like the frozen triggers they
are put in place after every `migrate`, on SQLite and PostgreSQL alike.
"""

from centre.triggers import Rule

_TEAM = (
    "(EXISTS (SELECT 1 FROM experiments_teammember m WHERE m.trial_id = {trial} AND m.user_id = {user})"
    " OR EXISTS (SELECT 1 FROM experiments_trial t WHERE t.id = {trial} AND t.created_by_id = {user}))"
)
_RELEASE_TRIAL = "(SELECT r.trial_id FROM experiments_release r WHERE r.id = NEW.release_id)"
_ASKED_ABOUT = (
    "(SELECT d.trial_id FROM experiments_accessapplication p JOIN experiments_dataset d ON d.id = p.dataset_id"
    " WHERE p.id = NEW.application_id)"
)
_IS_AUTHOR_OR_ANALYST = (
    "EXISTS (SELECT 1 FROM experiments_release r JOIN experiments_analysis a ON a.id = r.analysis_id"
    " WHERE r.id = NEW.release_id"
    " AND (r.prepared_by_id = NEW.checker_id OR a.requested_by_id = NEW.checker_id))"
)
_ITS_CHECKS = "experiments_releasecheck c WHERE c.release_id = NEW.id"
_DECISIONS = (
    "FROM experiments_filedecision d JOIN experiments_releasecheck c ON c.id = d.release_check_id"
    " WHERE d.file_id = f.id AND d.decision = "
)
_FILE_NOT_CLEARED_TWICE = (
    "EXISTS (SELECT 1 FROM experiments_releasefile f WHERE f.release_id = NEW.id"
    f" AND ((SELECT COUNT(DISTINCT c.checker_id) {_DECISIONS}'clear') < 2 OR EXISTS (SELECT 1 {_DECISIONS}'refuse')))"
)


def _corrects_its_own_trial(model: str) -> Rule:
    table = f"experiments_{model}"
    return Rule(
        f"{model}_corrects_its_own_trial",
        table,
        "INSERT",
        f"NEW.corrects_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} e"
        " WHERE e.id = NEW.corrects_id AND e.trial_id = NEW.trial_id)",
        "an entry corrects one of its own trial",
    )


def _by_no_analyst(model: str) -> Rule:
    return Rule(
        f"{model}_by_no_analyst",
        f"experiments_{model}",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_teammember m WHERE m.trial_id = NEW.trial_id"
        " AND m.user_id = NEW.by_id AND m.role = 'analyst') OR EXISTS (SELECT 1 FROM experiments_analysis a"
        " WHERE a.trial_id = NEW.trial_id AND a.requested_by_id = NEW.by_id)",
        "who analyses a trial does not say what its harms and losses are",
    )


def _analyst_recorded_none(model: str) -> Rule:
    return Rule(
        f"analysis_analyst_recorded_no_{model}",
        "experiments_analysis",
        "INSERT",
        f"EXISTS (SELECT 1 FROM experiments_{model} e"
        " WHERE e.trial_id = NEW.trial_id AND e.by_id = NEW.requested_by_id)",
        "who analyses a trial does not say what its harms and losses are",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "review_reviewer_not_in_team",
        "experiments_review",
        "INSERT",
        _TEAM.format(trial="NEW.trial_id", user="NEW.reviewer_id"),
        "a reviewer is not in the team",
    ),
    Rule(
        "registration_reviewer_not_in_team",
        "experiments_registration",
        "INSERT",
        "NEW.reviewer_id IS NOT NULL AND " + _TEAM.format(trial="NEW.trial_id", user="NEW.reviewer_id"),
        "a reviewer is not in the team",
    ),
    Rule(
        "allocation_custodian_not_analyst",
        "experiments_allocation",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_teammember m WHERE m.trial_id = NEW.trial_id"
        " AND m.user_id = NEW.committed_by_id AND m.role = 'analyst')",
        "the custodian is not the analyst",
    ),
    Rule(
        "allocation_drawer_not_analyst",
        "experiments_allocation",
        "UPDATE",
        "NEW.drawn_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM experiments_teammember m"
        " WHERE m.trial_id = NEW.trial_id AND m.user_id = NEW.drawn_by_id AND m.role = 'analyst')",
        "the custodian is not the analyst",
    ),
    Rule(
        "analysis_analyst_not_custodian",
        "experiments_analysis",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_allocation a WHERE a.trial_id = NEW.trial_id"
        " AND (a.committed_by_id = NEW.requested_by_id OR a.drawn_by_id = NEW.requested_by_id))",
        "the analyst is not the custodian",
    ),
    Rule(
        "enrolment_by_neither_analyst_nor_custodian",
        "experiments_enrolment",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_allocation a WHERE a.id = NEW.allocation_id"
        " AND (a.committed_by_id = NEW.confirmed_by_id OR a.drawn_by_id = NEW.confirmed_by_id"
        " OR EXISTS (SELECT 1 FROM experiments_teammember m WHERE m.trial_id = a.trial_id"
        " AND m.user_id = NEW.confirmed_by_id AND m.role = 'analyst')))",
        "who enrols is neither the analyst nor the custodian",
    ),
    Rule(
        "enrolment_while_open",
        "experiments_enrolment",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM experiments_allocation a JOIN experiments_trial t ON t.id = a.trial_id"
        " WHERE a.id = NEW.allocation_id AND a.revealed_at IS NULL"
        " AND t.conduct_state IN ('allocated', 'delivering'))",
        "cases are enrolled while the sequence is open",
    ),
    Rule(
        "analysis_analyst_did_not_enrol",
        "experiments_analysis",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_enrolment e JOIN experiments_allocation a ON a.id = e.allocation_id"
        " WHERE a.trial_id = NEW.trial_id AND e.confirmed_by_id = NEW.requested_by_id)",
        "the analyst has enrolled nobody",
    ),
    Rule(
        "override_keeps_the_arm",
        "experiments_override",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM experiments_assignment a WHERE a.id = NEW.assignment_id AND a.arm = NEW.assigned)",
        "an override names the arm that was assigned",
    ),
    Rule(
        "analysis_after_data_lock",
        "experiments_analysis",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM experiments_trial t WHERE t.id = NEW.trial_id"
        " AND t.conduct_state IN ('data_locked', 'completed', 'terminated'))",
        "no analysis before the data lock",
    ),
    Rule(
        "release_check_second_person",
        "experiments_releasecheck",
        "INSERT",
        f"({_IS_AUTHOR_OR_ANALYST}) OR " + _TEAM.format(trial=_RELEASE_TRIAL, user="NEW.checker_id"),
        "a checker is neither the author, the analyst nor in the team",
    ),
    Rule(
        "release_published_when_cleared",
        "experiments_release",
        "UPDATE",
        "NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND ("
        f"(SELECT COUNT(*) FROM {_ITS_CHECKS} AND c.decision = 'clear') < 2"
        f" OR EXISTS (SELECT 1 FROM {_ITS_CHECKS} AND c.decision = 'refuse')"
        f" OR {_FILE_NOT_CLEARED_TWICE}"
        f" OR EXISTS (SELECT 1 FROM {_ITS_CHECKS} AND c.checker_id = NEW.published_by_id))",
        "a release is published after two clear it, by somebody else",
    ),
    Rule(
        "file_decision_of_its_release",
        "experiments_filedecision",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM experiments_releasecheck c JOIN experiments_releasefile f"
        " ON f.release_id = c.release_id WHERE c.id = NEW.release_check_id AND f.id = NEW.file_id)",
        "a checker decides about the files of the release",
    ),
    Rule(
        "file_refused_release_refused",
        "experiments_filedecision",
        "INSERT",
        "NEW.decision = 'refuse' AND EXISTS (SELECT 1 FROM experiments_releasecheck c"
        " WHERE c.id = NEW.release_check_id AND c.decision <> 'refuse')",
        "a release with a refused file is refused",
    ),
    Rule(
        "disclosure_policy_proposed_at_first",
        "experiments_disclosurepolicy",
        "INSERT",
        "NEW.adopted_at IS NOT NULL",
        "thresholds are proposed by one person and adopted by another",
    ),
    Rule(
        "release_withdrawn_by_two",
        "experiments_release",
        "UPDATE",
        "NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND NOT EXISTS (SELECT 1"
        " FROM experiments_retraction r WHERE r.release_id = NEW.id AND r.refused_at IS NULL"
        " AND r.requested_by_id <> NEW.withdrawn_by_id)",
        "a release is withdrawn by two people",
    ),
    Rule(
        "release_unpublished_at_first",
        "experiments_release",
        "INSERT",
        "NEW.published_at IS NOT NULL",
        "a release is published after two clear it, by somebody else",
    ),
    _corrects_its_own_trial("deviation"),
    _corrects_its_own_trial("harm"),
    _by_no_analyst("harm"),
    _corrects_its_own_trial("loss"),
    *(_corrects_its_own_trial(model) for model in ("implementation", "remark", "explanation")),
    _by_no_analyst("loss"),
    _analyst_recorded_none("harm"),
    _analyst_recorded_none("loss"),
    Rule(
        "deviation_stamped",
        "experiments_deviation",
        "INSERT",
        "NOT NEW.outcome_data_opened AND NOT NEW.takes_back AND EXISTS (SELECT 1 FROM experiments_analysis a"
        " WHERE a.trial_id = NEW.trial_id)",
        "a deviation says that outcomes had been opened",
    ),
    Rule(
        "access_asked_for_released_data",
        "experiments_accessapplication",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM experiments_analysis a JOIN experiments_release r ON r.analysis_id = a.id"
        " WHERE a.dataset_id = NEW.dataset_id AND r.published_at IS NOT NULL AND r.withdrawn_at IS NULL)",
        "access is asked for to data that a published release stands on",
    ),
    Rule(
        "access_withdrawn_while_it_waits",
        "experiments_accessapplication",
        "UPDATE",
        "NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL"
        " AND EXISTS (SELECT 1 FROM experiments_accessdecision d WHERE d.application_id = NEW.id)",
        "an application is withdrawn before it is decided",
    ),
    Rule(
        "access_decided_while_it_waits",
        "experiments_accessdecision",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_accessapplication p"
        " WHERE p.id = NEW.application_id AND p.withdrawn_at IS NOT NULL)",
        "an application is decided while it waits",
    ),
    Rule(
        "access_decided_by_another",
        "experiments_accessdecision",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_accessapplication p"
        " WHERE p.id = NEW.application_id AND p.applicant_id = NEW.decided_by_id) OR "
        + _TEAM.format(trial=_ASKED_ABOUT, user="NEW.decided_by_id"),
        "who decides on access neither asked for it nor is in the team of the trial",
    ),
    Rule(
        "access_gives_its_own_file",
        "experiments_accessdecision",
        "INSERT",
        "NEW.file_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM experiments_restrictedfile f"
        " JOIN experiments_accessapplication p ON p.dataset_id = f.dataset_id"
        " WHERE f.id = NEW.file_id AND p.id = NEW.application_id)",
        "a grant gives the file of the data that were asked for",
    ),
    Rule(
        "access_revoked_where_granted",
        "experiments_accessrevocation",
        "INSERT",
        "EXISTS (SELECT 1 FROM experiments_accessdecision d"
        " WHERE d.id = NEW.decision_id AND d.outcome <> 'grant')",
        "what was granted is revoked",
    ),
)
