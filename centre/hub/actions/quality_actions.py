"""What is to be done about a finding of quality: agreed with the force, and ended as done or dropped."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.hub import judging
from centre.hub.actions import visits
from centre.hub.actions.wording import cleaned
from centre.hub.quality.findings import Finding
from centre.models import Force, QualityAction, User, Visit
from centre.permissions import Permission, require, require_any

LONGEST = dt.timedelta(days=2 * 366)


class AlreadyEnded(Conflict):
    """Somebody ended it before."""


@transaction.atomic
def agree(
    *,
    force: Force,
    finding: str,
    what: str,
    owner: str,
    due_on: dt.date,
    by: User,
    visit: Visit | None = None,
) -> QualityAction:
    """The action stands beside the finding that it answers (`finding` is its key), until somebody ends it."""
    require(by, Permission.VISIT_KEEP, on=force)
    answered, rules_version = _found(force, finding)
    today = timezone.localdate()
    if due_on < today:
        raise Invalid.field("/due_on", "The date must be today or later: nobody can do it in the past")
    if due_on > today + LONGEST:
        raise Invalid.field("/due_on", "The date must be within two years")
    held = None if visit is None else visits.held(visit, by=by)
    if held is not None and held.force_id != force.pk:
        raise Invalid.field("/visit", f"That visit was not to {force}")
    action: QualityAction = QualityAction.objects.create(
        force=force,
        visit=held,
        check_name=answered.check,
        months=list(answered.months),
        words=answered.words,
        rules_version=rules_version,
        what=cleaned(
            "what", what, label="What is to be done", maximum=1_000, required="Say what is to be done"
        ),
        owner=cleaned(
            "owner", owner, label="Whose it is", maximum=200, required="Say whose it is: a post", lines=False
        ),
        due_on=due_on,
        agreed_at=timezone.now(),
        agreed_by=by,
    )
    detail = {"force": force.slug, "finding": answered.key, "due_on": due_on.isoformat()}
    if held is not None:
        detail["visit"] = str(held.pk)
    audit.record("quality_action.agreed", subject=action, by=by, detail=detail)
    return action


@transaction.atomic
def end(*, action: QualityAction, outcome: str, words: str, by: User) -> QualityAction:
    """The action is done, as the force or the Centre says, or dropped, as the Centre says alone.

    Whether the finding went is another question: the next files answer it.
    """
    stored: QualityAction = (
        QualityAction.objects.select_for_update(of=("self",)).select_related("force").get(pk=action.pk)
    )
    holds = require_any(by, (Permission.VISIT_KEEP, Permission.HUB_SUBMIT), on=stored.force)
    allowed = outcomes(is_team=holds is Permission.VISIT_KEEP)
    if not stored.is_open:
        raise AlreadyEnded(
            f"It was ended on {timezone.localdate(stored.ended_at):%-d %B %Y} as {stored.outcome}."
        )
    if outcome not in allowed:
        raise Invalid.field("/outcome", f"Choose {' or '.join(allowed)}")
    stored.ended_words = cleaned(
        "words",
        words,
        label="What was done, or why not",
        maximum=1_000,
        required="Say what was done, or why not",
    )
    stored.ended_at, stored.ended_by, stored.outcome = timezone.now(), by, outcome
    stored.save(update_fields=["ended_at", "ended_by", "outcome", "ended_words"])
    audit.record("quality_action.ended", subject=stored, by=by, detail={"outcome": outcome})
    return stored


def outcomes(*, is_team: bool) -> list[str]:
    """Return how an action may be ended by the Centre's team, or by the force."""
    return [str(one) for one in QualityAction.Outcome if is_team or one == QualityAction.Outcome.DONE]


def _found(force: Force, key: str) -> tuple[Finding, str]:
    """Return the finding of the newest judgement, and the version of the rules that found it."""
    if judged := judging.judged(force):
        for one in judged.findings:
            if one.key == key:
                return one, judged.newest.rules_version
    raise Invalid.field("/finding", "Choose one of the findings: this one is not found in the newest files")
