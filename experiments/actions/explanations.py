"""Why a trial was stopped, or why nothing of it is published, is on record and public at once."""

from django.db import transaction

from centre.errors import Conflict, Invalid
from centre.models import User
from experiments.actions import accounts
from experiments.lifecycle import REPORTED, Conduct
from experiments.models import Explanation, Trial

_STOPPED = (Conduct.SUSPENDED, Conduct.TERMINATED, Conduct.NEVER_STARTED)


@transaction.atomic
def record(
    *,
    trial: Trial,
    about: str,
    code: str,
    text: str,
    corrects: Explanation | None = None,
    correction_reason: str = "",
    by: User,
) -> Explanation:
    """The explanation is public, of what is the case today."""
    trial = accounts.opened(trial, by)
    if about not in Explanation.About.values:
        raise Invalid.field("/about", "Choose what you explain")
    if code not in Explanation.Code.values:
        raise Invalid.field("/code", "Choose the kind of reason")
    if about == Explanation.About.STOPPED and trial.conduct_state not in _STOPPED:
        raise Conflict("This trial was neither stopped nor suspended.")
    if about == Explanation.About.NOT_PUBLISHED and trial.results_state in REPORTED:
        raise Conflict("The results of this trial are published.")
    made = Explanation(
        trial=trial,
        about=about,
        code=code,
        text=accounts.text("/text", text, "The text", "Say why"),
        **accounts.correction(trial, corrects, correction_reason),
    )
    return accounts.keep(made, by)
