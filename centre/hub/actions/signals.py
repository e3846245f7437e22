"""Somebody says what a signal is: explained, to be acted on, or closed."""

from django.db import transaction

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import Force, Signal, SignalJudgement, User
from centre.permissions import Permission, require
from centre.text import clean_text

LONGEST = 2_000
_WHY = {
    SignalJudgement.State.EXPLAINED: "Say what explains it",
    SignalJudgement.State.ESCALATED: "Say to whom it goes, and what they are to do",
}


class SignalClosed(Conflict):
    """Nothing more is said of the signal."""


class SignalOutdated(Conflict):
    """A later scan has judged the same month again."""


@transaction.atomic
def judge(*, signal: Signal, state: str, words: str, by: User) -> SignalJudgement:
    """The signal has this state from now on; what was said before stays."""
    require(by, Permission.SIGNAL_JUDGE, on=signal.force)
    # One person at a time: two must not both find it open. The force is locked, for a frozen row cannot be.
    Force.objects.select_for_update().get(pk=signal.force_id)
    if not Signal.objects.current().filter(pk=signal.pk).exists():
        raise SignalOutdated("A later scan has judged this month again. Say it of what that one found.")
    if SignalJudgement.objects.filter(signal__in=Signal.objects.same(signal), state="closed").exists():
        raise SignalClosed("This signal is closed, so nothing more can be said of it.")
    if state not in SignalJudgement.State.values:
        raise Invalid.field("state", "Say whether it is explained, escalated or closed")
    given = _words(words, _WHY.get(SignalJudgement.State(state), ""))
    made: SignalJudgement = SignalJudgement.objects.create(signal=signal, state=state, words=given, by=by)
    audit.record(
        "signal.judged",
        subject=signal,
        by=by,
        detail={"state": state, "force": signal.force.slug, "measure": signal.measure},
    )
    return made


def _words(words: str, required: str) -> str:
    try:
        return clean_text(words, label="words", maximum=LONGEST, multiline=True, required=required)
    except Invalid as refusal:
        raise Invalid.field("words", refusal.message) from refusal
