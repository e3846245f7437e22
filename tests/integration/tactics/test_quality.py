"""Quality scores: two reviewers alone, what differs is agreed on, nobody near the tactic takes part."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent, Membership
from tactics.actions import quality
from tactics.models import QualityScore, Tactic
from tests.integration.tactics.library import found, proposed, published

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def scored(
    tactic: Tactic, by: Any, score: int, dimension: str = "mechanism", reason: str = "It says why."
) -> QualityScore:
    return quality.score(tactic=tactic, dimension=dimension, score=score, reason=reason, by=by)


def test_two_alike_are_public_with_their_reasons(cast: Any, sign_in: Any) -> None:
    tactic = published(cast.registrar)
    scored(tactic, cast.reviewer, 3, reason="A theory with predictions.")
    page, detail = tactic.get_absolute_url(), reverse("quality-detail", args=[tactic.slug])
    anonymous, second = sign_in(cast.anonymous), sign_in(cast.second_reviewer)
    assert "Mechanism. Written, not scored yet" in text_of(anonymous.get(page))
    for client in (anonymous, second):
        assert "A theory with predictions." not in client.get(detail).content.decode()
    form = reverse("quality-score", args=[tactic.slug, "mechanism"])
    assert "A theory with predictions." not in second.get(form).content.decode()
    assert second.post(form, {"score": "3", "reason": "The same, I think."}).status_code == 302
    assert "Mechanism. Quality 3 of 4: a full theory, with predictions that can be tested" in text_of(
        anonymous.get(page)
    )
    assert "Both reviewers gave this score" in text_of(anonymous.get(detail))
    assert "A theory with predictions." in text_of(anonymous.get(detail))
    emmie = anonymous.get(reverse("api-tactic", args=[tactic.slug])).json()["emmie"]
    assert [(part["part"], part["score"]) for part in emmie] == [
        ("effect", None),
        ("mechanism", 3),
        ("moderators", None),
        ("implementation", None),
        ("economics", None),
    ]
    assert "score" not in str(AuditEvent.objects.filter(event="quality.scored").first().detail)


def test_two_who_differ_agree_on_one(cast: Any, sign_in: Any) -> None:
    tactic = published(cast.registrar)
    scored(tactic, cast.reviewer, 1, reason="Only a sentence.")
    scored(tactic, cast.second_reviewer, 3, reason="More than a sentence.")
    first, second = sign_in(cast.reviewer), sign_in(cast.second_reviewer)
    form = reverse("quality-score", args=[tactic.slug, "mechanism"])
    shown = text_of(first.get(form))
    assert "Agree on one score" in shown
    assert "More than a sentence." in shown
    assert "Only a sentence." not in text_of(
        sign_in(cast.anonymous).get(reverse("quality-detail", args=[tactic.slug]))
    )
    assert first.post(form, {"score": "2", "reason": "Between."}).status_code == 302
    assert "Not scored yet" in text_of(
        sign_in(cast.anonymous).get(reverse("quality-detail", args=[tactic.slug]))
    )
    assert second.post(form, {"score": "2", "reason": "Agreed."}).status_code == 302
    shown = text_of(sign_in(cast.anonymous).get(reverse("quality-detail", args=[tactic.slug])))
    assert "2 of 4. The two reviewers differed at first, and agreed on this score" in shown
    assert "Between." in shown


def test_who_takes_no_part(cast: Any, sign_in: Any) -> None:
    own = published(cast.registrar)
    proposer = made_reviewer(cast.registrar)
    with pytest.raises(quality.NotIndependent):
        scored(own, proposer, 2)
    with pytest.raises(DatabaseError), transaction.atomic():
        QualityScore.objects.create(
            tactic=own,
            tactic_version=1,
            dimension="mechanism",
            round=1,
            step="own",
            score=2,
            reason="Mine.",
            at=timezone.now(),
            by=proposer,
        )
    found(own, cast.publisher, conflicted_user_ids=(cast.reviewer.pk,))
    with pytest.raises(quality.NotIndependent):
        scored(own, cast.reviewer, 2)
    with pytest.raises(NotPermitted):
        scored(own, cast.analyst, 2)
    with pytest.raises(Conflict, match="published first"):
        scored(proposed(cast.force_user, "A draft"), cast.reviewer, 2)
    form = reverse("quality-score", args=[own.slug, "mechanism"])
    assert sign_in(cast.force_user).get(form).status_code == 403
    assert sign_in(cast.reviewer).get(reverse("quality-score", args=[own.slug, "effect"])).status_code == 404


def test_a_third_and_a_second_time_are_refused(cast: Any) -> None:
    tactic = published(cast.registrar)
    scored(tactic, cast.reviewer, 1)
    with pytest.raises(Conflict, match="already"):
        scored(tactic, cast.reviewer, 2)
    with pytest.raises(Conflict, match="Nothing waits"):
        quality.moderate(tactic=tactic, dimension="mechanism", score=2, reason="Both.", by=cast.reviewer)
    scored(tactic, cast.second_reviewer, 3)
    third = made_reviewer(cast.director)
    with pytest.raises(quality.RoundIsFull):
        scored(tactic, third, 2)
    with pytest.raises(quality.RoundIsFull):
        quality.moderate(tactic=tactic, dimension="mechanism", score=2, reason="Both.", by=third)
    row = {
        "tactic": tactic,
        "tactic_version": 1,
        "dimension": "mechanism",
        "round": 1,
        "score": 2,
        "reason": "Mine.",
    }
    for step in ("own", "moderated"):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            QualityScore.objects.create(**row, step=step, at=timezone.now(), by=third)
    with pytest.raises(Frozen):
        QualityScore.objects.update(score=4)


def made_reviewer(person: Any) -> Any:
    Membership.objects.create(user=person, role="methods_reviewer")
    return type(person).objects.get(pk=person.pk)


def test_a_new_round_supersedes_once_it_is_settled(cast: Any, client: Any) -> None:
    tactic = published(cast.registrar)
    for score in (2, 4):
        scored(tactic, cast.reviewer, score)
        shown = text_of(client.get(tactic.get_absolute_url()))
        assert "Quality 4" not in shown
        scored(tactic, cast.second_reviewer, score)
    assert "Mechanism. Quality 4 of 4" in text_of(client.get(tactic.get_absolute_url()))
    assert QualityScore.objects.count() == 4


def test_bad_answers_are_named_and_kept(cast: Any, sign_in: Any) -> None:
    tactic = published(cast.registrar)
    form = reverse("quality-score", args=[tactic.slug, "economics"])
    response = sign_in(cast.reviewer).post(form, {"score": "5", "reason": "Ask a@b.example"})
    assert response.status_code == 422
    assert "Choose a score from 0 to 4" in response.content.decode()
    assert "Ask a@b.example" in response.content.decode()
    response = sign_in(cast.reviewer).post(form, {"score": "4", "reason": "Ask a@b.example"})
    assert "This looks like personal data: remove an e-mail address" in response.content.decode()
    with pytest.raises(Invalid):
        scored(tactic, cast.reviewer, 9)
    assert not QualityScore.objects.exists()


def test_what_waits_for_whom(cast: Any) -> None:
    tactic, other = published(cast.registrar), published(cast.registrar, "Another")
    scored(tactic, cast.reviewer, 1)
    scored(other, cast.reviewer, 2)
    scored(other, cast.second_reviewer, 2)

    def waits(person: Any) -> list[str]:
        return [row.tactic.slug for row in QualityScore.objects.open_for(person)]

    assert (waits(cast.reviewer), waits(cast.second_reviewer)) == ([], [tactic.slug])
    scored(tactic, cast.second_reviewer, 3)
    assert waits(cast.reviewer) == waits(cast.second_reviewer) == [tactic.slug]
    for person in (cast.reviewer, cast.second_reviewer):
        quality.moderate(tactic=tactic, dimension="mechanism", score=2, reason="Both.", by=person)
    assert waits(cast.reviewer) == waits(cast.second_reviewer) == []
