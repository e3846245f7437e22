"""What each state means, in words for people who do not know the registry."""

from dataclasses import dataclass

from experiments.lifecycle import Conduct, Registration, Results, Visibility
from experiments.models import Trial


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a trial stands on one axis."""

    axis: str
    state: str
    colour: str
    meaning: str


_REGISTRATION = {
    Registration.DRAFT: ("Draft", "grey", "The team is still writing the protocol."),
    Registration.SUBMITTED: ("Submitted", "light-blue", "The protocol waits for a methods reviewer."),
    Registration.IN_REVIEW: ("In review", "light-blue", "A methods reviewer has read the protocol."),
    Registration.CHANGES_REQUESTED: ("Changes asked for", "orange", "The reviewer sent it back to the team."),
    Registration.REGISTERED: ("Registered", "green", "The protocol is frozen. It changes only in the open."),
    Registration.REJECTED: ("Rejected", "red", "The reviewer turned the protocol down."),
    Registration.WITHDRAWN: ("Withdrawn", "grey", "Registered, then withdrawn before anything began."),
}
_CONDUCT = {
    Conduct.NOT_STARTED: ("Not started", "grey", "Nothing has happened in the field yet."),
    Conduct.BASELINE: ("Baseline", "light-blue", "Units are listed and measured before treatment."),
    Conduct.ALLOCATED: ("Allocated", "light-blue", "Units have their arms. Treatment has not begun."),
    Conduct.DELIVERING: ("Being delivered", "blue", "The tactic is being used in the treatment arm."),
    Conduct.SUSPENDED: ("Suspended", "orange", "Delivery has stopped for now."),
    Conduct.FOLLOW_UP: ("Follow-up", "blue", "Delivery has ended. Outcomes are still measured."),
    Conduct.DATA_LOCKED: ("Data locked", "purple", "No more data come in. Outcomes may be compared by arm."),
    Conduct.COMPLETED: ("Completed", "green", "The trial ran to its end."),
    Conduct.TERMINATED: ("Stopped early", "red", "The trial ended before its time. Results are still due."),
    Conduct.NEVER_STARTED: ("Never started", "grey", "The trial was registered and did not begin."),
}
_RESULTS = {
    Results.NONE: ("No results yet", "grey", "Nobody has compared outcomes by arm."),
    Results.ANALYSING: ("Being analysed", "light-blue", "The registered plan has been asked for."),
    Results.AWAITING_OUTPUT_CHECK: (
        "Being checked",
        "light-blue",
        "Two people check that nothing discloses a person.",
    ),
    Results.CHECKED_INTERNAL: ("Checked", "light-blue", "Cleared by two checkers, not published yet."),
    Results.PUBLISHED: ("Published", "green", "Everybody can read and download the results."),
    Results.CORRECTED: ("Corrected", "orange", "The results were published and later corrected."),
    Results.RETRACTED: ("Retracted", "red", "The results were published and later withdrawn."),
}
_VISIBILITY = {
    Visibility.PRIVATE: ("Private", "grey", "Only the team and Centre staff can see this record."),
    Visibility.EMBARGOED: ("Under embargo", "orange", "The record becomes public on a date that is set."),
    Visibility.PUBLIC: ("Public", "green", "Everybody can see this record."),
}


def standings(trial: Trial) -> list[Standing]:
    """Return where the trial stands on its four axes."""
    made = [
        Standing("Registration", *_REGISTRATION[Registration(trial.registration_state)]),
        Standing("Conduct", *_CONDUCT[Conduct(trial.conduct_state)]),
        Standing("Results", *_RESULTS[Results(trial.results_state)]),
        Standing("Who can see it", *_VISIBILITY[Visibility(trial.visibility)]),
    ]
    if trial.is_overdue:
        made.append(
            Standing("Deadline", "Results overdue", "red", f"They were due on {trial.report_due:%-d %B %Y}.")
        )
    if trial.is_final_report_overdue:
        due = f"It was due on {trial.final_report_due:%-d %B %Y}, whatever had happened."
        made.append(Standing("Deadline", "Final report overdue", "red", due))
    if trial.is_update_missed:
        due = f"The team owed the public a note on progress by {trial.update_due:%-d %B %Y}."
        made.append(Standing("Progress", "Note overdue", "yellow", due))
    if deferral := getattr(trial, "deferral", None):
        until = f"Publication was put off until {deferral.until:%-d %B %Y}, once: {deferral.reason}"
        made.append(Standing("Deferral", "Put off", "orange", until))
    return made


_AXES = {
    "registration": ("Registration", _REGISTRATION),
    "conduct": ("Conduct", _CONDUCT),
    "results": ("Results", _RESULTS),
    "visibility": ("Who can see it", _VISIBILITY),
}


def step_words(axis: str, state: str) -> str:
    """Return what a step on an axis came to, as the history says it."""
    name, states = _AXES[axis]
    words = next(found[0] for known, found in states.items() if known.value == state)  # type: ignore[attr-defined]
    return f"{name}: {words[0].lower()}{words[1:]}"


def conduct_words(state: str) -> tuple[str, str]:
    """Return a state of conduct and what it means."""
    name, _, meaning = _CONDUCT[Conduct(state)]
    return name, meaning
