"""Practice from forces, to test with: made through the actions."""

from typing import Any

from tactics.actions import practices
from tactics.models import Practice, PracticeVersion, Tactic

ACCOUNT: dict[str, Any] = {
    "title": "Evening visits",
    "summary": "Officers visit neighbours of burgled homes in the evening",
    "does_it_work": "promising",
    "topics": ["burglary"],
    "organisation": "Testshire Police",
    "contact": "Prevention team",
    "email": "prevention@testshire.example",
    "stage": "piloting",
    "start_date": "2026-04",
    "aim": "Fewer second burglaries.",
    "intended_outcome": "- Fewer burglaries\n- More locks",
    "description": "Each evening two officers visit ten homes.",
}


def written(by: Any, **changes: Any) -> Practice:
    """Return a draft."""
    return practices.write(said={**ACCOUNT, **changes}, by=by)


def sent(by: Any, **changes: Any) -> Practice:
    """Return an account that waits for the Centre."""
    return practices.send(practice=written(by, **changes), by=by)


def accepted(practice: Practice, tactic: Tactic | None, by: Any) -> PracticeVersion:
    """Return what the Centre accepted."""
    return practices.accept(
        practice=practice,
        tactic=tactic,
        repeatable="partly",
        repeatable_because="The list of homes is not described.",
        edition=practice.edition,
        by=by,
    )
