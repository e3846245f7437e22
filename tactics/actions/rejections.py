"""A study is not taken into the library, and everybody can read why."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Invalid, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import clean_text, personal_detail
from tactics.actions.withdrawing import withdraw
from tactics.models import RejectedStudy, Tactic

TEXTS = {
    "study": ("Study", 200, "Enter the name of the study"),
    "citation": ("Citation", 300, "Enter where it was published"),
    "explanation": ("Explanation", 600, "Say why it was not taken in"),
}


@transaction.atomic
def record(
    *, study: str, citation: str, reason: str, explanation: str, by: User, tactic: Tactic | None = None
) -> RejectedStudy:
    """The study stands on the public list with the reason. One about a simulated tactic is simulated."""
    require(by, Permission.RATING_SIGN)
    said = _cleaned(study=study, citation=citation, explanation=explanation, reason=reason)
    rejected = RejectedStudy.objects.create(
        tactic=tactic,
        reason=reason,
        is_simulated=bool(tactic and tactic.is_simulated),
        decided_at=timezone.now(),
        decided_by=by,
        **said,
    )
    audit.record(
        "study.rejected", subject=rejected, by=by, detail={"study": rejected.study, "reason": reason}
    )
    return rejected


@transaction.atomic
def take_back(*, rejected: RejectedStudy, because: str, by: User) -> RejectedStudy:
    """The decision no longer stands; the list keeps it with the reason, so that nobody has to guess what changed."""
    require(by, Permission.RATING_SIGN)
    stored = withdraw(rejected, because=because, by=by)
    audit.record("study.rejection_taken_back", subject=stored, by=by, detail={"study": stored.study})
    return stored


def _cleaned(*, reason: str, **texts: str) -> dict[str, str]:
    """Return the texts tidied.

    Raises
    ------
    Invalid : with one problem for each field that must change.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, (label, maximum, required) in TEXTS.items():
        try:
            found[name] = clean_text(
                texts[name], label=label, maximum=maximum, multiline=name == "explanation", required=required
            )
        except Invalid as refusal:
            problems.append(Problem(name, refusal.message))
            continue
        if detail := personal_detail(found[name]):
            problems.append(Problem(name, f"This looks like personal data: remove {detail}"))
    if reason not in RejectedStudy.Reason.values:
        problems.append(Problem("reason", "Choose why it was not taken in"))
    if problems:
        raise Invalid("There is a problem with the study", problems)
    return found
