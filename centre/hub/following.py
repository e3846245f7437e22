"""What became of agreed actions: whether what they answer is still found, and since which files it is not."""

from collections.abc import Iterable
from dataclasses import dataclass

from centre.hub import judging
from centre.hub.judging import Judged
from centre.hub.quality.findings import Finding
from centre.models import QualityAction, Submission


@dataclass(frozen=True, slots=True)
class Followed:
    """An action, what is found now of what it answers, and the files since which nothing is.

    `gone_with` is None too where no file came since: then the rules found it no longer.
    """

    action: QualityAction
    found: tuple[Finding, ...]
    gone_with: Submission | None = None

    @property
    def is_gone(self) -> bool:
        """Return whether what it answers is no longer found."""
        return not self.found


def followed(actions: Iterable[QualityAction], judged: Judged | None) -> list[Followed]:
    """Return the actions of one force, each with what is found now."""
    return [_followed(one, judged) for one in actions]


def of_all(actions: Iterable[QualityAction]) -> list[Followed]:
    """Return actions of several forces, in their order."""
    every = list(actions)
    judged = {force.pk: judging.judged(force) for force in {one.force for one in every}}
    return [_followed(one, judged[one.force_id]) for one in every]


def _followed(action: QualityAction, judged: Judged | None) -> Followed:
    found = judged.findings if judged else ()
    now = tuple(one for one in found if one.is_still(action.check_name, action.months))
    return Followed(action, now, None if now else _gone_with(action))


def _gone_with(action: QualityAction) -> Submission | None:
    """Return the first of the newest submissions in whose judgement it is not found."""
    later = Submission.objects.filter(files__force=action.force_id, received_at__gt=action.agreed_at)
    since = None
    for submission in later.distinct().order_by("-received_at", "-pk"):
        then = judging.judged(action.force, as_of=submission.received_at)
        if then and any(one.is_still(action.check_name, action.months) for one in then.findings):
            break
        since = submission
    return since
