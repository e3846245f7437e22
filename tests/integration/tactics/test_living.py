"""A result, a correction, a retraction: the rating follows, says why, and tells who follows the tactic."""

import random
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from centre.errors import Conflict, NotFound
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics import tasks
from tactics.actions import bulletins, findings, ratings, registry, subscriptions
from tactics.models import Bulletin, Finding, Rating, Subscription, TacticNotice
from tests.integration.tactics.library import STRONG, candidate, found, proposed, published, signed

pytestmark = pytest.mark.django_db
OTHER = "CPP-2026-0002-3"


def public(tactic: Any) -> Rating:
    return Rating.objects.public().get(tactic=tactic)


def kinds(tactic: Any) -> list[str]:
    return list(Bulletin.objects.filter(tactic=tactic).order_by("at", "pk").values_list("kind", flat=True))


def promising(cast: Any, **changes: Any) -> Any:
    """Return a tactic whose rating on one trial is public."""
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, release_id="release-1", **changes)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    return tactic


def test_a_result_is_news_at_once_and_its_rating_when_two_have_signed(cast: Any) -> None:
    tactic = published(cast.registrar)
    assert kinds(tactic) == ["rated"]
    finding = found(tactic, cast.publisher)
    assert kinds(tactic) == ["rated", "result"]
    newest = Bulletin.objects.first()
    assert newest is not None
    assert newest.said == f"A result of “{finding.study_label}”: {finding.effect}."
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    assert kinds(tactic) == ["rated", "result", "rated"]


def test_a_candidate_says_why_it_is_not_what_is_public(cast: Any) -> None:
    tactic = promising(cast)
    found(tactic, cast.publisher, OTHER)
    lines = candidate(tactic).why
    assert lines[0] == f"A result came in: “Trial {OTHER}”."
    assert lines[-1] == "The label is “Effective” (rule L2); it was “Promising”."
    assert "The strength of the evidence is 4 of 5; it was 3." in lines


def test_followers_are_told_once_and_nobody_else(cast: Any) -> None:
    tactic = published(cast.registrar)
    bulletins.tell()
    subscriptions.follow(tactic=tactic, by=cast.force_user)
    subscriptions.follow(tactic=tactic, by=cast.force_user)
    assert Subscription.objects.count() == 1
    found(tactic, cast.publisher)
    assert bulletins.tell() == 1
    assert bulletins.tell() == 0
    notice = TacticNotice.objects.get()
    assert (notice.user, notice.bulletin.kind, notice.seen_at) == (cast.force_user, "result", None)
    with pytest.raises(NotFound):
        bulletins.see(notice=notice, by=cast.registrar)
    assert bulletins.see(notice=notice, by=cast.force_user).seen_at is not None
    subscriptions.leave(tactic=tactic, by=cast.force_user)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    assert bulletins.tell() == 0
    assert AuditEvent.objects.filter(event="bulletin.told").count() == 3


def test_a_draft_has_no_news_and_a_stranger_does_not_follow_it(cast: Any) -> None:
    draft = proposed(cast.force_user, "A draft")
    with pytest.raises(NotFound):
        subscriptions.follow(tactic=draft, by=cast.other_force_user)
    assert not Bulletin.objects.filter(tactic=draft).exists()


def test_possible_harm_is_told_to_the_staff_and_to_no_follower(cast: Any) -> None:
    tactic = published(cast.registrar)
    subscriptions.follow(tactic=tactic, by=cast.force_user)
    bulletins.tell()
    found(tactic, cast.publisher, estimate=0.3)
    bulletins.tell()
    held = TacticNotice.objects.filter(bulletin__kind="held").select_related("user")
    assert {one.user for one in held} >= {cast.registrar, cast.reviewer, cast.director}
    assert cast.force_user not in {one.user for one in held}
    assert not Bulletin.objects.for_all().filter(kind="held").exists()
    assert not Bulletin.objects.visible_to(cast.force_user).filter(kind="held").exists()
    assert Bulletin.objects.visible_to(cast.registrar).filter(kind="held").exists()


def test_a_withdrawn_release_takes_its_finding_and_opens_the_rating(cast: Any) -> None:
    tactic = promising(cast)
    found(tactic, cast.publisher, OTHER, release_id="release-2")
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    assert public(tactic).label == "effective"
    gone = findings.retract(release_id="release-2", reason="A coding error.", by=cast.director)
    assert [one.trial_number for one in gone] == [OTHER]
    assert Finding.objects.current().count() == 1
    assert public(tactic).label == "effective"  # it stays, flagged, until two have agreed
    flag = Bulletin.objects.get(kind="reopened")
    assert (flag.rating, flag.said) == (
        public(tactic),
        f"The release of “Trial {OTHER}” was withdrawn. A coding error.",
    )
    waiting = candidate(tactic)
    assert waiting.label == "promising"
    assert waiting.why[0] == f"Re-opened: {flag.said}"
    assert waiting.why[1] == f"“Trial {OTHER}” no longer counts: its result does not stand."
    signed(waiting, cast.reviewer, cast.second_reviewer)
    assert not Bulletin.objects.filter(kind="reopened", rating=public(tactic)).exists()


def test_the_only_release_withdrawn_leaves_nothing_claimed(cast: Any) -> None:
    tactic = promising(cast)
    findings.retract(release_id="release-1", reason="A coding error.", by=cast.director)
    assert public(tactic).label == "untested"
    assert findings.retract(release_id="release-1", reason="Again.", by=cast.director) == []
    assert public(tactic).label == "untested"


