"""What waits for a person in the library, beside ratings and appeals."""

from dataclasses import dataclass

from django.db.models import Q

from centre.models import User
from centre.permissions import Permission, has_permission
from tactics.models import Practice, QualityScore, TransparencyDraft


@dataclass(frozen=True, slots=True)
class TacticWork:
    """The things to do, by kind."""

    records: list[TransparencyDraft]
    scores: list[QualityScore]
    practices: list[Practice]
    own_practices: list[
        Practice
    ]  # of the person's force, still on the way: shown, and not counted as waiting

    @property
    def total(self) -> int:
        """Return how many things wait."""
        return len(self.records) + len(self.scores) + len(self.practices)


def waiting_for(user: User) -> TacticWork:
    """Return the records to read that the person has not written on, and the scores that need theirs."""
    records: list[TransparencyDraft] = []
    if has_permission(user, Permission.TACTIC_PUBLISH):
        sent = TransparencyDraft.objects.filter(sent_at__isnull=False).exclude(sent_by=user)
        records = [
            one for one in sent.select_related("tactic").defer("answers") if user.pk not in one.authors
        ]
    scores: list[QualityScore] = []
    if has_permission(user, Permission.RATING_SIGN):
        scores = list(QualityScore.objects.open_for(user).select_related("tactic"))
    practices = Practice.objects.select_related("force")
    own = practices.filter(force__in=user.force_ids).filter(Q(versions=None) | Q(sent_at__isnull=False))
    return TacticWork(records, scores, list(practices.to_review(user)), list(own[:20]))
