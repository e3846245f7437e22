"""The library is told where a trial stands, so that it can say "being tested" and count what is overdue."""

from centre.models import User
from experiments.lifecycle import REPORTED, Conduct, Registration
from experiments.models import Trial
from tactics.actions import findings, registry
from tactics.models import RegisteredTrial

_State = RegisteredTrial.State
_STATES = {
    Conduct.NOT_STARTED: _State.REGISTERED,
    Conduct.NEVER_STARTED: _State.NEVER_STARTED,
    Conduct.TERMINATED: _State.TERMINATED,
    Conduct.DATA_LOCKED: _State.COMPLETED,
    Conduct.COMPLETED: _State.COMPLETED,
}


def note(trial: Trial, by: User | None) -> None:
    """Tell the library; called inside the action that changed the trial. Embargoed trials stay unsaid."""
    if trial.tactic is None or not trial.number or not trial.is_public:
        return
    is_withdrawn = trial.registration_state == Registration.WITHDRAWN
    registry.note_trial(
        tactic=trial.tactic,
        trial_number=trial.number,
        state=_State.WITHDRAWN if is_withdrawn else _STATES.get(Conduct(trial.conduct_state), _State.RUNNING),
        by=by,
        title=trial.title,
        results_due=trial.report_due,
        published=trial.results_state in REPORTED,
    )


def reopen(trial: Trial, reason: str, by: User | None) -> None:
    """Have what the trial found looked at again; called inside the action that amended it or saw it fail."""
    if trial.number and trial.results_state in REPORTED:
        findings.reopen(trial_number=trial.number, reason=reason, by=by)