def test_an_amendment_re_opens_a_rating_that_says_the_same(cast: Any) -> None:
    tactic = promising(cast)
    before = public(tactic)
    findings.reopen(
        trial_number="CPP-2026-0001-5", reason="the protocol was amended. A storm.", by=cast.force_user
    )
    waiting = candidate(tactic)
    assert (waiting.label, public(tactic)) == (before.label, before)
    assert waiting.why == [
        "Re-opened: “Trial CPP-2026-0001-5”: the protocol was amended. A storm.",
        "Nothing that the rules look at has changed.",
    ]
    findings.reopen(trial_number="", reason="Nothing.", by=None)
    assert Bulletin.objects.filter(kind="reopened").count() == 1


def test_rerating_changes_nothing_and_keeps_the_reviewers_step(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    moved = ratings.adjust(rating=candidate(tactic), step=-1, reason="Delivery differed", by=cast.reviewer)
    before = Rating.objects.count()
    assert registry.rerate(tactic=tactic) == 0
    assert (Rating.objects.count(), candidate(tactic)) == (before, moved)
    signed(moved, cast.reviewer, cast.second_reviewer)
    registry.note_trial(tactic=tactic, trial_number=OTHER, state="running", by=cast.registrar)
    assert public(tactic) == moved
    found(tactic, cast.publisher, OTHER)
    assert "OVERRIDE" not in [step["rule"] for step in candidate(tactic).document["trace"]]


def test_the_worker_rates_and_tells(cast: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tactic = published(cast.registrar)
    subscriptions.follow(tactic=tactic, by=cast.researcher)
    found(tactic, cast.publisher)
    tasks.rerate(tactic.slug)
    assert TacticNotice.objects.filter(user=cast.researcher).count() == 2
    tasks.keep_ratings()
    assert TacticNotice.objects.filter(user=cast.researcher).count() == 2
    assert "rated: 0, notices: 0" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no tactic “nowhere”"):
        call_command("keep_ratings", "nowhere")


def test_the_doorbell_rings_when_the_act_stands(
    cast: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr("centre.runs.ring", lambda *what: rung.append(what))
    with django_capture_on_commit_callbacks(execute=True):
        tactic = published(cast.registrar)
    assert rung == [("tactics.rerate", tactic.slug)]


def test_bulletins_are_kept_as_they_are(cast: Any) -> None:
    bulletin = Bulletin.objects.get(tactic=published(cast.registrar))
    bulletin.said = "Something else."
    with pytest.raises(Frozen):
        bulletin.save()


def test_how_the_evidence_grew_is_kept_with_the_synthesis(cast: Any) -> None:
    tactic = published(cast.registrar)
    for at, number in enumerate(("CPP-2026-0001-5", OTHER, "CPP-2026-0003-1")):
        found(tactic, cast.publisher, number, estimate=-0.2 - at / 20, evidence=STRONG)
    synthesis = candidate(tactic).synthesis
    assert synthesis is not None
    rows = synthesis.document["cumulative"]
    assert [row["k"] for row in rows] == [1, 2, 3]
    assert rows[-1]["estimate"] == synthesis.document["summary"]["estimate"]
    assert [row["prediction_low"] is None for row in rows] == [True, True, False]


def test_nothing_is_public_without_two_signatures_whatever_is_done(cast: Any) -> None:
    """Random acts in a seeded order; after each, every label that claims something has two names under it."""
    draw = random.Random(20261127)
    tactic = published(cast.registrar)
    numbers = [f"CPP-2026-000{n}-{n}" for n in range(1, 6)]
    acts = {
        "found": lambda: found(
            tactic,
            cast.publisher,
            draw.choice(numbers),
            estimate=draw.uniform(-0.5, 0.4),
            release_id=f"release-{draw.randrange(4)}",
        ),
        "sign": lambda: _try(lambda rating: ratings.sign(rating=rating, by=draw.choice(reviewers))),
        "adjust": lambda: _try(
            lambda rating: ratings.adjust(
                rating=rating, step=draw.choice([-1, 1]), reason="So.", by=cast.reviewer
            )
        ),
        "retract": lambda: findings.retract(release_id=f"release-{draw.randrange(4)}", reason="So.", by=None),
        "reopen": lambda: findings.reopen(trial_number=draw.choice(numbers), reason="so.", by=None),
        "rerate": lambda: registry.rerate(tactic=tactic),
    }
    reviewers = [cast.reviewer, cast.second_reviewer]

    def _try(act: Any) -> None:
        for rating in Rating.objects.candidates().filter(tactic=tactic):
            with suppress(Conflict):
                act(rating)

    seen = set()
    for _ in range(80):
        acts[draw.choice([*acts, "sign", "sign"])]()
        for rating in Rating.objects.filter(published_at__isnull=False):
            seen.add(rating.label)
            if rating.needs_signatures:
                signatures = rating.signatures.filter(signed_at__lte=rating.published_at)
                assert len({one.reviewer_id for one in signatures}) >= 2
    assert len(seen) >= 3


def test_the_database_itself_refuses_a_claim_without_two_names(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    waiting = candidate(tactic)
    waiting.published_at = timezone.now()
    with pytest.raises(IntegrityError, match="two reviewers sign"), transaction.atomic():
        waiting.save(update_fields=["published_at"])
    ratings.sign(rating=candidate(tactic), by=cast.reviewer)
    with pytest.raises(IntegrityError, match="two reviewers sign"), transaction.atomic():
        waiting.save(update_fields=["published_at"])
    assert candidate(tactic) == waiting
