"""Replay of history under other rules, adoption of a version, and appeals."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from tactics import rating as pure
from tactics.actions import appeals, ratings, registry, rules
from tactics.actions.replays import replay, replay_all
from tactics.models import Appeal, Bulletin, Rating, RulesAdoption, rules_in_use
from tactics.rating import CURRENT, VERSIONS
from tests.integration.tactics.library import candidate, found, published, signed

pytestmark = pytest.mark.django_db
OTHER = "CPP-2026-0002-3"
STRICT = replace(CURRENT, version="RULES-9.9", eligible_security=5)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> pure.Rules:
    """A version that pools trials of security 5 alone."""
    monkeypatch.setitem(VERSIONS, STRICT.version, STRICT)
    return STRICT


@pytest.fixture
def tactic(cast: Any) -> Any:
    """A tactic with a history: untested, promising by a reviewers' step down, effective and not signed yet."""
    made = published(cast.registrar)
    registry.note_trial(tactic=made, trial_number=OTHER, state="running", by=cast.registrar)
    found(made, cast.publisher)
    moved = ratings.adjust(rating=candidate(made), step=-1, reason="Delivery differed", by=cast.reviewer)
    signed(moved, cast.reviewer, cast.second_reviewer)
    found(made, cast.publisher, OTHER)
    return made


def test_a_replay_by_the_same_rules_is_the_same_to_the_last_digit(tactic: Any) -> None:
    replayed = list(replay_all(CURRENT))
    assert len(replayed) == Rating.objects.count() >= 5
    assert all(one.is_same for one in replayed), [one.lines for one in replayed if not one.is_same]


def test_a_replay_by_other_rules_names_the_labels_that_change_and_changes_nothing(
    tactic: Any, strict: pure.Rules
) -> None:
    before = list(Rating.objects.values_list("pk", "label", "superseded_at"))
    one = replay(candidate(tactic), strict)
    assert (one.rating.label, one.result.label.value) == ("effective", "inconclusive")
    assert one.lines[0] == "The rules are RULES-9.9; they were RULES-1.0."
    assert "is no longer pooled: security 4 is below 5." in " ".join(one.lines)
    assert list(Rating.objects.values_list("pk", "label", "superseded_at")) == before


