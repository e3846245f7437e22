"""History under other rules: what every rating there has been would say. Reads, and changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tactics import why
from tactics.models import Finding, Rating
from tactics.rating import Override, RatingResult, RegistryCounts, Rules, rate


@dataclass(frozen=True, slots=True)
class Replayed:
    """One rating of the past, and what other rules would have made of the same evidence on the same day."""

    rating: Rating
    result: RatingResult
    document: dict[str, Any]

    @property
    def changes_label(self) -> bool:
        """Return whether the headline would be another."""
        return bool(self.result.label.value != self.rating.label)

    @property
    def changes_strength(self) -> bool:
        """Return whether the strength would be another."""
        return self.result.strength != self.rating.strength

    @property
    def is_same(self) -> bool:
        """Return whether nothing that the rules say would change, but the name of their version."""
        own, other = self.rating.document, self.document
        return all(own.get(name) == value for name, value in other.items() if name != "rules_version")

    @property
    def lines(self) -> list[str]:
        """Return what would change, in plain statements."""
        return why.changes(self.rating.document, self.document, self.rating.outcome_domain.words)


def replay(rating: Rating, rules: Rules, findings: dict[str, Finding] | None = None) -> Replayed:
    """Rate the evidence of one rating again, as of the day it was computed, with the reviewers' step it had.

    `findings` by id saves a query where many ratings are replayed.
    """
    known = findings if findings is not None else _findings([rating])
    counts = rating.document.get("registry") or {}
    result = rate(
        [known[key].judged_by(rules) for key in rating.finding_ids],
        RegistryCounts(**{name: int(counts.get(name, 0)) for name in ("registered", "awaited", "overdue")}),
        today=timezone.localdate(rating.computed_at),
        rules=rules,
        override=Override.of(rating.document),
    )
    return Replayed(rating, result, {**result.as_json(), "registry": counts})


def replay_all(rules: Rules, *, newest: int | None = None) -> Iterator[Replayed]:
    """Replay every rating there has been, public or not, newest first; the newest of them where a number is given."""
    rows = list(Rating.objects.select_related("tactic", "outcome_domain")[:newest])
    for start in range(0, len(rows), 200):
        some = rows[start : start + 200]
        findings = _findings(some)
        for rating in some:
            yield replay(rating, rules, findings)


def _findings(ratings: list[Rating]) -> dict[str, Finding]:
    keys = {key for rating in ratings for key in rating.finding_ids}
    return {str(finding.pk): finding for finding in Finding.objects.filter(pk__in=keys)}
