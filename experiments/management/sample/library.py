"""What people add to the invented tactics: two reviewers' scores, and a force's own account."""

from typing import Any

from centre import sample
from tactics.actions import practices, quality
from tactics.models import Practice, Tactic

SCORES = {
    "mechanism": (3, "A theory with a prediction: the warning must come before the second visit."),
    "moderators": (1, "Says where it is expected to work; nothing was tested."),
    "implementation": (2, "The daily list and the visits are described, and how they are logged."),
    "economics": (1, "Hours and the price of a visit; nothing about what else they could have done."),
}
ACCOUNT: dict[str, Any] = {
    "title": "Cocoon visits by volunteers (invented)",
    "summary": "Police volunteers visit the neighbours of burgled homes on Saturdays",
    "does_it_work": "new",
    "focus": "Prevention",
    "topics": ["burglary", "repeat-victims"],
    "organisation": "Eastvale Police (invented)",
    "contact": "Prevention team (invented: there is nobody to call)",
    "email": "prevention@eastvale.example",
    "region": "An invented region",
    "partners": "Neighbourhood watch",
    "stage": "piloting",
    "start_date": "2026-05",
    "scale": "Two beats",
    "target_group": "Neighbours of burgled homes",
    "aim": "Reach the neighbours where no officer has time.",
    "intended_outcome": "Fewer second burglaries\nNeighbours know their beat team",
    "description": (
        "On Friday the beat team prints the list of burglaries of the week. On Saturday two "
        "volunteers visit the ten homes "
        "on either side with the one-page guide, and note who was at home.\n\n"
        "Homes that were out get the guide through the door."
    ),
    "eligibility": "Homes beside a burglary of the last seven days.",
    "evaluation": "None yet: visits are counted, burglaries are not compared.",
    "overall_impact": "",
    "learning": "A week is late. We would rather go on the next day.",
}


def score(tactic: Tactic) -> None:
    """Have both reviewers score, each alone and alike; once."""
    if tactic.quality_scores.exists():
        return
    for reviewer in ("reviewer", "reviewer2"):
        for dimension, (number, reason) in SCORES.items():
            quality.score(
                tactic=tactic, dimension=dimension, score=number, reason=reason, by=sample.person(reviewer)
            )


def tell(tactic: Tactic) -> None:
    """Have a force tell what it does, and the registrar accept it; once."""
    if Practice.objects.filter(force__slug="eastvale").exists():
        return
    writer = sample.person("eastvale")
    account = practices.send(practice=practices.write(said=ACCOUNT, by=writer), by=writer)
    practices.accept(
        practice=account,
        tactic=tactic,
        repeatable="partly",
        repeatable_because="The visits are described; how volunteers are found and trained is not.",
        edition=account.edition,
        by=sample.person("registrar"),
    )