def command(*args: str) -> tuple[int, dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("replay_ratings", *args, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), {}, err.getvalue()
    return 0, json.loads(out.getvalue()), err.getvalue()


def test_the_command_replays_all_history(tactic: Any, strict: pure.Rules, tmp_path: Path) -> None:
    code, answer, told = command("--rules", "RULES-9.9")
    assert (code, answer["rules"], answer["ratings"]) == (0, "RULES-9.9", Rating.objects.count())
    assert answer["labels_that_change"] == 3
    assert {one["label_after"] for one in answer["changes"]} == {"inconclusive"}
    assert "3 labels would change" in told
    file = tmp_path / "cutoffs.json"
    file.write_text(json.dumps({"bias_minus_2": 5.0}))
    code, answer, _ = command("--rules", "RULES-thought-of", "--cutoffs", str(file))
    assert (code, answer["labels_that_change"], answer["strengths_that_change"] > 0) == (0, 1, True)
    assert command("--rules", "RULES-1.0")[1]["same"] == Rating.objects.count()
    assert len(command("--rules", "RULES-1.0", "--all")[1]["changes"]) == Rating.objects.count()


@pytest.mark.parametrize(
    ("cutoffs", "message"),
    [
        ({}, "Name at least one cut-off"),
        ({"colour": 1}, "There is no cut-off “colour”"),
        ({"few_events": "many"}, "“few_events” must be a number"),
        ({"few_events": 1.5}, "“few_events” must be a whole number"),
        ({"attrition_at_most": [1, 2]}, "is a list of 5 numbers"),
        ({"attrition_at_most": [5, 4, 3, 2, 1]}, "must rise"),
    ],
)
def test_cutoffs_are_refused_by_name(db: None, cutoffs: Any, message: str, tmp_path: Path) -> None:
    file = tmp_path / "cutoffs.json"
    file.write_text(json.dumps(cutoffs))
    code, _, told = command("--rules", "RULES-x", "--cutoffs", str(file))
    assert (code, message in told) == (2, True), told
    assert command("--rules", "RULES-7")[0] == 2


def test_only_the_director_adopts_a_version_and_its_ratings_wait(
    cast: Any, tactic: Any, strict: pure.Rules
) -> None:
    for who in (cast.registrar, cast.reviewer, cast.force_user):
        with pytest.raises(NotPermitted):
            rules.adopt(version="RULES-9.9", reason="Because.", by=who)
    with pytest.raises(Invalid):
        rules.adopt(version="RULES-7", reason="Because.", by=cast.director)
    with pytest.raises(Invalid):
        rules.adopt(version="RULES-9.9", reason=" ", by=cast.director)
    with pytest.raises(Conflict, match="in use already"):
        rules.adopt(version="RULES-1.0", reason="Because.", by=cast.director)
    public = Rating.objects.public().get(tactic=tactic)
    rules.adopt(version="RULES-9.9", reason="Only the most secure trials.", by=cast.director)
    assert rules_in_use() == strict
    registry.rerate(tactic=tactic)
    now = Rating.objects.public().get(tactic=tactic)
    assert (now.label, now.rules_version) == ("inconclusive", "RULES-9.9")  # claims nothing, so needs nobody
    assert now.why[0] == "The rules are RULES-9.9; they were RULES-1.0."
    public.refresh_from_db()
    assert public.superseded_at is not None


def test_an_adopted_version_that_claims_something_waits_for_two(
    cast: Any, tactic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(VERSIONS, "RULES-1.1", replace(CURRENT, version="RULES-1.1"))
    public = Rating.objects.public().get(tactic=tactic)
    rules.adopt(version="RULES-1.1", reason="A new name.", by=cast.director)
    registry.rerate(tactic=tactic)
    assert Rating.objects.public().get(tactic=tactic) == public
    assert candidate(tactic).rules_version == "RULES-1.1"


def test_the_page_is_for_reviewers_and_the_director(
    cast: Any, sign_in: Any, tactic: Any, strict: pure.Rules
) -> None:
    url = reverse("rating-replay")
    assert sign_in(cast.registrar).get(url).status_code == 403
    client = sign_in(cast.reviewer)
    assert "0 labels would change" in words(client.get(url, {"version": "RULES-1.0"}))
    page = words(client.get(url, {"version": "RULES-9.9"}))
    assert "3 labels would change" in page
    assert "Effective → Inconclusive" in page
    changed = words(client.get(url, {"cutoff": "eligible_security", "value": "5"}))
    assert "RULES-1.0 with one cut-off changed: 3 labels would change" in changed
    wrong = client.get(url, {"cutoff": "eligible_security", "value": "five"})
    assert (wrong.status_code, "Enter the cut-off" in words(wrong)) == (422, True)
    assert "Adopt this version" not in words(client.get(url))
    director = sign_in(cast.director)
    assert "Adopt this version" in words(director.get(url))
    refused = director.post(reverse("rules-adopt"), {"version": "RULES-9.9", "reason": ""})
    assert (refused.status_code, "Say why the rules change" in words(refused)) == (422, True)
    done = director.post(reverse("rules-adopt"), {"version": "RULES-9.9", "reason": "Stricter."}, follow=True)
    assert "RULES-9.9 rates from now on" in words(done)
    assert "Stricter." in words(client.get(reverse("rating-rules")))
    assert RulesAdoption.objects.get().by == cast.director


# --- appeals ----------------------------------------------------------------------------------------


@pytest.fixture
def public(cast: Any) -> Rating:
    """A public rating on one trial, of whose team the analyst was."""
    made = published(cast.registrar)
    found(made, cast.publisher, conflicted_user_ids=(cast.analyst.pk,))
    return signed(candidate(made), cast.reviewer, cast.second_reviewer)


def test_a_force_appeals_and_two_others_uphold(cast: Any, public: Rating) -> None:
    appeal = appeals.make(rating=public, grounds="The dose was measured.", by=cast.force_user)
    assert (appeal.on_behalf_of, appeal.decision) == (str(cast.force_user.forces.first()), "")
    with pytest.raises(Conflict, match="open already"):
        appeals.make(rating=public, grounds="Again.", by=cast.other_force_user)
    for who in (cast.reviewer, cast.analyst, cast.force_user):
        with pytest.raises(NotPermitted):
            appeals.answer(appeal=appeal, decision="upheld", reason="Yes.", by=who)
    assert set(Appeal.objects.waiting_for(cast.registrar)) == {appeal}
    appeals.answer(appeal=appeal, decision="upheld", reason="It was.", by=cast.registrar)
    assert not Appeal.objects.waiting_for(cast.registrar).exists()
    with pytest.raises(NotPermitted, match="answered already"):
        appeals.answer(appeal=appeal, decision="upheld", reason="It was.", by=cast.registrar)
    assert not Rating.objects.candidates().exists()
    appeals.answer(appeal=appeal, decision="upheld", reason="Indeed.", by=cast.director)
    waiting = candidate(public.tactic)
    assert waiting.why[0].startswith("Re-opened: An appeal of")
    assert Rating.objects.public().get(tactic=public.tactic) == public
    assert list(Bulletin.objects.filter(rating=public).values_list("kind", flat=True)) == [
        "reopened", "appeal", "appeal", "rated",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="decided: upheld"):
        appeals.answer(appeal=Appeal.objects.get(), decision="upheld", reason="Too.", by=cast.registrar)
    assert not Appeal.objects.open().exists()


def test_a_dismissed_appeal_leaves_the_rating(cast: Any, public: Rating) -> None:
    appeal = appeals.make(rating=public, grounds="The dose was measured.", by=cast.analyst)
    assert appeal.on_behalf_of.startswith("the team of “Trial")
    for who in (cast.registrar, cast.director):
        appeals.answer(appeal=appeal, decision="dismissed", reason="It was not.", by=who)
    assert not Rating.objects.candidates().exists()
    assert not Bulletin.objects.filter(kind="reopened").exists()


@pytest.mark.parametrize("who", ["researcher", "publisher", "custodian"])
def test_who_is_no_force_and_no_team_does_not_appeal(cast: Any, public: Rating, who: str) -> None:
    with pytest.raises(NotPermitted):
        appeals.make(rating=public, grounds="I disagree.", by=getattr(cast, who))


def test_only_what_is_public_now_is_appealed_against(cast: Any, public: Rating) -> None:
    older = Rating.objects.exclude(pk=public.pk).get()
    with pytest.raises(Conflict, match="public now"):
        appeals.make(rating=older, grounds="It was not untested.", by=cast.force_user)


def test_the_pages_of_an_appeal(cast: Any, sign_in: Any, client: Any, public: Rating) -> None:
    force = sign_in(cast.force_user)
    assert "Appeal against this rating" in words(force.get(public.get_absolute_url()))
    assert "Appeal against this rating" not in words(client.get(public.get_absolute_url()))
    url = reverse("rating-appeal", args=[public.pk])
    assert sign_in(cast.researcher).get(url).status_code == 403
    empty = force.post(url, {"grounds": " "})
    assert (empty.status_code, "Enter what is wrong with the rating" in words(empty)) == (422, True)
    private = force.post(url, {"grounds": "Ring 07700 900123"})
    assert (private.status_code, "07700 900123" in private.content.decode()) == (422, True)
    made = force.post(url, {"grounds": "The dose was measured."}, follow=True)
    assert "Waits for two people" in words(made)
    appeal = Appeal.objects.get()
    page = words(client.get(appeal.get_absolute_url()))
    assert "The dose was measured." in page
    assert cast.force_user.name not in page
    assert "Appeals to answer 1" in words(sign_in(cast.director).get(reverse("my-work")))
    answer = reverse("appeal-answer", args=[appeal.public_id])
    director = sign_in(cast.director)
    wrong = director.post(answer, {"decision": "maybe", "reason": "Because of this"})
    assert (wrong.status_code, "Because of this" in wrong.content.decode()) == (422, True)
    done = director.post(answer, {"decision": "dismissed", "reason": "It was not."}, follow=True)
    assert "Dismissed by Dru Director" in words(done)
    assert sign_in(cast.reviewer).post(answer, {"decision": "upheld", "reason": "Yes"}).status_code == 403
