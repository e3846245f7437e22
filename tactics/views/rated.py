"""What is rated of a tactic, for pages that let their reader choose an outcome."""

from tactics.models import OutcomeDomain, Rating, Tactic


def rated_outcomes(tactic: Tactic) -> list[OutcomeDomain]:
    """Return the outcomes with a public rating, the main one first."""
    rated = Rating.objects.public().filter(tactic=tactic).values("outcome_domain")
    found = OutcomeDomain.objects.filter(pk__in=rated)
    return sorted(found, key=lambda one: (one.pk != tactic.main_outcome_id, one.name))
