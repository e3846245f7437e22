"""What is new in the library, in words: results, ratings, and what was re-opened. What everybody may read alone."""

from typing import Any

from centre.feeds import Entry
from tactics.models import Bulletin, Tactic


def public(bulletins: Any) -> Any:
    """Return those of the bulletins that everybody may read."""
    return bulletins.for_all().select_related("tactic", "outcome_domain", "rating").defer("rating__document")


def ratings() -> Any:
    """Return what has become of ratings: a new one is public, or one is open again."""
    changed = Bulletin.objects.filter(kind__in=(Bulletin.Kind.RATED, Bulletin.Kind.REOPENED))
    return public(changed)


def entry(one: Bulletin) -> Entry:
    """Return a bulletin in words."""
    tactic = one.tactic
    rated = f" ({one.rating.get_label_display()})" if one.kind == one.Kind.RATED and one.rating else ""
    return Entry(
        one.at,
        f"bulletin-{one.public_id}",
        f"{simulated(tactic)}{one.get_kind_display()}{rated}: {tactic.name}, {one.outcome_domain.name}",
        one.rating.get_absolute_url() if one.rating else tactic.get_absolute_url(),
        one.said,
        f"bulletin:{one.public_id}",
        {
            "kind": one.kind,
            "tactic": tactic.slug,
            "outcome_domain": one.outcome_domain.slug,
            "rating": str(one.rating_id) if one.rating_id else None,
            "label": one.rating.label if one.rating else None,
            "happened_at": one.at,
            "is_simulated": tactic.is_simulated,
        },
    )


def simulated(tactic: Tactic) -> str:
    """Return the word that goes before whatever is invented."""
    return "Simulated. " if tactic.is_simulated else ""
